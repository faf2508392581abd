import type { Clock } from '../environment/scheduler.js';
import { idTime, MAX_FUTURE_MS } from './ids.js';

/** So many messages, all that a window of the list holds, must agree that our clock is behind. */
const AGREED = 3;

/**
 * How far in the future an id may lie: {@link MAX_FUTURE_MS} from now. Our own clock may be days behind. When all the
 * messages of a window of the list are further ahead than that, ours is likelier wrong than theirs, and the bound is
 * counted from the time in the middle of theirs. One message within the bound forbids it, so that nobody who adds
 * messages to those of others can move it. Only what is shown depends on it: no id is made by it.
 */
export class FutureBound {
  readonly #clock: Clock;
  /** By how much the others are ahead of our wall clock, at that moment of the monotonic clock. */
  #agreed: { time: number; at: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether an id lies too far in the future. An absent one does not. */
  refuses(id: string | undefined): boolean {
    return id !== undefined && idTime(id) > this.#now() + MAX_FUTURE_MS;
  }

  /** Learns from the ids of a window of the list. */
  learn(ids: readonly string[]): void {
    if (ids.length < AGREED || !ids.every((id) => this.refuses(id))) return;
    const times = ids.map(idTime).sort((a, b) => a - b);
    const time = times[times.length >> 1] ?? 0;
    this.#agreed = { time, at: this.#clock.monotonic() };
  }

  #now(): number {
    const own = this.#clock.now();
    if (this.#agreed === undefined) return own;
    const { time, at } = this.#agreed;
    return Math.max(own, time + this.#clock.monotonic() - at);
  }
}
