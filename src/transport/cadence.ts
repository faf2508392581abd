import { type Clock, elapsedSince, type Instant, instant } from '../shared/clock.js';

/** A heartbeat off its time by more than this share of the cadence is one that a new stream began with. */
const TOLERANCE = 0.2;
/** A longer interval is no cadence: the device slept, or heartbeats are too rare to be missed. */
const MAX_MS = 20_000;

/** Measures the time between the heartbeats of one stream. */
export class Cadence {
  readonly #clock: Clock;
  #last: Instant | undefined;
  #ms: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds between heartbeats; undefined until two have come. */
  get ms(): number | undefined {
    return this.#ms;
  }

  /** Takes a heartbeat; returns whether it came on time. The first one does. */
  beat(): boolean {
    const last = this.#last;
    this.#last = instant(this.#clock);
    if (last === undefined) return true;
    const interval = Math.max(1, elapsedSince(last, this.#clock));
    const cadence = this.#ms;
    this.#ms = interval > MAX_MS ? undefined : interval;
    return cadence !== undefined && Math.abs(interval - cadence) <= TOLERANCE * cadence;
  }
}
