import type { Scheduler } from '../../src/shared/clock.js';

/** A small generator with a seed (mulberry32), so that a failing run can be repeated. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Lets every promise that can go on, go on. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly task: () => void;
  cancelled: boolean;
}

const isBefore = (a: Timer, b: Timer) => a.at < b.at || (a.at === b.at && a.order < b.order);

/** Time that passes only when told to, with all of its timers: a thousand clients' as well. */
export class VirtualTime implements Scheduler {
  readonly #random: () => number;
  /** A binary heap, the next timer first. Cancelled ones stay until it is their turn. */
  readonly #timers: Timer[] = [];
  #now: number;
  #order = 0;
  #pending = 0;

  constructor(seed = 1, start = Date.UTC(2026, 0, 1)) {
    this.#random = randomFrom(seed);
    this.#now = start;
  }

  /** Whole milliseconds, as those of `Date.now()`. */
  now(): number {
    return Math.floor(this.#now);
  }

  monotonic(): number {
    return this.#now;
  }

  random(): number {
    return this.#random();
  }

  after(ms: number, task: () => void): () => void {
    this.#order += 1;
    const timer: Timer = { at: this.#now + Math.max(0, ms), order: this.#order, task, cancelled: false };
    this.#pending += 1;
    this.#push(timer);
    return () => {
      if (timer.cancelled) return;
      timer.cancelled = true;
      this.#pending -= 1;
    };
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#pending;
  }

  /** A scheduler with the same timers whose wall clock is off by `ms`. */
  skewed(ms: number): Scheduler {
    return {
      now: () => this.now() + ms,
      monotonic: () => this.#now,
      random: () => this.random(),
      after: (delay, task) => this.after(delay, task),
    };
  }

  /** A scheduler with the same timers, on which each backoff takes half of its bound. */
  withoutJitter(): Scheduler {
    return { ...this.skewed(0), random: () => 0.5 };
  }

  /** A scheduler with the same timers, whose clocks can be tampered with while it runs. */
  unsteady(skewMs = 0): UnsteadyClock {
    return new UnsteadyClock(this, skewMs);
  }

  /** Lets `ms` pass, timer by timer, with every promise settled in between; less if it is `enough` before. */
  async advance(ms: number, enough = () => false): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      if (enough()) return;
      const next = this.#timers[0];
      if (next === undefined || next.at > end) break;
      this.#pop();
      if (next.cancelled) continue;
      next.cancelled = true;
      this.#pending -= 1;
      this.#now = Math.max(this.#now, next.at);
      next.task();
      await settle();
    }
    this.#now = end;
  }

  /** Lets time pass until the moment at which the promise settles, an hour at most; undefined: it has not. */
  async settled<T>(promise: Promise<T>): Promise<PromiseSettledResult<T> | undefined> {
    let result: PromiseSettledResult<T> | undefined;
    void Promise.allSettled([promise]).then(([outcome]) => {
      result = outcome;
    });
    await this.advance(3_600_000, () => result !== undefined);
    return result;
  }

  /** Lets time pass until the promise settles, an hour at most; resolves or rejects with it. */
  async until<T>(promise: Promise<T>): Promise<T> {
    if ((await this.settled(promise)) === undefined)
      throw new Error('no timer settled the promise within an hour');
    return promise;
  }

  #push(timer: Timer): void {
    const heap = this.#timers;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(timer, parent)) break;
      heap[index] = parent;
      index = above;
    }
    heap[index] = timer;
  }

  #pop(): void {
    const heap = this.#timers;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      const left = heap[2 * index + 1];
      const right = heap[2 * index + 2];
      const child = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (child === undefined || !isBefore(child, last)) break;
      heap[index] = child;
      index = 2 * index + (child === left ? 1 : 2);
    }
    heap[index] = last;
  }
}

/** The clocks of a device whose user, NTP or lid does what it likes. Timers run on as those of {@link VirtualTime}. */
export class UnsteadyClock implements Scheduler {
  readonly #time: VirtualTime;
  #wallMs: number;
  #monotonicMs = 0;
  #frozenAt: number | undefined;

  constructor(time: VirtualTime, skewMs: number) {
    this.#time = time;
    this.#wallMs = skewMs;
  }

  now(): number {
    return this.#time.now() + this.#wallMs;
  }

  monotonic(): number {
    return this.#frozenAt ?? this.#time.monotonic() + this.#monotonicMs;
  }

  random(): number {
    return this.#time.random();
  }

  after(ms: number, task: () => void): () => void {
    return this.#time.after(ms, task);
  }

  /** Sets the wall clock ahead or back; the monotonic one goes on. */
  jump(ms: number): void {
    this.#wallMs += ms;
  }

  /** Stops the monotonic clock, as some do while the device sleeps; the returned function lets it go on. */
  freeze(): () => void {
    const stopped = this.monotonic();
    this.#frozenAt = stopped;
    return () => {
      this.#frozenAt = undefined;
      this.#monotonicMs = stopped - this.#time.monotonic();
    };
  }
}
