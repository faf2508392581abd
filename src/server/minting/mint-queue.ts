import { type Scheduler, sleep } from '../../shared/clock.js';
import { VendorError } from '../vendor-error.js';

/** One request that waits for its turn, and what became of it. */
interface Place {
  readonly owner: string;
  granted: boolean;
  refusal: VendorError | undefined;
}

/** The shortest wait between two looks, in milliseconds: timers can be early by a fraction of one. */
const LEAST_WAIT_MS = 1;

/**
 * Lets mints start no faster than so many per second, evenly spaced, since a Momento account may mint five
 * tokens a second. The queue is bounded, and fair (max-min): owners take turns, and when it is full, a newcomer takes
 * the last place of whoever holds most, so that who floods it delays only himself.
 *
 * Everyone who waits sleeps on a timer of their own and grants whichever turn is due. Edge runtimes bind a timer to
 * the request that set it, and drop it when that request ends; nobody may depend on somebody else's. A request that
 * was dropped costs one turn.
 */
export class MintQueue {
  readonly #clock: Scheduler;
  readonly #intervalMs: number;
  readonly #capacity: number;
  // Insertion order is the order of turns: an owner that was served goes to the end.
  readonly #waiting = new Map<string, Place[]>();
  #length = 0;
  /** When the next mint may start, on the monotonic clock. */
  #nextStart = Number.NEGATIVE_INFINITY;

  constructor(options: { clock: Scheduler; perSecond: number; capacity: number }) {
    this.#clock = options.clock;
    this.#intervalMs = 1000 / options.perSecond;
    this.#capacity = options.capacity;
  }

  /** Resolves when a mint may start; rejects with a 429 when the queue has no place for `owner`, or has none any more. */
  async acquire(owner: string): Promise<void> {
    const now = this.#clock.monotonic();
    if (this.#length === 0 && now >= this.#nextStart) {
      this.#nextStart = now + this.#intervalMs;
      return;
    }
    const place = this.#enqueue(owner);
    while (!place.granted) {
      if (place.refusal !== undefined) throw place.refusal;
      await sleep(this.#clock, Math.max(LEAST_WAIT_MS, this.#nextStart - this.#clock.monotonic()));
      if (this.#clock.monotonic() >= this.#nextStart) this.#grantOne();
    }
  }

  /** Starts nothing for so many milliseconds: Momento said that it is too much. */
  pause(ms: number): void {
    this.#nextStart = Math.max(this.#nextStart, this.#clock.monotonic() + ms);
  }

  #enqueue(owner: string): Place {
    if (this.#length >= this.#capacity) this.#makeRoomFor(owner);
    const place: Place = { owner, granted: false, refusal: undefined };
    const own = this.#waiting.get(owner) ?? [];
    own.push(place);
    this.#waiting.set(owner, own);
    this.#length += 1;
    return place;
  }

  /** Throws unless somebody holds at least two places more than `owner`, and so can spare one. */
  #makeRoomFor(owner: string): void {
    const lines = [...this.#waiting.values()];
    const longest = lines.reduce<Place[]>((most, line) => (line.length > most.length ? line : most), []);
    const held = this.#waiting.get(owner)?.length ?? 0;
    if (longest.length < held + 2) throw this.#refusal();
    const last = longest.pop();
    if (last !== undefined) last.refusal = this.#refusal();
    this.#length -= 1;
  }

  #refusal(): VendorError {
    return new VendorError('rate-limited', 'too many new tokens are being asked for; try again later', {
      status: 429,
      step: 'mint',
      retryAfterSeconds: (this.#length * this.#intervalMs) / 1000,
    });
  }

  #grantOne(): void {
    const turn = this.#waiting.entries().next().value;
    if (turn === undefined) return;
    const [owner, own] = turn;
    const next = own.shift();
    this.#waiting.delete(owner);
    if (own.length > 0) this.#waiting.set(owner, own);
    this.#length -= 1;
    this.#nextStart = this.#clock.monotonic() + this.#intervalMs;
    if (next !== undefined) next.granted = true;
  }
}
