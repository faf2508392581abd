import { type Clock, elapsedBetween, type Instant, instant } from '../shared/clock.js';
import type { VendedToken } from '../shared/vended-token.js';

/** A clock that is off by less is left alone: the ids of a room keep their order in spite of it (milliseconds). */
const TOLERATED_MS = 5 * 60_000;
/**
 * A device that slept with its monotonic clock stopped needs a new token after the longest life of one; a wall clock that
 * is further ahead was set so (milliseconds).
 */
const LONGEST_SLEEP_MS = 86_400_000;
/** No token was ever given before this moment: a server that says so has no clock. */
const LEAST_CREDIBLE_MS = Date.UTC(2024, 0, 1);

/**
 * The wall clock, set right by the server's: a token's `exp` less its `expiresIn` is the moment at which the server sent
 * it. A client that sends with a clock days ahead is believed by nobody, and one that reads with a clock days behind
 * believes nobody.
 */
export class ServerClock {
  readonly #clock: Clock;
  /** When the server's time was learned, and what it was. */
  #learned: { at: Instant; server: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Learns from a token that was asked for at `asked` and has just come; one that does not tell the time teaches nothing. */
  learn({ exp, expiresIn }: VendedToken, asked: Instant): void {
    if (expiresIn === undefined) return;
    const server = (exp - expiresIn) * 1000;
    if (server < LEAST_CREDIBLE_MS) return;
    const at = instant(this.#clock);
    // Sent before a sleep, perhaps, or the clock was set meanwhile.
    if (elapsedBetween(asked, at) > TOLERATED_MS) return;
    // It was sent between the question and the answer: in the middle, as far as anybody knows.
    const underWay = Math.max(0, at.monotonic - asked.monotonic);
    this.#learned = { at, server: server + underWay / 2 };
  }

  /** Whole milliseconds, as every wall clock gives them: others reject a time in any other form. */
  now(): number {
    return Math.floor(this.#now());
  }

  #now(): number {
    const wall = this.#clock.now();
    if (this.#learned === undefined) return wall;
    const { at, server } = this.#learned;
    // The least that it can be: the monotonic clock may miss a sleep.
    const least = server + this.#clock.monotonic() - at.monotonic;
    const corrected = wall + server - at.wall;
    // Somebody may have set the wall clock right since, or slept: the nearer of the two is the likelier.
    const likelier = Math.abs(wall - least) <= Math.abs(corrected - least) ? wall : corrected;
    if (Math.abs(wall - least) <= TOLERATED_MS) return wall;
    return likelier < least - TOLERATED_MS || likelier > least + LONGEST_SLEEP_MS ? least : likelier;
  }
}
