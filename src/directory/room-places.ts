import type { Scheduler } from '../shared/clock.js';

/** So many are left at most, and one more is earned after so long (milliseconds). */
const MAX_PLACES = 1000;
const PLACE_MS = 500;
/** The price of a room: an unknown one, which may be none, and one that holds messages. */
const UNKNOWN = 10;
const REAL = 1;

/**
 * Bounds how many rooms are given a place on a token: whoever may write the directory may list thousands that are none, and
 * each would be asked of the token source by everybody who looks. A hundred of them are at once, and one more in five seconds;
 * ten times as many of those that hold messages.
 */
export class RoomPlaces {
  readonly #scheduler: Scheduler;
  readonly #real = new Set<string>();
  #left = MAX_PLACES;
  #earnedAt: number;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
    this.#earnedAt = scheduler.monotonic();
  }

  /** Takes what the room needs. Returns whether there was enough. */
  take(room: string): boolean {
    if (this.waitMs(room) > 0) return false;
    this.#left -= this.#price(room);
    return true;
  }

  /** Milliseconds until there is enough for the room. */
  waitMs(room: string): number {
    const since = this.#scheduler.monotonic() - this.#earnedAt;
    const earned = Math.floor(since / PLACE_MS);
    this.#earnedAt += earned * PLACE_MS;
    this.#left = Math.min(MAX_PLACES, this.#left + earned);
    const missing = this.#price(room) - this.#left;
    return missing > 0 ? missing * PLACE_MS - (since - earned * PLACE_MS) : 0;
  }

  /** The room holds messages: it gets back what it took for being unknown. */
  found(room: string): void {
    if (this.#real.has(room)) return;
    this.#real.add(room);
    this.#left = Math.min(MAX_PLACES, this.#left + UNKNOWN - REAL);
  }

  keep(rooms: ReadonlySet<string>): void {
    for (const room of this.#real) if (!rooms.has(room)) this.#real.delete(room);
  }

  #price(room: string): number {
    return this.#real.has(room) ? REAL : UNKNOWN;
  }
}
