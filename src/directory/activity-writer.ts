import { type Scheduler, sleep } from '../shared/clock.js';
import { ChatError } from '../shared/errors.js';
import { remember } from '../shared/remember.js';
import { FailedWrites } from './failed-writes.js';

/** One write a second and room at most (milliseconds). */
const THROTTLE_MS = 1000;
/** Others that told of an older activity get so long, and up to twice that, before it is written anew (milliseconds). */
const REPAIR_MS = 500;
/** So many times longer waits who knows that somebody else wrote later: theirs is the one to be written anew. */
const OTHERS_FIRST = 4;
/** Rooms whose last activity is remembered. */
const MAX_REMEMBERED = 1000;

interface Activity {
  /** When something was said from here last; 0 where nothing was. */
  at: number;
  /** Whether that time, or a later one, stood in storage once. */
  stored: boolean;
  /** When it may be written next (monotonic). */
  nextAt: number;
  /** It waits to be written. */
  waits: boolean;
  /** Its time is to be stored. */
  store: boolean;
  /** Others are to look at the room in any case. */
  tell: boolean;
  /** Somebody told a later time. */
  overtaken: boolean;
  /** It was sent late, or writing it failed; others may have written since. */
  late: boolean;
}

export interface ActivityWriterOptions {
  scheduler: Scheduler;
  signal: AbortSignal;
  /** When the room was written to last, as far as that is known. */
  latest(room: string): number | undefined;
  /** Whether that time of the room, or a later one, is stored. */
  isStored(room: string, at: number): Promise<boolean>;
  /**
   * Stores that the room was written to then, calls `stored`, and tells of it. Without `stored` it only tells of it; without a time
   * too, that something in the room changed.
   */
  write(room: string, at: number | undefined, stored: (() => void) | undefined): Promise<void>;
  /** Nothing waits to be written any more. */
  onIdle(): void;
}

/** Writes down when something was said from here: at once, and then once a second as long as it goes on. */
export class ActivityWriter {
  readonly failed: FailedWrites;
  readonly #options: ActivityWriterOptions;
  readonly #rooms = new Map<string, Activity>();
  #writing = 0;

  constructor(options: ActivityWriterOptions) {
    this.#options = options;
    const { scheduler, signal } = options;
    this.failed = new FailedWrites(scheduler, signal, (room) => this.#soon(room, this.#of(room), 0));
  }

  get idle(): boolean {
    return this.#writing === 0;
  }

  /**
   * Something was said in the room from here. Where nothing may be written now, that is written with what failed. `isLate`: others
   * may have written since.
   */
  said(room: string, at: number, mayWrite: boolean, isLate: boolean): void {
    const own = this.#of(room);
    own.late ||= isLate;
    own.at = Math.max(at, own.at);
    Object.assign(own, { stored: false, store: true, overtaken: false });
    if (mayWrite) this.changed(room);
    else {
      Object.assign(own, { tell: true, late: true });
      this.failed.add(room);
    }
  }

  /** Something in the room was changed from here, and lists of rooms are to look at it. */
  changed(room: string): void {
    const own = this.#of(room);
    own.tell = true;
    this.#soon(room, own, 0);
  }

  /**
   * Somebody stored or told this time, or none: where it is older than what was written from here, that is written anew. All
   * who wrote to the room find it so; those whose time another one has surpassed need not write it, and would make that one
   * write again.
   */
  heard(room: string, at: number | undefined): void {
    const own = this.#rooms.get(room);
    if (own === undefined || own.at === 0) return;
    if (at !== undefined && at >= own.at) {
      // A time that is only told may be forged: where the own one was never seen in storage, that is looked at.
      if (own.stored) own.store = false;
      else own.overtaken = true;
    } else if (at !== undefined || !own.stored) {
      // One that was taken out was taken out on purpose.
      own.store = true;
      const { scheduler, latest } = this.#options;
      const isOthers = (latest(room) ?? 0) > own.at;
      this.#soon(room, own, REPAIR_MS * (1 + scheduler.random()) * (isOthers ? OTHERS_FIRST : 1));
    }
  }

  /** Storage was read. */
  read(times: ReadonlyMap<string, number>): void {
    for (const [room, own] of this.#rooms) {
      const at = times.get(room);
      own.stored ||= (at ?? 0) >= own.at;
      this.heard(room, at);
    }
  }

  #of(room: string): Activity {
    const known = this.#rooms.get(room);
    const own = known ?? {
      ...{ at: 0, stored: false, nextAt: 0 },
      ...{ waits: false, store: false, tell: false, overtaken: false, late: false },
    };
    remember(this.#rooms, room, own, MAX_REMEMBERED);
    return own;
  }

  #soon(room: string, own: Activity, ms: number): void {
    if (own.waits) return;
    own.waits = true;
    void this.#write(room, own, ms);
  }

  async #write(room: string, own: Activity, ms: number): Promise<void> {
    const { scheduler, signal, isStored, write, onIdle } = this.#options;
    this.#writing += 1;
    const wait = Math.max(ms, own.nextAt - scheduler.monotonic());
    if (wait > 0) await sleep(scheduler, wait, signal);
    const { at, store, tell, overtaken, late } = own;
    Object.assign(own, { waits: false, store: false, tell: false, overtaken: false, late: false });
    if (!signal.aborted && (store || tell)) {
      own.nextAt = scheduler.monotonic() + THROTTLE_MS;
      try {
        const surpassed = store && (overtaken || late) && (await isStored(room, at));
        const stored = () => {
          if (own.at === at) own.stored = true;
        };
        if (surpassed) stored();
        // Members who have it open may not know of a room that only now can be told of.
        const time = store && (late || !surpassed) ? at : undefined;
        if (tell || !surpassed) await write(room, time, surpassed ? undefined : stored);
        this.failed.done(room);
      } catch (problem) {
        // Any other failure is made up for when the room turns out to be missing.
        const { code, retryable } = problem instanceof ChatError ? problem : { retryable: false };
        if (retryable || code === 'permission-denied') {
          own.store ||= store;
          own.tell ||= tell;
          own.late = true;
          this.failed.add(room);
        }
        if (retryable) this.failed.later();
      }
    }
    this.#writing -= 1;
    if (this.idle) onIdle();
  }
}
