import type { Scheduler } from '../shared/clock.js';

interface Flight<Value> {
  outcome: Promise<Value>;
  /** When its worker last showed that it lives, on the monotonic clock. */
  beatAt: number;
}

/** A worker says so often that it lives, in milliseconds. */
const BEAT_MS = 500;
/** A worker that said nothing for so long, in milliseconds, was dropped with its request. */
export const DEAD_AFTER_MS = 4 * BEAT_MS;

const DROPPED = Symbol('dropped');

/**
 * Concurrent work for one key is done once and its outcome shared. Edge runtimes drop a request, and with it the work
 * that it began and its timers: whoever joined it notices that, and does the work.
 */
export class SingleFlight<Value> {
  readonly #flights = new Map<string, Flight<Value>>();
  readonly #clock: Scheduler;
  readonly #limit: number;
  readonly #full: () => Error;
  #sweptAt = Number.NEGATIVE_INFINITY;

  /** At most `limit` keys are worked on at a time; beyond that `run` rejects with `full()`. */
  constructor(options: { clock: Scheduler; limit: number; full: () => Error }) {
    this.#clock = options.clock;
    this.#limit = options.limit;
    this.#full = options.full;
  }

  /** Resolves with the value and whether another call did the work. */
  async run(key: string, work: () => Promise<Value>): Promise<{ value: Value; joined: boolean }> {
    for (let flight = this.#flights.get(key); flight !== undefined; flight = this.#flights.get(key)) {
      const value = await this.#join(flight);
      if (value !== DROPPED) return { value, joined: true };
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    }
    if (this.#flights.size >= this.#limit) this.#forgetDropped();
    if (this.#flights.size >= this.#limit) throw this.#full();
    return { value: await this.#lead(key, work), joined: false };
  }

  #lead(key: string, work: () => Promise<Value>): Promise<Value> {
    const flight: Flight<Value> = { outcome: work(), beatAt: this.#clock.monotonic() };
    let cancel = () => {};
    const beat = () => {
      flight.beatAt = this.#clock.monotonic();
      cancel = this.#clock.after(BEAT_MS, beat, { background: true });
    };
    beat();
    flight.outcome = flight.outcome.finally(() => {
      cancel();
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    });
    this.#flights.set(key, flight);
    return flight.outcome;
  }

  async #join(flight: Flight<Value>): Promise<Value | typeof DROPPED> {
    let cancel = () => {};
    const dropped = new Promise<typeof DROPPED>((resolve) => {
      const look = () => {
        if (this.#isDropped(flight)) resolve(DROPPED);
        else cancel = this.#clock.after(BEAT_MS, look, { background: true });
      };
      look();
    });
    try {
      return await Promise.race([flight.outcome, dropped]);
    } finally {
      cancel();
    }
  }

  #isDropped({ beatAt }: Flight<Value>): boolean {
    return this.#clock.monotonic() - beatAt > DEAD_AFTER_MS;
  }

  /** Flights that nobody joins would stay. Looks at all of them, and so at most once a beat. */
  #forgetDropped(): void {
    const now = this.#clock.monotonic();
    if (now - this.#sweptAt < BEAT_MS) return;
    this.#sweptAt = now;
    for (const [key, flight] of this.#flights) if (this.#isDropped(flight)) this.#flights.delete(key);
  }
}
