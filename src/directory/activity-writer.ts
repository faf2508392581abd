import { type Scheduler, sleep } from '../shared/clock.js';
import { withOwnSignal } from './own-signal.js';

/** One write a second and room at most (milliseconds). */
const THROTTLE_MS = 1000;
/** Others that told of an older activity get so long, and up to twice that, before it is written anew (milliseconds). */
const REPAIR_MS = 500;
/** Rooms whose last activity is remembered. */
const MAX_REMEMBERED = 1000;

interface Activity {
  at: number;
  /** Whether it, or a later one, stood in storage once. */
  stored: boolean;
}

export interface ActivityWriterOptions {
  scheduler: Scheduler;
  signal: AbortSignal;
  /** Stores and tells that the room was written to then; without a time it only tells that something in it changed. */
  write(room: string, at: number | undefined): Promise<void>;
  /** Nothing waits to be written any more. */
  onIdle(): void;
}

/** Writes down when something was said from here: at once, and then once a second as long as it goes on. */
export class ActivityWriter {
  readonly #options: ActivityWriterOptions;
  readonly #own = new Map<string, Activity>();
  /** When each room may be written next, on the monotonic clock. */
  readonly #nextAt = new Map<string, number>();
  /** The rooms that wait to be written: whether their time is to be stored, and whether others are to look at them in any case. */
  readonly #waiting = new Map<string, { store: boolean; tell: boolean }>();
  #writing = 0;

  constructor(options: ActivityWriterOptions) {
    this.#options = options;
  }

  get idle(): boolean {
    return this.#writing === 0;
  }

  /** Something was said in the room from here. */
  said(room: string, at: number): void {
    this.#own.set(room, { at: Math.max(at, this.#own.get(room)?.at ?? 0), stored: false });
    for (const oldest of this.#own.keys()) {
      if (this.#own.size <= MAX_REMEMBERED) break;
      this.#own.delete(oldest);
    }
    this.#soon(room, { store: true, tell: true }, 0);
  }

  /** Something in the room was changed from here, and lists of rooms are to look at it. */
  changed(room: string): void {
    this.#soon(room, { store: false, tell: true }, 0);
  }

  /**
   * Somebody stored or told this time, or none: where it is older than what was written from here, that is written anew. All
   * who wrote to the room find it so; those whose time another one has surpassed need not write it, and would make that one
   * write again.
   */
  heard(room: string, at: number | undefined): void {
    const own = this.#own.get(room);
    if (own === undefined) return;
    const waiting = this.#waiting.get(room);
    if (at !== undefined && at >= own.at) {
      if (waiting !== undefined) waiting.store = false;
      return;
    }
    // One that was taken out was taken out on purpose.
    if (at !== undefined || !own.stored)
      this.#soon(room, { store: true, tell: false }, REPAIR_MS * (1 + this.#options.scheduler.random()));
  }

  /** Storage was read. */
  read(times: ReadonlyMap<string, number>): void {
    for (const [room, own] of this.#own) {
      const at = times.get(room);
      // It stands there by another's time. An event that only tells it may be forged.
      own.stored ||= (at ?? 0) >= own.at;
      this.heard(room, at);
    }
  }

  #soon(room: string, { store, tell }: { store: boolean; tell: boolean }, ms: number): void {
    const waiting = this.#waiting.get(room);
    this.#waiting.set(room, {
      store: store || waiting?.store === true,
      tell: tell || waiting?.tell === true,
    });
    if (waiting === undefined) void this.#write(room, ms);
  }

  async #write(room: string, ms: number): Promise<void> {
    const { scheduler, signal, write, onIdle } = this.#options;
    this.#writing += 1;
    const wait = Math.max(ms, (this.#nextAt.get(room) ?? 0) - scheduler.monotonic());
    if (wait > 0) await withOwnSignal(signal, (own) => sleep(scheduler, wait, own));
    const { store = false, tell = false } = this.#waiting.get(room) ?? {};
    this.#waiting.delete(room);
    const own = this.#own.get(room);
    if (!signal.aborted && (store || tell)) {
      this.#nextAt.delete(room);
      this.#nextAt.set(room, scheduler.monotonic() + THROTTLE_MS);
      for (const oldest of this.#nextAt.keys()) {
        if (this.#nextAt.size <= MAX_REMEMBERED) break;
        this.#nextAt.delete(oldest);
      }
      const { at } = own ?? { at: undefined };
      // It is written again when it turns out to be missing.
      await write(room, store ? at : undefined).then(
        () => {
          if (own !== undefined && store && own.at === at) own.stored = true;
        },
        () => {},
      );
    }
    this.#writing -= 1;
    if (this.idle) onIdle();
  }
}
