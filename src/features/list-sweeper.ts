import { contentKey } from '../messages/idless.js';
import type { Message } from '../messages/message.js';
import { historyKey } from '../shared/room-address.js';
import { listRemoveValue } from '../transport/operations/lists.js';
import type { FeatureHost } from './feature.js';
import { mendLater } from './gather.js';
import { scanStored, storedMessage } from './stored-messages.js';

/** Tells that entries were removed, so that not everybody who met them looks for them. */
const SWEPT = 'swept';
const MAX_SWEPT = 50;
/** Messages that wait to be removed; others are met again with the next reading. */
const MAX_LISTED = 200;

/** Removes deleted messages from the list. */
export class ListSweeper {
  readonly #host: FeatureHost;
  readonly #isDeleted: (message: Message) => boolean;
  /** Ids that were met in the list. */
  readonly #listed = new Set<string>();
  readonly #sweepLater: (ids: readonly string[]) => void;

  constructor(host: FeatureHost, isDeleted: (message: Message) => boolean) {
    this.#host = host;
    this.#isDeleted = isDeleted;
    // A client that may not remove them, or cannot, leaves it to others.
    this.#sweepLater = mendLater(host, () => this.#sweep());
    // Those that no earlier join had the time for.
    host.onJoined(() => {
      if (this.#listed.size > 0) this.#sweepLater([]);
    });
    host.events.on(SWEPT, ({ data: { ids } }) => {
      // Anything may stand in the place of an id: it is compared, and not made a text of.
      if (Array.isArray(ids)) for (const id of ids.slice(0, MAX_SWEPT)) this.#listed.delete(id);
    });
  }

  /** Removes messages that are still, or again, in the list: in a while, unless somebody tells that it is done. */
  met(ids: readonly string[]): void {
    for (const id of ids) if (this.#listed.size < MAX_LISTED) this.#listed.add(id);
    if (ids.length > 0) this.#sweepLater([]);
  }

  /**
   * Removes every entry with such an id. One without an id is removed when no other says the same. Ends with the first window
   * below those found that holds no more, or after `maxWindows`.
   */
  async remove(ids: ReadonlySet<string>, maxWindows = Number.POSITIVE_INFINITY): Promise<void> {
    const payloads = new Set<string>();
    const found = new Set<string>();
    const alike = new Map<string, { payload: string; places: Set<number> }>();
    for (const id of ids) {
      const original = this.#host.timeline.original(id);
      if (original !== undefined) alike.set(contentKey(original), { payload: '', places: new Set() });
    }
    let windows = 0;
    await scanStored(this.#host, (window) => {
      const before = payloads.size;
      for (const { index, payload, decoded } of window) {
        const { id } = decoded;
        if (id === undefined) {
          const same = alike.get(contentKey(decoded));
          same?.places.add(index);
          if (same !== undefined) same.payload = payload;
        } else if (ids.has(id)) {
          const message = this.#host.timeline.original(id) ?? storedMessage(this.#host, decoded, id);
          if (!this.#isDeleted(message)) continue;
          found.add(id);
          payloads.add(payload);
        }
      }
      windows += 1;
      return windows >= maxWindows || (found.size === ids.size && payloads.size === before);
    });
    for (const id of ids) {
      const original = found.has(id) ? undefined : this.#host.timeline.original(id);
      const same = original && alike.get(contentKey(original));
      if (same?.places.size === 1) payloads.add(same.payload);
    }
    for (const value of payloads) {
      const entry = { list: historyKey(this.#host.room), value };
      await this.#host.call(listRemoveValue, entry, { action: 'delete the message' });
    }
  }

  async #sweep(): Promise<void> {
    const ids = [...this.#listed];
    if (ids.length === 0) return;
    await this.remove(new Set(ids));
    for (const id of ids) this.#listed.delete(id);
    for (let start = 0; start < ids.length; start += MAX_SWEPT)
      await this.#host.events.send(SWEPT, { ids: ids.slice(start, start + MAX_SWEPT) }, { once: true });
  }
}
