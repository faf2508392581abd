/**
 * Where a local Momento takes its time from: TTLs, token expiry, heartbeats and rate limits all follow it.
 * {@link ManualClock} is one that a test moves by hand.
 */
export interface LocalClock {
  /** The wall clock, in milliseconds since the Unix epoch: for times that others read, such as a token's expiry. */
  now(): number;
  /**
   * Milliseconds since some moment, which nobody sets back or forward: every duration is measured by it. Default: what
   * `now` says, for a clock that never jumps.
   */
  monotonic?(): number;
  /** Calls `callback` once, `delayMs` milliseconds from now; the returned function takes that back. */
  setTimeout(callback: () => void, delayMs: number): () => void;
}

/** The clock's time for durations. */
export function monotonic(clock: LocalClock): number {
  return clock.monotonic?.() ?? clock.now();
}

/** Longer delays overflow Node's timers, which would then fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The real time. None of its timers keeps the process alive. */
export const systemClock: Required<LocalClock> = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout(callback, delayMs) {
    let timer: NodeJS.Timeout;
    const arm = (left: number): void => {
      const step = Math.min(left, LONGEST_TIMER_MS);
      timer = setTimeout(() => (left > step ? arm(left - step) : callback()), step);
      // The listening socket is what keeps a server's process alive; a heartbeat or an expiry must not.
      // Under jsdom a timer is a number.
      timer.unref?.();
    };
    arm(Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
};

/**
 * A clock that stands still until it is told to move.
 *
 * @example
 * ```ts
 * const clock = new ManualClock();
 * const momento = await startLocalMomento({ clock, caches: ['chat'] });
 * clock.advance(24 * 60 * 60 * 1000); // a day passes: items expire, tokens end, streams with them
 * ```
 */
export class ManualClock implements LocalClock {
  #now: number;
  #order = 0;
  readonly #timers = new Map<number, { at: number; callback: () => void }>();

  /** @param now - The time it starts at, in milliseconds since the Unix epoch; default: the real time. */
  constructor(now: number = Date.now()) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, delayMs: number): () => void {
    const id = this.#order++;
    this.#timers.set(id, { at: this.#now + Math.max(0, delayMs), callback });
    return () => this.#timers.delete(id);
  }

  /** Moves time forward by `ms` milliseconds and runs what falls due on the way, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let next = this.#firstDue(end); next; next = this.#firstDue(end)) {
      this.#timers.delete(next.id);
      this.#now = next.at;
      next.callback();
    }
    this.#now = end;
  }

  /** How many timers are pending. */
  get pending(): number {
    return this.#timers.size;
  }

  #firstDue(until: number): { id: number; at: number; callback: () => void } | undefined {
    let first: { id: number; at: number; callback: () => void } | undefined;
    for (const [id, timer] of this.#timers) {
      if (timer.at <= until && (!first || timer.at < first.at)) first = { id, ...timer };
    }
    return first;
  }
}
