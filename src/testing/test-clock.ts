import { type LocalClock, systemClock } from '../local/index.js';

interface Timer {
  at: number;
  callback: () => void;
  stop: () => void;
}

/**
 * The real time, which a test can also move forward: heartbeats keep coming by themselves, and a day passes in one call.
 *
 * @example
 * ```ts
 * clock.advance(60 * 60 * 1000); // tokens of an hour end, and streams with them
 * ```
 */
export class TestClock implements LocalClock {
  #ahead = 0;
  readonly #timers = new Set<Timer>();
  readonly #real: LocalClock;

  /** @param real - The clock that it is ahead of; default the system's. */
  constructor(real: LocalClock = systemClock) {
    this.#real = real;
  }

  now(): number {
    return this.#real.now() + this.#ahead;
  }

  monotonic(): number {
    return (this.#real.monotonic?.() ?? this.#real.now()) + this.#ahead;
  }

  setTimeout(callback: () => void, delayMs: number): () => void {
    const timer: Timer = { at: this.monotonic() + Math.max(0, delayMs), callback, stop: () => {} };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => this.#release(timer);
  }

  /** Moves time forward by `ms` milliseconds and runs what falls due on the way, in order. */
  advance(ms: number): void {
    const end = this.monotonic() + ms;
    for (let next = this.#firstDue(end); next; next = this.#firstDue(end)) {
      this.#ahead += Math.max(0, next.at - this.monotonic());
      this.#release(next);
      next.callback();
    }
    this.#ahead += Math.max(0, end - this.monotonic());
    for (const timer of this.#timers) this.#arm(timer);
  }

  #firstDue(until: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= until && (!first || timer.at < first.at)) first = timer;
    }
    return first;
  }

  #arm(timer: Timer): void {
    timer.stop();
    timer.stop = this.#real.setTimeout(() => {
      this.#release(timer);
      timer.callback();
    }, timer.at - this.monotonic());
  }

  #release(timer: Timer): void {
    timer.stop();
    this.#timers.delete(timer);
  }
}
