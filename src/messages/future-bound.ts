import type { Clock } from '../shared/clock.js';
import { idTime, MAX_FUTURE_MS } from './message-id.js';

/** So many of the newest messages of a window are asked, and so many at least must be there. */
const ASKED = 16;
const LEAST = 3;

/**
 * Bounds how far in the future an id may lie: {@link MAX_FUTURE_MS} from now. Our own clock may be days behind. When most of
 * the newest messages of a window of the list are further ahead than that, ours is likelier wrong than theirs, and the
 * bound is counted from the time in the middle of theirs. A member who floods the list can thereby have messages from
 * the future shown, and nothing else: no clock is set by them, and no id is made from them.
 */
export class FutureBound {
  readonly #clock: Clock;
  /** By how much the others are ahead of our wall clock, at that moment of the monotonic clock. */
  #agreed: { time: number; at: number } | undefined;
  /** How many live messages in a row were further behind. */
  #behind = 0;
  /** Until it was called. */
  #onAhead: (() => void) | undefined;

  /** `onAhead` is called once, when our own clock seems to be so far ahead that others refuse our ids. */
  constructor(clock: Clock, onAhead?: () => void) {
    this.#clock = clock;
    this.#onAhead = onAhead;
  }

  /**
   * Learns from the id of a message that somebody else just sent, `now` by the wall clock. One may be sent again after days;
   * not all are.
   */
  hear(id: string, now: number): void {
    this.#behind = idTime(id) < now - MAX_FUTURE_MS ? this.#behind + 1 : 0;
    if (this.#behind < LEAST) return;
    this.#onAhead?.();
    this.#onAhead = undefined;
  }

  /** Whether an id lies too far in the future, `now` by the wall clock. An absent one does not. */
  refuses(id: string | undefined, now = this.#clock.now()): boolean {
    return id !== undefined && idTime(id) > this.#likely(now) + MAX_FUTURE_MS;
  }

  /** Learns from the ids of a window of the list, newest first. */
  learn(ids: readonly string[]): void {
    const newest = ids.slice(0, ASKED);
    const ahead = newest.filter((id) => this.refuses(id));
    if (ahead.length < LEAST || ahead.length * 2 <= newest.length) return;
    const times = ahead.map(idTime).sort((a, b) => a - b);
    const time = times[times.length >> 1] ?? 0;
    this.#agreed = { time, at: this.#clock.monotonic() };
  }

  /** The wall clock, set right by what the others agree on. */
  #likely(own: number): number {
    if (this.#agreed === undefined) return own;
    const { time, at } = this.#agreed;
    return Math.max(own, time + this.#clock.monotonic() - at);
  }
}
