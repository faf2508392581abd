import type { Scheduler } from '../../shared/clock.js';

// The part of a key's life that is left when it is renewed, and the spread over servers that share it.
const AHEAD = 0.2;
const JITTER = 0.05;
const RETRY_MS = 30_000;
/** Life of a renewed key that has none by the clock of this server. */
const ASSUMED_LIFE_MS = 10 * 60_000;

/**
 * When a key that expires is to be renewed, and when it has ended. Either clock may be wrong: the wall clock is set, the
 * monotonic clock may stand still while a server sleeps.
 */
export class KeyLife {
  readonly #clock: Scheduler;
  /** Seconds since the Unix epoch. */
  #expiresAt = 0;
  /** When to renew, and when the key ends, on the monotonic clock. */
  #refreshAt = 0;
  #endsAt = 0;
  /** A renewal that failed is not tried again before. */
  #retryAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Scheduler, expiresAt: number) {
    this.#clock = clock;
    this.begin(expiresAt);
  }

  /** Whether it is time to renew. A server that slept is told by its wall clock. */
  get isDue(): boolean {
    const now = this.#clock.monotonic();
    return now >= this.#refreshAt || (this.hasEnded && now >= this.#retryAt);
  }

  /** Whether the key has ended by the wall clock. */
  get hasEnded(): boolean {
    return this.#clock.now() >= this.#expiresAt * 1000;
  }

  /** Only when both clocks say so: one of them alone may be wrong, and Momento knows better. */
  get isOver(): boolean {
    return this.hasEnded && this.#clock.monotonic() >= this.#endsAt;
  }

  /** Milliseconds until the renewal is due. */
  get msUntilDue(): number {
    return this.#refreshAt - this.#clock.monotonic();
  }

  /** There is another key, which ends then (seconds since the Unix epoch). */
  begin(expiresAt: number): void {
    const now = this.#clock.monotonic();
    const life = Math.max(0, expiresAt * 1000 - this.#clock.now());
    this.#expiresAt = expiresAt;
    this.#refreshAt = now + life * (1 - AHEAD - JITTER * this.#clock.random());
    this.#endsAt = now + life;
  }

  /** The key was renewed just now: it is good for a while, whatever the wall clock of this server says. */
  assumeGood(): void {
    this.#retryAt = this.#clock.monotonic() + ASSUMED_LIFE_MS;
    this.#refreshAt = this.#retryAt;
    this.#endsAt = this.#retryAt;
  }

  /** A renewal failed. It is not tried again at every mint: that would be a flood while Momento is down. */
  postpone(): void {
    this.#retryAt = this.#clock.monotonic() + RETRY_MS;
    this.#refreshAt = this.#retryAt;
  }
}
