import { invalidArgument } from '../../shared/errors.js';
import type { VendedToken } from '../../shared/vended-token.js';
import { recentlyUsed } from '../recently-used.js';
import type { TokenCache } from '../types.js';

const MAX_ENTRIES = 10_000;

// An entry of the process's own memory needs no proof of where it came from, and no waiting.
const own = new WeakMap<TokenCache, (key: string) => VendedToken | undefined>();

/** How to look into `cache` without waiting, if it was made by {@link memoryTokenCache}. */
export function memoryLookup(cache: TokenCache): ((key: string) => VendedToken | undefined) | undefined {
  return own.get(cache);
}

/**
 * Keeps tokens in this process: bounded, the least recently used go first, and each goes when its time is
 * up. A vendor uses it when it is given no `tokenCache`.
 *
 * @param options `maxEntries`: how many tokens to keep, default 10,000 (about 10 MB when full).
 * @throws ChatError `invalid-argument` when `maxEntries` is not a whole number above zero.
 *
 * @example
 * ```ts
 * createTokenVendor({ auth, rooms: ['lobby'], tokenCache: memoryTokenCache({ maxEntries: 1000 }) });
 * ```
 */
export function memoryTokenCache(options: { maxEntries?: number | undefined } = {}): TokenCache {
  const { maxEntries = MAX_ENTRIES } = options ?? {};
  if (!Number.isInteger(maxEntries) || maxEntries < 1 || maxEntries > 10_000_000) {
    throw invalidArgument(
      'create a memory token cache',
      'maxEntries must be a whole number from 1 to 10,000,000',
    );
  }
  const entries = recentlyUsed<VendedToken>(maxEntries);
  const cache: TokenCache = {
    async get(key) {
      return entries.get(key);
    },
    async set(key, token, ttlSeconds) {
      if (ttlSeconds > 0) entries.set(key, token, { ttl: ttlSeconds * 1000 });
    },
    async delete(key) {
      entries.delete(key);
    },
  };
  own.set(cache, (key) => entries.get(key));
  return cache;
}
