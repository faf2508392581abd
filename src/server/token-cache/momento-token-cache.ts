import { type ChatError, invalidArgument } from '../../shared/errors.js';
import type { VendedToken } from '../../shared/vended-token.js';
import type { TokenCache } from '../types.js';
import { sealedTokenCache } from './sealed-token-cache.js';
import { markShared } from './shared-token-cache.js';

/** The part of an SDK's `CacheClient` that is used; those of `@gomomento/sdk` and `sdk-web` fit. */
export interface TokenCacheClientLike {
  get(cacheName: string, key: string): Promise<{ readonly type: string }>;
  set(
    cacheName: string,
    key: string,
    value: string,
    options?: { ttl?: number },
  ): Promise<{ readonly type: string }>;
  delete(cacheName: string, key: string): Promise<{ readonly type: string }>;
  increment?(
    cacheName: string,
    field: string,
    amount?: number,
    options?: { ttl?: number },
  ): Promise<{ readonly type: string }>;
}

// Momento keeps nothing for longer than a day on demand; a token that lives longer is minted again.
const MAX_TTL_SECONDS = 86_400;

/**
 * Keeps tokens in a Momento cache, so that servers share them, and counts requests there, so that they
 * share the rate limit. It must not be the cache that rooms live in, and the vendor puts no permission for
 * it into a token.
 *
 * @param options `client`: a `CacheClient`; `cache`: the name of an existing cache; `secret`: encrypts what
 * is stored (AES-256-GCM), 16 characters or more, better 32 random bytes in base64, equal on all servers. Of
 * an array the first encrypts and all decrypt. Without it tokens are readable to whoever can read the cache.
 * @throws ChatError `invalid-argument` for options that cannot work, such as a `secret` that is there and undefined.
 *
 * @example
 * ```ts
 * createTokenVendor({
 *   auth: { apiKey, endpoint },
 *   rooms: ['lobby'],
 *   tokenCache: momentoTokenCache({ client: cacheClient, cache: 'user', secret: process.env.TOKEN_CACHE_SECRET }),
 * });
 * ```
 */
export function momentoTokenCache(options: {
  client: TokenCacheClientLike;
  cache: string;
  secret?: string | readonly string[] | undefined;
}): TokenCache {
  if (typeof options !== 'object' || options === null) throw invalid('options must be an object');
  const { client, cache: cacheName } = options;
  if (typeof client?.get !== 'function' || typeof client.set !== 'function') {
    throw invalid('client must be a CacheClient');
  }
  if (typeof cacheName !== 'string' || cacheName.trim() === '')
    throw invalid('cache must be the name of a cache');
  const plain = plainTokenCache(client, cacheName);
  markShared(plain, { cacheName, secrets: [] });
  // One that is given and undefined is a variable of the environment that nobody has set.
  return 'secret' in options ? sealedTokenCache(plain, options.secret ?? '') : plain;
}

function plainTokenCache(client: TokenCacheClientLike, cacheName: string): TokenCache {
  const cache: TokenCache = {
    async get(key) {
      const response = await client.get(cacheName, entryKey(key));
      if (response.type === 'Miss') return undefined;
      checkType(response, 'Hit');
      const text: unknown = (response as { value?: () => unknown }).value?.();
      return JSON.parse(String(text)) as VendedToken;
    },
    async set(key, token, ttlSeconds) {
      const ttl = Math.min(MAX_TTL_SECONDS, Math.floor(ttlSeconds));
      if (ttl < 1) return;
      checkType(await client.set(cacheName, entryKey(key), JSON.stringify(token), { ttl }), 'Success');
    },
    async delete(key) {
      checkType(await client.delete(cacheName, entryKey(key)), 'Success');
    },
  };
  if (typeof client.increment === 'function') {
    cache.increment = async (key, ttlSeconds) => {
      const ttl = Math.min(MAX_TTL_SECONDS, Math.max(1, Math.ceil(ttlSeconds)));
      const response = await client.increment?.(cacheName, `count:${key}`, 1, { ttl });
      checkType(response, 'Success');
      return Number((response as { value?: () => unknown }).value?.());
    };
  }
  return cache;
}

function entryKey(key: string): string {
  return `token:${key}`;
}

function checkType(response: { readonly type: string } | undefined, type: string): void {
  if (response?.type === type) return;
  const code = (response as { errorCode?: () => unknown } | undefined)?.errorCode?.();
  throw new Error(
    `the token cache answered ${typeof code === 'string' ? code : 'what cannot be understood'}`,
  );
}

function invalid(why: string): ChatError {
  return invalidArgument('create a Momento token cache', why);
}
