import { contentKey } from '../messages/idless.js';
import type { Message } from '../messages/message.js';
import { sleep } from '../shared/clock.js';
import { ChatError } from '../shared/errors.js';
import { historyKey } from '../shared/room-address.js';
import { dictionarySetFields } from '../transport/operations/dictionaries.js';
import { listRemoveValue } from '../transport/operations/lists.js';
import { isWrongKind } from '../transport/wrong-kind.js';
import type { FeatureHost } from './feature.js';
import { DELETE, decodeRevision, EDIT, encodeRevision, REVISIONS, type Revision } from './revision.js';
import type { RoomEvent } from './room-event.js';
import { scanStored, storedMessage } from './stored-messages.js';

/** Where storage does not say what is known. */
export interface RevisionTrouble {
  /** Messages of which a newer revision is known than the stored one. */
  readonly stale: readonly string[];
  /** Deleted messages that are still, or again, in the list. */
  readonly listed: readonly string[];
}

/** The known revisions; see `Revisions`. */
interface KnownRevisions {
  of(message: Message): Revision | undefined;
  isStale(message: Message, stored: Revision | undefined, best: Revision | undefined): boolean;
  stored(ids: readonly string[], signal: AbortSignal): Promise<Map<string, Revision>>;
}

/** Tells that entries were removed, so that not everybody who met them looks for them. */
const SWEPT = 'swept';
const MAX_SWEPT = 50;
/** Storage is put right after a time between the two, so that one client does it and not all (ms). */
const LEAST_WAIT_MS = 2000;
const MOST_WAIT_MS = 20_000;
/** Messages put right in one go. */
const MAX_MENDED = 200;
/** A revision is written again so often, at most: somebody may write otherwise again and again. */
const MAX_REWRITES = 3;
const REMEMBERED = 1000;

/** Writes revisions to storage, and puts right what others wrote at the same moment. */
export class RevisionKeeper {
  /** Called when a revision that was made here was written over that of another device. */
  onRewritten: ((id: string, revision: Revision) => void) | undefined;
  readonly #host: FeatureHost;
  readonly #known: KnownRevisions;
  /** Revisions written here, by message. */
  readonly #wrote = new Map<string, Revision>();
  readonly #rewrites = new Map<string, number>();
  readonly #stale = new Set<string>();
  readonly #listed = new Set<string>();
  #signal: AbortSignal | undefined;
  #mending = false;

  constructor(host: FeatureHost, known: KnownRevisions) {
    this.#host = host;
    this.#known = known;
    host.onJoined((signal) => {
      this.#signal = signal;
      this.#mending = false;
    });
    for (const type of [EDIT, DELETE]) host.events.on(type, (event) => this.#heard(event));
    host.events.on(SWEPT, ({ data: { ids } }) => {
      // Anything may stand in the place of an id: it is compared, and not made a text of.
      if (Array.isArray(ids)) for (const id of ids.slice(0, MAX_SWEPT)) this.#listed.delete(id);
    });
  }

  /** Stores a revision. */
  async store(id: string, revision: Revision): Promise<void> {
    remember(this.#wrote, id, revision);
    await this.#write(new Map([[id, encodeRevision(id, revision)]]));
    const original = this.#host.timeline.original(id);
    const best = original && this.#known.of(original);
    // Something that wins was heard while the call was under way, and may have been overwritten.
    if (original !== undefined && best !== revision && this.#known.isStale(original, revision, best))
      this.mend({ stale: [id], listed: [] });
  }

  /** Puts storage right, in a while. */
  mend({ stale, listed }: RevisionTrouble): void {
    for (const id of stale.slice(0, MAX_MENDED)) this.#stale.add(id);
    for (const id of listed.slice(0, MAX_MENDED)) this.#listed.add(id);
    const signal = this.#signal;
    if (this.#mending || signal === undefined || signal.aborted) return;
    this.#mending = true;
    void this.#mend(signal)
      // A client that may not write, or cannot, leaves it to others.
      .catch(() => {})
      .finally(() => {
        this.#mending = false;
        if (this.#stale.size + this.#listed.size > 0) this.mend({ stale: [], listed: [] });
      });
  }

  /**
   * Removes deleted messages from the list: every entry with such an id. One without an id is removed when no other says the
   * same. Ends with the first window below those found that holds no more, or after `maxWindows`.
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
          if (!isDeleted(this.#known.of(message))) continue;
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

  async #mend(signal: AbortSignal): Promise<void> {
    const { clock, events } = this.#host;
    await sleep(clock, LEAST_WAIT_MS + (MOST_WAIT_MS - LEAST_WAIT_MS) * clock.random(), signal);
    if (signal.aborted) return;
    const listed = take(this.#listed);
    const stale = take(this.#stale);
    if (stale.length > 0) await this.#rewrite(stale, signal);
    if (listed.length === 0) return;
    await this.remove(new Set(listed));
    for (let start = 0; start < listed.length; start += MAX_SWEPT)
      await events.send(SWEPT, { ids: listed.slice(start, start + MAX_SWEPT) }, { once: true });
  }

  async #rewrite(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const stored = await this.#known.stored(ids, signal);
    const fields = new Map<string, string>();
    const news = new Map<string, Revision>();
    for (const id of ids) {
      const original = this.#host.timeline.original(id);
      const best = original === undefined ? this.#wrote.get(id) : this.#known.of(original);
      if (best === undefined) continue;
      const now = stored.get(id);
      const isStale =
        original === undefined
          ? isDeleted(best) && !isDeleted(now)
          : this.#known.isStale(original, now, best);
      const times = this.#rewrites.get(best.id) ?? 0;
      if (!isStale || times >= MAX_REWRITES) continue;
      remember(this.#rewrites, best.id, times + 1);
      fields.set(id, encodeRevision(id, best));
      if (now !== undefined && this.#wrote.get(id)?.id === best.id) news.set(id, best);
    }
    if (fields.size > 0) await this.#write(fields);
    for (const [id, revision] of news) this.onRewritten?.(id, revision);
  }

  async #write(fields: ReadonlyMap<string, string>): Promise<void> {
    const { ttlSeconds } = this.#host;
    const input = { dictionary: this.#host.key(REVISIONS), fields, ttlSeconds };
    try {
      await this.#host.call(dictionarySetFields, input, { action: 'store the change' });
    } catch (problem) {
      if (!isWrongKind(problem)) throw problem;
      throw new ChatError(
        'server',
        'unable to store the change; a member put an entry of another kind in the place of the edits',
        { cause: problem, retryable: false },
      );
    }
  }

  /** Somebody revised a message that was revised here as well: one of the two calls overwrote the other. */
  #heard(event: RoomEvent): void {
    const { of } = decodeRevision(event) ?? {};
    const wrote = of === undefined ? undefined : this.#wrote.get(of);
    if (of !== undefined && wrote !== undefined && wrote.id !== event.id)
      this.mend({ stale: [of], listed: [] });
  }
}

function isDeleted(revision: Revision | undefined): boolean {
  return revision !== undefined && revision.content === undefined;
}

/** Empties a set, up to what is done in one go. */
function take(ids: Set<string>): string[] {
  const taken = [...ids].slice(0, MAX_MENDED);
  for (const id of taken) ids.delete(id);
  return taken;
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= REMEMBERED) return;
    map.delete(oldest);
  }
}
