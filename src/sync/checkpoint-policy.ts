import type { Clock } from '../shared/clock.js';

/** A list that turns over within this many milliseconds is not read: no recovery could bridge an outage with it. */
const TURNOVER_MS = 10_000;

/**
 * Decides when to read the list though nothing is wrong with the stream: after every quarter of what is stored, so that the
 * next recovery finds the place where the list was last read. Not in a flood, where reading would only double the
 * work of a page that is busy receiving.
 */
export class CheckpointPolicy {
  readonly #quarter: number;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** When the present quarter began, and with which message it ends. */
  #since: number;
  #until: number;
  /** Those that came since the list was read. */
  #unread = 0;

  constructor(options: { maxStored: number; clock: Pick<Clock, 'monotonic'> }) {
    this.#quarter = Math.ceil(options.maxStored / 4);
    this.#until = this.#quarter;
    this.#clock = options.clock;
    this.#since = this.#clock.monotonic();
  }

  /** The list is being read; counting begins anew. Returns how many messages came live since the last reading. */
  restart(): number {
    const unread = this.#unread;
    this.#unread = 0;
    this.#until = this.#quarter;
    this.#since = this.#clock.monotonic();
    return unread;
  }

  /** A message came live; whether the list is to be read now. */
  count(): boolean {
    this.#unread += 1;
    if (this.#unread < this.#until) return false;
    const now = this.#clock.monotonic();
    const turnover = (now - this.#since) * 4;
    this.#since = now;
    this.#until += this.#quarter;
    return turnover >= TURNOVER_MS;
  }
}
