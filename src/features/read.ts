import { assertMessageId, idAbove } from '../messages/message-id.js';
import { sleep } from '../shared/clock.js';
import { ChatError } from '../shared/errors.js';
import { dictionaryFetch, dictionarySetFields } from '../transport/operations/dictionaries.js';
import { isWrongKind } from '../transport/wrong-kind.js';
import type { FeatureHost } from './feature.js';
import {
  asMark,
  decodeMark,
  encodeMark,
  idBefore,
  type Mark,
  mergeMarks,
  NOTHING_UNREAD,
  sameMark,
  sameUnread,
  type Unread,
  unreadOf,
} from './read-state.js';

const EVENT = 'read';
/** One change a second at most is stored and told (milliseconds). */
const THROTTLE_MS = 1000;
/** Everybody's marks go to everybody: where there are more readers than this, each tells of theirs less often. */
const MANY_READERS = 50;
const THROTTLE_AMONG_MANY_MS = 10_000;
/** Readers beyond this are not kept. */
const MAX_READERS = 1000;
/** Another tab that stored an older mark gets this long to learn better (milliseconds). */
const REPAIR_MS = 500;
const MAX_USER_ID_LENGTH = 256;
/** The marker of who came before the first message. */
const BEFORE_ALL = '00000000-0000-7000-8000-000000000000';

export interface ReadOptions {
  /** Called when `unread` or `receipts` has a new value. */
  onChange: (unread: Unread, receipts: ReadonlyMap<string, string>) => void;
  /** Set for what has readers of its own within the room, such as the id of a thread. */
  scope?: string;
}

/** How far the room's own user and others have read. */
export class ReadMarks {
  readonly #host: FeatureHost;
  readonly #options: ReadOptions;
  readonly #receipts = new Map<string, string>();
  #snapshot: ReadonlyMap<string, string> = new Map();
  /** The own mark, stored or about to be. */
  #mark: Mark | undefined;
  /** The own mark that is known to be stored. */
  #stored: Mark | undefined;
  /** Whether storage was read: until then nothing is known of what is unread. */
  #known = false;
  /** The message to mark once the page is visible. */
  #deferred: string | undefined;
  #unread: Unread = NOTHING_UNREAD;
  #counting = false;
  /** A change that waits for its turn takes along what is changed until then. */
  #waiting: Promise<void> | undefined;
  #storing: Promise<void> = Promise.resolve();
  #lastFlush = Number.NEGATIVE_INFINITY;
  #signal: AbortSignal | undefined;

  constructor(host: FeatureHost, options: ReadOptions) {
    this.#host = host;
    this.#options = options;
    host.onJoined((signal) => {
      this.#signal = signal;
      this.#deferred = undefined;
      this.#lastFlush = Number.NEGATIVE_INFINITY;
    });
    host.events.on(EVENT, ({ data, user: { id }, verifiedUserId }) => {
      const mark = asMark(data, host.clock.now());
      if (data.scope !== options.scope || id === undefined || mark === undefined) return;
      if (verifiedUserId === undefined || verifiedUserId === id) this.#heard(id, mark);
    });
    host.onResync((signal) => this.#read(signal));
    host.onVisibility((state) => {
      if (state === 'visible') this.#undefer();
      else if (state === 'pagehide') void this.#hurry({ keepalive: true });
    });
    host.onLeave(() => this.#hurry({ once: true }));
    host.timeline.onChange(() => this.#countSoon());
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
    if (newest === undefined) return;
    // A message that was never shown cannot have been read.
    const target = id === undefined || id > newest ? newest : id;
    if (!this.#host.isVisible()) {
      if (this.#deferred === undefined || this.#deferred < target) this.#deferred = target;
      return;
    }
    await this.#readUpTo(target);
  }

  /** Makes the message with that id, and all after it, unread again. Resolves when that is stored. */
  async markUnread(id: string): Promise<void> {
    assertMessageId(id, 'mark messages as unread');
    this.#deferred = undefined;
    const { version, read = '' } = this.#mark ?? {};
    await this.#set({
      id: idBefore(id),
      version: idAbove(version, this.#host.nextId()),
      read,
      at: this.#host.clock.now(),
    });
  }

  #readUpTo(id: string): Promise<void> {
    const { version = '' } = this.#mark ?? {};
    return this.#set({ id, version, read: id, at: this.#host.clock.now() });
  }

  /** Takes an own mark over and has it stored, unless it changes nothing. */
  async #set(mark: Mark): Promise<void> {
    this.#take(mark);
    await this.#flushSoon(0);
  }

  #take(mark: Mark): void {
    const merged = mergeMarks(this.#mark, mark);
    if (sameMark(this.#mark, merged)) return;
    this.#mark = merged;
    const { id } = this.#host.author();
    const told = id !== undefined && this.#receipt(id, merged.read);
    this.#count(told);
  }

  /** Stores the own mark if it is not, after `ms` and after the throttle. Calls share what is under way. */
  #flushSoon(ms: number): Promise<void> {
    const { clock } = this.#host;
    const signal = this.#signal;
    if (!this.#isDirty() || signal === undefined || signal.aborted) return Promise.resolve();
    const interval = this.#receipts.size > MANY_READERS ? THROTTLE_AMONG_MANY_MS : THROTTLE_MS;
    const wait = Math.max(ms, this.#lastFlush + interval - clock.monotonic());
    this.#waiting ??= this.#flushAfter(wait, signal);
    return this.#waiting;
  }

  async #flushAfter(ms: number, signal: AbortSignal): Promise<void> {
    // One after the other: what is stored last is the newest.
    await Promise.all([this.#storing, ms > 0 ? sleep(this.#host.clock, ms, signal) : undefined]);
    this.#waiting = undefined;
    if (signal.aborted) return;
    this.#lastFlush = this.#host.clock.monotonic();
    const stored = this.#store({});
    this.#storing = stored.catch(() => {});
    await stored;
  }

  /** The page or the join ends: what waits is stored now, as far as that can still be done. */
  async #hurry(how: { once?: boolean; keepalive?: boolean }): Promise<void> {
    if (this.#isDirty()) await this.#store(how).catch(() => {});
  }

  /** Stores first and tells then; a page that goes away does both at once. */
  async #store(how: { once?: boolean; keepalive?: boolean }): Promise<void> {
    const { id } = this.#host.author();
    const mark = this.#mark;
    if (id === undefined || mark === undefined) return;
    const { ttlSeconds } = this.#host;
    const stored = this.#host
      .call(
        dictionarySetFields,
        { dictionary: this.#key(), fields: new Map([[id, encodeMark(mark)]]), ttlSeconds },
        // It may go forward or back, or both at once.
        { action: 'store the read marker', ...how },
      )
      .then(() => {
        this.#stored = mark;
      });
    const { scope } = this.#options;
    const tell = () =>
      this.#host.events.send(EVENT, { ...mark, ...(scope === undefined ? {} : { scope }) }, how);
    if (how.once || how.keepalive) await Promise.allSettled([stored, tell()]);
    else {
      await stored;
      // Others read it at their next occasion.
      await tell().catch(() => {});
    }
  }

  /** Whether there is something to store. Users without an id have nowhere to. */
  #isDirty(): boolean {
    const mark = this.#mark;
    return mark !== undefined && this.#host.author().id !== undefined && !sameMark(this.#stored, mark);
  }

  #heard(userId: string, mark: Mark): void {
    if (userId !== this.#host.author().id) {
      if (this.#receipt(userId, mark.read)) this.#count(true);
      return;
    }
    this.#takeStored(mark);
  }

  /** Another tab or device of the user's, or storage, has this. Storage may now hold less than is known here. */
  #takeStored(mark: Mark): void {
    this.#stored = mark;
    this.#take(mark);
    if (this.#isDirty()) this.#flushSoon(REPAIR_MS * (1 + this.#host.clock.random())).catch(() => {});
  }

  async #read(signal: AbortSignal): Promise<void> {
    const fields = await this.#fetch(signal);
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
        new ChatError(
          'malformed-message',
          'unable to read who has read what; something else is stored there',
        ),
      );
    const first = !this.#known;
    this.#known = true;
    if (mine !== undefined) this.#takeStored(mine);
    else if (this.#mark === undefined) this.#begin();
    else if (fields !== undefined) {
      this.#stored = undefined;
      void this.#flushSoon(0).catch(() => {});
    }
    this.#count(told || first);
  }

  /** A first visit: what was there before is no flood of unread messages, and nobody is told that it was read. */
  #begin(): void {
    const id = this.#host.timeline.newestAtJoin() ?? BEFORE_ALL;
    this.#take({ id, version: '', read: '', at: this.#host.clock.now() });
    this.#flushSoon(0).catch(() => {});
  }

  async #fetch(signal: AbortSignal): Promise<Map<string, string> | undefined> {
    try {
      return await this.#host.call(dictionaryFetch, { dictionary: this.#key() }, { once: true, signal });
    } catch (problem) {
      const denied = problem instanceof ChatError && problem.code === 'permission-denied';
      if (!denied && !isWrongKind(problem)) throw problem;
      this.#host.report(problem as ChatError);
      return undefined;
    }
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
    const id = this.#deferred;
    this.#deferred = undefined;
    if (id !== undefined) this.#readUpTo(id).catch((problem: ChatError) => this.#host.report(problem));
  }

  #newest(): string | undefined {
    const shown = this.#host.timeline.messages();
    return shown.findLast(({ deletedAt, status }) => deletedAt === undefined && status === 'sent')?.id;
  }

  /** Messages change many at a time: they are counted once. */
  #countSoon(): void {
    if (this.#counting) return;
    this.#counting = true;
    queueMicrotask(() => {
      this.#counting = false;
      this.#count(false);
    });
  }

  #count(told: boolean): void {
    const { timeline } = this.#host;
    // Nobody has a marker before the first message.
    const marker = this.#mark?.id ?? '';
    const next = this.#known ? unreadOf(timeline.messages(), marker, timeline.hasOlder()) : NOTHING_UNREAD;
    const same = sameUnread(next, this.#unread);
    if (!same) this.#unread = next;
    if (told) this.#snapshot = new Map(this.#receipts);
    if (told || !same) this.#options.onChange(this.#unread, this.#snapshot);
  }

  #key(): string {
    const { scope } = this.#options;
    return this.#host.key(scope === undefined ? 'read' : `read:${scope}`);
  }
}
