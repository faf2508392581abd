import { assertMessageId, idAbove } from '../messages/message-id.js';
import { raceAbort } from '../shared/clock.js';
import { unable } from '../shared/errors.js';
import { oncePerTurn } from '../shared/once-per-turn.js';
import { dictionaryFetch, dictionaryGetFields } from '../transport/operations/dictionaries.js';
import { asFarAsReadable } from './as-far-as-readable.js';
import type { FeatureHost } from './feature.js';
import { OwnReadMark, READ } from './own-read-mark.js';
import {
  asMark,
  decodeMark,
  idBefore,
  type Mark,
  NOTHING_UNREAD,
  sameUnread,
  type Unread,
  unreadOf,
} from './read-state.js';

/** Readers beyond this are not kept. */
const MAX_READERS = 1000;
const MAX_USER_ID_LENGTH = 256;
/** The marker of who came before the first message. */
const BEFORE_ALL = '00000000-0000-7000-8000-000000000000';

export interface ReadOptions {
  /** Called when `unread` or `receipts` has a new value. */
  onChange: (unread: Unread, receipts: ReadonlyMap<string, string>) => void;
}

/** How far the room's own user and others have read. */
export class ReadMarks {
  readonly #host: FeatureHost;
  readonly #options: ReadOptions;
  readonly #own: OwnReadMark;
  readonly #receipts = new Map<string, string>();
  #snapshot: ReadonlyMap<string, string> = new Map();
  /** Whether storage was read: until then nothing is known of what is unread. */
  #known = false;
  /** Functions that show early changes once more, after the first reading of a join or of the next one; undefined once that was made. */
  #early: (() => void)[] | undefined = [];
  /** The change to make once the page is visible. */
  #deferred: { id: string; read?: string } | undefined;
  #unread: Unread = NOTHING_UNREAD;
  /** Not all of it can be read in this join. */
  #tooMuch = false;

  constructor(host: FeatureHost, options: ReadOptions) {
    this.#host = host;
    this.#options = options;
    this.#own = new OwnReadMark(host, {
      readers: () => this.#receipts.size,
      taken: ({ read }) => {
        const { id } = host.author();
        this.#count(id !== undefined && this.#receipt(id, read));
      },
    });
    host.onJoined(() => {
      this.#deferred = undefined;
      this.#tooMuch = false;
      this.#early ??= [];
    });
    host.events.on(READ, ({ data, user: { id }, verifiedUserId }) => {
      const mark = asMark(data, host.clock.now());
      if (id === undefined || mark === undefined) return;
      if (verifiedUserId === undefined || verifiedUserId === id) this.#heard(id, mark, data.leaves === true);
    });
    host.onResync((signal) => this.#read(signal));
    host.onVisibility((state) => {
      if (state === 'visible') this.#undefer();
    });
    // Messages change many at a time: they are counted once.
    host.timeline.onChange(oncePerTurn(() => this.#count(false)));
  }

  /** The same object until it changes. */
  get unread(): Unread {
    return this.#unread;
  }

  /** The newest message that each user has read, by user id; a new map whenever it changes. */
  get receipts(): ReadonlyMap<string, string> {
    return this.#snapshot;
  }

  /** The newest message that everybody else has read who is in `receipts`; undefined when nobody is. */
  get everyoneReadUpTo(): string | undefined {
    const { id: own } = this.#host.author();
    let least: string | undefined;
    for (const [userId, id] of this.#snapshot)
      if (userId !== own && (least === undefined || id < least)) least = id;
    return least;
  }

  /**
   * Marks the messages up to `id` as read; default: the newest that is shown. It never goes back. Resolves when that is
   * stored; while the page is hidden at once, and it is done when the page is visible again.
   */
  async mark(id?: string): Promise<void> {
    if (id !== undefined) assertMessageId(id, 'mark messages as read');
    const newest = this.#newest();
    const { timeline } = this.#host;
    // Where no message is shown, the marker moves without a receipt.
    const last = newest ?? timeline.ids().findLast((one) => timeline.original(one)?.status === 'sent');
    if (last === undefined) return;
    // A message that was never shown cannot have been read.
    const target = id === undefined || id > last ? last : id;
    const change = { id: target, ...(newest && { read: target }) };
    if (this.#host.isVisible()) await this.#change(() => change);
    else if ((this.#deferred?.id ?? '') < target) this.#deferred = change;
  }

  /** Makes the message with that id, and all after it, unread again. Resolves when that is stored. */
  async markUnread(id: string): Promise<void> {
    assertMessageId(id, 'mark messages as unread');
    this.#deferred = undefined;
    await this.#change(() => ({
      id: idBefore(id),
      version: idAbove(this.#own.mark?.version, this.#host.nextId()),
    }));
  }

  /**
   * Changes the own mark. It shows at once, and once more when the stored one is known, which may have a later version. It is not
   * stored before that, unless the stored one cannot be read.
   */
  async #change(change: () => Parameters<OwnReadMark['show']>[0]): Promise<void> {
    const show = () => this.#own.show(change());
    show();
    const early = this.#early;
    if (early !== undefined) {
      const { life } = this.#host;
      const tried = new Promise<void>((resolve) => {
        early.push(() => {
          show();
          resolve();
        });
      });
      await raceAbort(tried, life);
      life.throwIfAborted();
    }
    await this.#own.store();
  }

  /** The stored mark is known, or cannot be read. */
  #goOn(): void {
    for (const act of this.#early ?? []) act();
  }

  #heard(userId: string, mark: Mark, leaves: boolean): void {
    if (userId === this.#host.author().id) this.#own.heard(mark, leaves);
    else if (this.#receipt(userId, mark.read)) this.#count(true);
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { writes } = this.#own;
    const fields = await this.#fetch(signal).catch((problem: unknown) => {
      this.#goOn();
      throw problem;
    });
    const { id: own } = this.#host.author();
    const now = this.#host.clock.now();
    let told = false;
    let malformed = false;
    let mine: Mark | undefined;
    for (const [userId, text] of fields ?? []) {
      const mark = decodeMark(text, now);
      if (mark === undefined) malformed = true;
      else if (userId === own) mine = mark;
      else if (this.#receipt(userId, mark.read)) told = true;
    }
    if (malformed)
      this.#host.report(
        unable('malformed-message', 'read who has read what', 'something else is stored there'),
      );
    if (mine !== undefined) this.#own.takeStored(mine, writes === this.#own.writes);
    else if (this.#own.mark === undefined) this.#begin();
    else if (fields !== undefined) this.#own.lost();
    this.#goOn();
    this.#early = undefined;
    const first = !this.#known;
    this.#known = true;
    this.#count(told || first);
  }

  /** A first visit: what was there before is no flood of unread messages, and nobody is told that it was read. */
  #begin(): void {
    const id = this.#host.timeline.newestAtJoin() ?? BEFORE_ALL;
    this.#own.show({ id });
    this.#own.store().catch(() => {});
  }

  /** Reads the marks; the own one alone where somebody has stored more than is read. */
  async #fetch(signal: AbortSignal): Promise<Map<string, string> | undefined> {
    const host = this.#host;
    const dictionary = host.key(READ);
    const how = { action: 'read who has read what', once: true, signal };
    if (!this.#tooMuch) {
      const all = await asFarAsReadable(host, host.call(dictionaryFetch, { dictionary }, how));
      if (all !== undefined) return all;
      this.#tooMuch = true;
    }
    const { id } = host.author();
    if (id === undefined) return undefined;
    return asFarAsReadable(host, host.call(dictionaryGetFields, { dictionary, fields: [id] }, how));
  }

  /** A user has read up to `id`. Never back; false when that is no news. */
  #receipt(userId: string, id: string): boolean {
    if (id === '' || userId.length > MAX_USER_ID_LENGTH) return false;
    const known = this.#receipts.get(userId);
    if (known === undefined ? this.#receipts.size >= MAX_READERS : known >= id) return false;
    this.#receipts.set(userId, id);
    return true;
  }

  #undefer(): void {
    const change = this.#deferred;
    this.#deferred = undefined;
    if (change !== undefined) this.#change(() => change).catch((problem) => this.#host.report(problem));
  }

  #newest(): string | undefined {
    const shown = this.#host.timeline.messages();
    return shown.findLast(({ deletedAt, status }) => deletedAt === undefined && status === 'sent')?.id;
  }

  #count(told: boolean): void {
    const { timeline } = this.#host;
    // Nobody has a marker before the first message.
    const marker = this.#own.mark?.id ?? '';
    const next = this.#known
      ? unreadOf(timeline.messages(), marker, timeline.hasOlder(), timeline.ids()[0])
      : NOTHING_UNREAD;
    const same = sameUnread(next, this.#unread);
    if (!same) this.#unread = next;
    if (told) this.#snapshot = new Map(this.#receipts);
    if (told || !same) this.#options.onChange(this.#unread, this.#snapshot);
  }
}
