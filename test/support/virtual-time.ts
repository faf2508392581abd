import type { Scheduler } from '../../src/environment/scheduler.js';

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
  at: number;
  order: number;
  task: () => void;
}

/** Time that passes only when told to, with all of its timers. */
export class VirtualTime implements Scheduler {
  readonly #random: () => number;
  #timers: Timer[] = [];
  #now: number;
  #order = 0;

  constructor(seed = 1, start = Date.UTC(2026, 0, 1)) {
    this.#random = randomFrom(seed);
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  random(): number {
    return this.#random();
  }

  after(ms: number, task: () => void): () => void {
    this.#order += 1;
    const timer = { at: this.#now + Math.max(0, ms), order: this.#order, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.length;
  }

  /** A scheduler with the same timers whose wall clock is off by `ms`. */
  skewed(ms: number): Scheduler {
    return {
      now: () => this.#now + ms,
      random: () => this.random(),
      after: (delay, task) => this.after(delay, task),
    };
  }

  /** Lets `ms` pass, timer by timer, with every promise settled in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (;;) {
      const next = this.#next(end);
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      this.#timers = this.#timers.filter((timer) => timer !== next);
      next.task();
      await settle();
    }
    this.#now = end;
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at > end) continue;
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order))
        next = timer;
    }
    return next;
  }
}
