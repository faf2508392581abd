import { type Clock, elapsedSince, type Instant, instant } from '../shared/clock.js';

/** Trouble of the same kind is news once in so many milliseconds. */
const TROUBLE_MS = 60_000;
/** A token function may word each failure anew: no more kinds than these are news at a time. */
const MAX_KINDS = 5;

/** Tells which failures of renewals are news: each kind at once, and again once a minute as long as it lasts. */
export class RenewalTrouble {
  readonly #clock: Clock;
  /** When each kind was news last. */
  readonly #told = new Map<string, Instant>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether an error with this text is to be emitted. It counts as emitted then. */
  isNews(text: string): boolean {
    for (const [kind, at] of this.#told)
      if (elapsedSince(at, this.#clock) >= TROUBLE_MS) this.#told.delete(kind);
    if (this.#told.has(text) || this.#told.size >= MAX_KINDS) return false;
    this.#told.set(text, instant(this.#clock));
    return true;
  }

  /** A renewal succeeded. */
  clear(): void {
    this.#told.clear();
  }
}
