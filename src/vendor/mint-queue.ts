import type { Clock } from './clock.js';
import { VendorError } from './vendor-error.js';

interface Waiting {
  resolve: () => void;
  reject: (error: VendorError) => void;
}

/**
 * Lets mints start no faster than so many per second, evenly spaced, since a Momento account may mint five
 * tokens a second. The queue is bounded, and fair (max-min): owners take turns, and when it is full, a newcomer takes
 * the last place of whoever holds most, so that who floods it delays only himself.
 */
export class MintQueue {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #capacity: number;
  // Insertion order is the order of turns: an owner that was served goes to the end.
  readonly #waiting = new Map<string, Waiting[]>();
  #length = 0;
  #nextStart = 0;
  #timerSet = false;

  constructor(options: { clock: Clock; perSecond: number; capacity: number }) {
    this.#clock = options.clock;
    this.#intervalMs = 1000 / options.perSecond;
    this.#capacity = options.capacity;
  }

  /** Resolves when a mint may start; rejects with a 429 when the queue has no place for `owner`, or has none any more. */
  async acquire(owner: string): Promise<void> {
    const now = this.#clock.now();
    if (this.#length === 0 && now >= this.#nextStart) {
      this.#nextStart = now + this.#intervalMs;
      return;
    }
    if (this.#length >= this.#capacity) this.#makeRoomFor(owner);
    await new Promise<void>((resolve, reject) => {
      const own = this.#waiting.get(owner) ?? [];
      own.push({ resolve, reject });
      this.#waiting.set(owner, own);
      this.#length += 1;
      this.#schedule();
    });
  }

  /** Starts nothing for so many milliseconds: Momento said that it is too much. */
  pause(ms: number): void {
    this.#nextStart = Math.max(this.#nextStart, this.#clock.now() + ms);
  }

  /** Throws unless somebody holds at least two places more than `owner`, and so can spare one. */
  #makeRoomFor(owner: string): void {
    const lines = [...this.#waiting.values()];
    const longest = lines.reduce<Waiting[]>((most, line) => (line.length > most.length ? line : most), []);
    const held = this.#waiting.get(owner)?.length ?? 0;
    if (longest.length < held + 2) throw this.#refusal();
    longest.pop()?.reject(this.#refusal());
    this.#length -= 1;
  }

  #refusal(): VendorError {
    return new VendorError('rate-limited', 'too many new tokens are being asked for; try again later', {
      status: 429,
      step: 'mint',
      retryAfterSeconds: (this.#length * this.#intervalMs) / 1000,
    });
  }

  #schedule(): void {
    if (this.#timerSet || this.#length === 0) return;
    this.#timerSet = true;
    this.#clock.after(Math.max(0, this.#nextStart - this.#clock.now()), () => {
      this.#timerSet = false;
      // Timers can be early by a fraction of a millisecond, and a pause may have come in between.
      if (this.#clock.now() >= this.#nextStart) this.#serveOne();
      this.#schedule();
    });
  }

  #serveOne(): void {
    const turn = this.#waiting.entries().next().value;
    if (turn === undefined) return;
    const [owner, own] = turn;
    const next = own.shift();
    this.#waiting.delete(owner);
    if (own.length > 0) this.#waiting.set(owner, own);
    this.#length -= 1;
    this.#nextStart = this.#clock.now() + this.#intervalMs;
    next?.resolve();
  }
}
