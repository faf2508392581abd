import { type Scheduler, TIMED_OUT, withTimeout } from '../../shared/clock.js';
import type { VendedToken } from '../../shared/vended-token.js';
import type { KeyedHash } from '../keyed-hash.js';
import type { Minted } from '../minting/mint.js';
import { recentlyUsed } from '../recently-used.js';
import type { TokenCache } from '../types.js';
import { memoryLookup } from './memory-token-cache.js';

const RECENT = 1_000;

/** Called when a cache did not do its work; the request goes on. */
export type CacheTrouble = (step: 'cache-read' | 'cache-write', reason: string) => void;

// An entry in somebody else's cache: the token, and the proof that it belongs under its key.
type Sealed = VendedToken & { seal?: unknown };

/**
 * A token cache as the vendor uses it: never fails, never hangs, and never believes. Each entry carries a
 * keyed hash of its key and content, so a cache that mixes entries up, or that somebody else writes to,
 * cannot make the vendor hand out a token that is not its own. While the cache is down, or takes nothing, tokens that
 * this process minted last are used.
 */
export class TokenStore {
  readonly #cache: TokenCache;
  readonly #lookup: ((key: string) => Minted | undefined) | undefined;
  readonly #hash: KeyedHash;
  readonly #clock: Scheduler;
  readonly #timeoutMs: number;
  readonly #recent = recentlyUsed<Minted>(RECENT);
  /** Keys whose token of {@link #recent} the cache did not take, or forgot to say that it took. */
  readonly #unwritten = recentlyUsed<true>(RECENT);
  /** When tokens that were minted here end, on the monotonic clock. */
  readonly #endsAt = new WeakMap<Minted, number>();

  constructor(options: { cache: TokenCache; hash: KeyedHash; clock: Scheduler; timeoutMs: number }) {
    this.#cache = options.cache;
    this.#lookup = memoryLookup(options.cache);
    this.#hash = options.hash;
    this.#clock = options.clock;
    this.#timeoutMs = options.timeoutMs;
  }

  /** As {@link read}, if that takes no waiting: for the memory's own cache, whose hits are hot. */
  peek(keys: readonly string[] | undefined, minSeconds: number): Minted | undefined {
    const key = keys?.[0];
    if (key === undefined || this.#lookup === undefined) return undefined;
    const found = this.#lookup(key);
    return found !== undefined && this.#fresh(found, minSeconds) ? found : undefined;
  }

  /** The token under the first of `keys` that has one with more than `minSeconds` of life. */
  async read(
    keys: readonly string[],
    minSeconds: number,
    trouble: CacheTrouble,
  ): Promise<Minted | undefined> {
    for (const key of keys) {
      const found = await this.#readOne(key, trouble);
      if (found !== undefined && this.#fresh(found, minSeconds)) return found;
    }
    return undefined;
  }

  /**
   * Seconds of life that a token has left. A wall clock that was set back does not lengthen the life of a token that was
   * minted here.
   */
  secondsLeft(minted: Minted): number {
    const endsAt = this.#endsAt.get(minted);
    const byWallClock = minted.exp - this.#clock.now() / 1000;
    return endsAt === undefined
      ? byWallClock
      : Math.min(byWallClock, (endsAt - this.#clock.monotonic()) / 1000);
  }

  /** Keeps a token; resolves also when that did not work. */
  async write(key: string, minted: Minted, trouble: CacheTrouble): Promise<void> {
    const ttlSeconds = Math.floor(minted.exp - this.#clock.now() / 1000);
    if (ttlSeconds <= 0) return;
    this.#endsAt.set(minted, this.#clock.monotonic() + minted.exp * 1000 - this.#clock.now());
    try {
      const trusted = this.#lookup !== undefined;
      const entry = trusted ? minted : { ...minted, seal: (await this.#seals(key, minted))[0] };
      if (!trusted) {
        this.#recent.set(key, minted);
        this.#unwritten.set(key, true);
      }
      const done = await withTimeout(this.#cache.set(key, entry, ttlSeconds), {
        ms: this.#timeoutMs,
        scheduler: this.#clock,
        late: TIMED_OUT,
      });
      if (done === TIMED_OUT) trouble('cache-write', `the token cache took more than ${this.#timeoutMs} ms`);
      else this.#unwritten.delete(key);
    } catch {
      trouble('cache-write', 'the token cache failed');
    }
  }

  #fresh(minted: Minted, minSeconds: number): boolean {
    return this.secondsLeft(minted) > minSeconds;
  }

  async #readOne(key: string, trouble: CacheTrouble): Promise<Minted | undefined> {
    try {
      if (this.#lookup !== undefined) return this.#lookup(key);
      const entry: unknown = await withTimeout(this.#cache.get(key), {
        ms: this.#timeoutMs,
        scheduler: this.#clock,
        late: TIMED_OUT,
      });
      if (entry === undefined || entry === null)
        return this.#unwritten.has(key) ? this.#recent.get(key) : undefined;
      if (entry === TIMED_OUT) {
        trouble('cache-read', `the token cache took more than ${this.#timeoutMs} ms`);
        return this.#recent.get(key);
      }
      const minted = await this.#unseal(key, entry);
      if (minted === undefined)
        trouble('cache-read', 'the token cache gave an entry that is not of this vendor');
      return this.#newest(key, minted);
    } catch {
      trouble('cache-read', 'the token cache failed');
      return this.#recent.get(key);
    }
  }

  /** A cache that lags behind, or did not take the successor of a token that Momento refused, still has the token before. */
  #newest(key: string, minted: Minted | undefined): Minted | undefined {
    const own = this.#recent.get(key);
    return minted !== undefined && own !== undefined && own.exp >= minted.exp ? own : minted;
  }

  async #unseal(key: string, entry: unknown): Promise<Minted | undefined> {
    if (typeof entry !== 'object') return undefined;
    const { token, exp, seal } = entry as Partial<Sealed>;
    if (typeof token !== 'string' || typeof exp !== 'number' || typeof seal !== 'string') return undefined;
    const seals = await this.#seals(key, { token, exp });
    // Nobody can time this comparison: it tells a good entry from a bad one, and both go the same way.
    return seals.includes(seal) ? { token, exp } : undefined;
  }

  #seals(key: string, minted: Minted): Promise<readonly string[]> {
    return this.#hash.seals(JSON.stringify([key, minted.token, minted.exp]));
  }
}
