import { type Scheduler, sleep } from '../../shared/clock.js';
import { DEAD_AFTER_MS } from '../single-flight.js';
import { VendorError } from '../vendor-error.js';

/** One request that waits for its turn, and what became of it. */
interface Place {
  readonly owner: string;
  granted: boolean;
  refusal: VendorError | undefined;
  /** When it looks after its turn next, on the monotonic clock. */
  looksAt: number;
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
 * did not look for two seconds was dropped: it gets no turn, and its place is free for a newcomer.
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
    let now = this.#clock.monotonic();
    if (this.#length === 0 && now >= this.#nextStart) {
      this.#nextStart = now + this.#intervalMs;
      return;
    }
    const place = this.#enqueue(owner);
    while (!place.granted) {
      if (place.refusal !== undefined) throw place.refusal;
      place.looksAt = Math.max(now + LEAST_WAIT_MS, this.#nextStart);
      await sleep(this.#clock, place.looksAt - now);
      now = this.#clock.monotonic();
      // After a standstill of the whole process it is late, and yet not dropped.
      place.looksAt = now;
      if (now >= this.#nextStart) this.#grantOne();
    }
  }

  /** Starts nothing for so many milliseconds: Momento said that it is too much. */
  pause(ms: number): void {
    this.#nextStart = Math.max(this.#nextStart, this.#clock.monotonic() + ms);
  }

  #enqueue(owner: string): Place {
    if (this.#length >= this.#capacity) this.#makeRoomFor(owner);
    const place: Place = { owner, granted: false, refusal: undefined, looksAt: 0 };
    const own = this.#waiting.get(owner) ?? [];
    own.push(place);
    this.#waiting.set(owner, own);
    this.#length += 1;
    return place;
  }

  /** Throws unless a request was dropped, or somebody holds at least two places more than `owner`, and so can spare one. */
  #makeRoomFor(owner: string): void {
    const lines = [...this.#waiting.values()];
    const longest = lines.reduce<Place[]>((most, line) => (line.length > most.length ? line : most), []);
    const held = this.#waiting.get(owner)?.length ?? 0;
    const spared = longest.length < held + 2 ? undefined : longest.at(-1);
    const last = lines.flat().find((place) => this.#isDropped(place)) ?? spared;
    if (last === undefined) throw this.#refusal();
    last.refusal = this.#refusal();
    this.#remove(last);
  }

  #isDropped({ looksAt }: Place): boolean {
    return this.#clock.monotonic() - looksAt > DEAD_AFTER_MS;
  }

  /** Returns the other places of its owner. */
  #remove(place: Place): Place[] {
    const others = (this.#waiting.get(place.owner) ?? []).filter((other) => other !== place);
    if (others.length > 0) this.#waiting.set(place.owner, others);
    else this.#waiting.delete(place.owner);
    this.#length -= 1;
    return others;
  }

  #refusal(): VendorError {
    return new VendorError('rate-limited', 'too many new tokens are being asked for; try again later', {
      status: 429,
      step: 'mint',
      retryAfterSeconds: (this.#length * this.#intervalMs) / 1000,
    });
  }

  #grantOne(): void {
    const next = [...this.#waiting.values()].flat().find((place) => !this.#isDropped(place));
    if (next === undefined) return;
    const others = this.#remove(next);
    this.#waiting.delete(next.owner);
    if (others.length > 0) this.#waiting.set(next.owner, others);
    this.#nextStart = this.#clock.monotonic() + this.#intervalMs;
    next.granted = true;
  }
}
