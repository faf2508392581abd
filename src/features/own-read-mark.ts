import { sleep } from '../shared/clock.js';
import type { ChatError } from '../shared/errors.js';
import { dictionarySetFields } from '../transport/operations/dictionaries.js';
import type { FeatureHost } from './feature.js';
import { LateWrites } from './late-writes.js';
import { encodeMark, type Mark, mergeMarks, sameMark } from './read-state.js';

/** The type of the event, and the name of the dictionary. */
export const READ = 'read';
/** One change a second at most is stored and told (milliseconds). */
const THROTTLE_MS = 1000;
/** Everybody's marks go to everybody: where there are more readers than this, each tells of theirs less often. */
const MANY_READERS = 50;
const THROTTLE_AMONG_MANY_MS = 10_000;
/** Another tab that stored an older mark gets this long to learn better (milliseconds). */
const REPAIR_MS = 500;
/** The call of a page that goes away has arrived by then, or never does (milliseconds). */
const STORED_BY_MS = 6000;

interface Follower {
  /** How many readers there are. */
  readers(): number;
  /** Called when the mark has a new value. */
  taken(mark: Mark): void;
}

/** How far the room's own user has read: stored first, and told then. */
export class OwnReadMark {
  readonly #host: FeatureHost;
  readonly #follower: Follower;
  readonly #late: LateWrites;
  /** Stored, or about to be. */
  #mark: Mark | undefined;
  /** The one that is known to be stored. */
  #stored: Mark | undefined;
  /** How many were stored from here: a reading that began before may be older. */
  writes = 0;
  /** The last one that was stored from here, and when that began (monotonic): others are told of in another order than they are stored. */
  #written: Mark | undefined;
  #writtenAt = Number.NEGATIVE_INFINITY;
  /** The last that was heard of or read. */
  #news: Mark | undefined;
  /** One that was stored from here, or may be, while nobody may know of it. */
  #untold: Mark | undefined;
  /** A change that waits for its turn takes along what is changed until then. */
  #waiting: Promise<void> | undefined;
  #storing: Promise<void> = Promise.resolve();
  #lastFlush = Number.NEGATIVE_INFINITY;
  #signal: AbortSignal | undefined;

  constructor(host: FeatureHost, follower: Follower) {
    this.#host = host;
    this.#follower = follower;
    this.#late = new LateWrites(host);
    host.onJoined((signal) => {
      this.#signal = signal;
      this.#lastFlush = Number.NEGATIVE_INFINITY;
    });
    host.onVisibility((state) => {
      if (state === 'pagehide') void this.#hurry({ keepalive: true });
    });
    host.onLeave(() => this.#hurry({ once: true }));
  }

  get mark(): Mark | undefined {
    return this.#mark;
  }

  /** Changes the mark. */
  show(change: Pick<Mark, 'id'> & Partial<Mark>): void {
    this.#take({ version: '', read: '', ...this.#mark, at: this.#host.clock.now(), ...change });
  }

  /** Has the mark stored, unless it is. Resolves when that is done. */
  async store(): Promise<void> {
    if (this.#isDirty()) await this.#flushSoon(0);
  }

  /** A tab or device of the user's told of this. One that `leaves` told of it before it was stored. */
  heard(mark: Mark, leaves: boolean): void {
    const signal = this.#signal;
    if (sameMark(this.#untold, mark)) this.#untold = undefined;
    const isRecent = this.#host.clock.monotonic() - this.#writtenAt < STORED_BY_MS;
    // It may be one's own, or have been written over by one's own.
    if (!sameMark(this.#written, mark)) this.takeStored(mark, !isRecent);
    if (!leaves || signal === undefined) return;
    void sleep(this.#host.clock, STORED_BY_MS, signal).then(() => {
      if (!signal.aborted && !sameMark(this.#mark, mark)) this.lost();
    });
  }

  /** Storage has this, or will have, unless it was written over from here. That may be less than is known here. */
  takeStored(mark: Mark, isSure: boolean): void {
    this.#stored = isSure ? mark : undefined;
    this.#news = mark;
    this.#take(mark);
    this.#flushSoon(REPAIR_MS * (1 + this.#host.clock.random())).catch(() => {});
  }

  /** Storage may have another one. */
  lost(): void {
    this.#stored = undefined;
    this.#flushSoon(0).catch(() => {});
  }

  #take(mark: Mark): void {
    const merged = mergeMarks(this.#mark, mark);
    if (sameMark(this.#mark, merged)) return;
    this.#mark = merged;
    this.#follower.taken(merged);
  }

  /** Stores and tells what is not, after `ms` and after the throttle. Calls share what is under way. */
  #flushSoon(ms: number): Promise<void> {
    const { clock } = this.#host;
    const signal = this.#signal;
    if (!this.#isDue() || signal === undefined || signal.aborted) return Promise.resolve();
    const interval = this.#follower.readers() > MANY_READERS ? THROTTLE_AMONG_MANY_MS : THROTTLE_MS;
    const wait = Math.max(ms, this.#lastFlush + interval - clock.monotonic());
    this.#waiting ??= this.#flushAfter(wait, signal);
    return this.#waiting;
  }

  async #flushAfter(ms: number, signal: AbortSignal): Promise<void> {
    // One after the other: what is stored last is the newest.
    await Promise.all([this.#storing, ms > 0 ? sleep(this.#host.clock, ms, signal) : undefined]);
    this.#waiting = undefined;
    if (signal.aborted || !this.#isDue()) return;
    this.#lastFlush = this.#host.clock.monotonic();
    const stored = this.#store({});
    this.#storing = stored.catch(() => {});
    await stored;
  }

  /** The page or the join ends: what waits is stored and told now, as far as that can still be done. */
  async #hurry(how: { once?: boolean; keepalive?: boolean }): Promise<void> {
    if (this.#isDue()) await this.#store(how).catch(() => {});
  }

  /** A page that goes away stores and tells at once. */
  async #store(how: { once?: boolean; keepalive?: boolean }): Promise<void> {
    const { id } = this.#host.author();
    const mark = this.#mark;
    if (id === undefined || mark === undefined) return;
    this.#untold = mark;
    const { ttlSeconds } = this.#host;
    const fields = new Map([[id, encodeMark(mark)]]);
    const write = async () => {
      const before = this.#news;
      this.#written = mark;
      this.#writtenAt = this.#host.clock.monotonic();
      await this.#host.call(
        dictionarySetFields,
        { dictionary: this.#host.key(READ), fields, ttlSeconds },
        // It may go forward or back, or both at once.
        { action: 'store the read marker', ...how },
      );
      this.writes += 1;
      const isLast = before === this.#news || sameMark(this.#news, mark);
      this.#stored = isLast ? mark : undefined;
      // A newer one that was heard of meanwhile may have been written over.
      if (this.#isDirty()) this.#flushSoon(0).catch(() => {});
    };
    // An older mark may have been written over a newer one.
    const stored =
      this.#isDirty() &&
      this.#late.write(mark.id, write, () => {
        if (!sameMark(this.#mark, mark)) this.lost();
      });
    const leaves = how.once || how.keepalive;
    const tell = async () => {
      await this.#host.events.send(READ, leaves ? { ...mark, leaves } : { ...mark }, how);
      if (this.#untold === mark) this.#untold = undefined;
    };
    if (leaves) await Promise.allSettled([stored, tell()]);
    else {
      await stored;
      // Others read it at their next occasion, or are told after the next reading.
      await tell().catch(({ code }: ChatError) => {
        if (code === 'permission-denied') this.#untold = undefined;
      });
    }
  }

  #isDue(): boolean {
    return this.#untold !== undefined || this.#isDirty();
  }

  /** Whether there is something to store. Users without an id have nowhere to. */
  #isDirty(): boolean {
    const mark = this.#mark;
    return mark !== undefined && this.#host.author().id !== undefined && !sameMark(this.#stored, mark);
  }
}
