import { type Scheduler, TIMED_OUT, withTimeout } from '../shared/clock.js';
import type { KeyedHash } from './keyed-hash.js';
import { recentlyUsed } from './recently-used.js';
import type { TokenCache } from './types.js';
import { VendorError } from './vendor-error.js';

const ADDRESSES = 50_000;

/**
 * Counts requests per address in windows of fixed length: here, in windows of the monotonic clock, and in the token
 * cache when it can count, in windows of the wall clock, which servers share. Either count can refuse. When the cache
 * cannot be asked, or the wall clock jumps, the count kept here goes on alone.
 */
export class RateLimit {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #clock: Scheduler;
  readonly #timeoutMs: number;
  readonly #hash: KeyedHash;
  readonly #shared: TokenCache['increment'];
  readonly #name: string;
  readonly #counts = recentlyUsed<{ window: number; count: number }>(ADDRESSES);

  constructor(options: {
    perIp: number;
    windowSeconds: number;
    clock: Scheduler;
    timeoutMs: number;
    hash: KeyedHash;
    cache: TokenCache;
    /** Tells vendors that share a cache apart; equal on all servers of one vendor. */
    name: string;
  }) {
    this.#limit = options.perIp;
    this.#windowMs = options.windowSeconds * 1000;
    this.#clock = options.clock;
    this.#timeoutMs = options.timeoutMs;
    this.#hash = options.hash;
    this.#shared = options.cache.increment?.bind(options.cache);
    this.#name = options.name;
  }

  /**
   * Counts one request of `address`; throws or rejects with a 429 when it is one too many. Returns a promise
   * only where somebody else has to be asked.
   */
  count(address: string, trouble: (reason: string) => void): Promise<void> | undefined {
    const now = this.#clock.monotonic();
    const window = Math.floor(now / this.#windowMs);
    const last = this.#counts.get(address);
    const entry = last?.window === window ? last : { window, count: 0 };
    entry.count += 1;
    this.#counts.set(address, entry);
    if (entry.count > this.#limit) throw this.#tooMany(now);
    if (this.#shared === undefined) return undefined;
    const wall = this.#clock.now();
    return this.#countShared(address, Math.floor(wall / this.#windowMs), trouble).then((count) => {
      if (count > this.#limit) throw this.#tooMany(wall);
    });
  }

  /** @param now - The clock that the window is of, in milliseconds. */
  #tooMany(now: number): VendorError {
    return new VendorError('rate-limited', 'too many requests from this address; try again later', {
      status: 429,
      step: 'rate-limit',
      retryAfterSeconds: (this.#windowMs - (now % this.#windowMs)) / 1000,
    });
  }

  async #countShared(address: string, window: number, trouble: (reason: string) => void): Promise<number> {
    if (this.#shared === undefined) return 0;
    try {
      const [key = ''] = await this.#hash.cacheKeys(
        JSON.stringify(['rate', this.#name, address, window, this.#windowMs]),
      );
      const ttlSeconds = Math.ceil((2 * this.#windowMs) / 1000);
      const count = await withTimeout(this.#shared(key, ttlSeconds), {
        ms: this.#timeoutMs,
        scheduler: this.#clock,
        late: TIMED_OUT,
      });
      if (count === TIMED_OUT) trouble(`counting took more than ${this.#timeoutMs} ms`);
      else if (!Number.isInteger(count) || count < 1)
        trouble('the token cache gave a count that is no count');
      else return count;
    } catch {
      trouble('the token cache could not count');
    }
    return 0;
  }
}
