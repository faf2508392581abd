import { invalidArgument } from '../../shared/errors.js';
import type { VendedToken } from '../../shared/vended-token.js';
import { fromBase64Url, toBase64Url } from '../base64.js';
import { checkedSecrets, encryptionKey } from '../secrets.js';
import type { TokenCache } from '../types.js';
import { markShared, sharedCacheOf } from './shared-token-cache.js';

const IV_BYTES = 12;

const utf8 = new TextEncoder();

/**
 * Any token cache, with what it keeps encrypted (AES-256-GCM). An entry only opens under the key it was set
 * with, so entries cannot be swapped.
 *
 * @param cache where the encrypted entries go; `get`, `set`, `delete` and `increment` are passed through.
 * @param secret 16 characters or more, better 32 random bytes in base64. Of an array the first encrypts and
 * all decrypt: put a new secret in front, and take the old one away when its tokens have expired.
 * @throws ChatError `invalid-argument` for a secret that is too short, or what is no token cache.
 *
 * @example
 * ```ts
 * const tokenCache = sealedTokenCache(redisTokenCache, process.env.TOKEN_CACHE_SECRET ?? '');
 * ```
 */
export function sealedTokenCache(cache: TokenCache, secret: string | readonly string[]): TokenCache {
  const secrets = checkedSecrets(secret);
  if (typeof cache?.get !== 'function' || typeof cache.set !== 'function')
    throw invalidArgument('seal a token cache', 'it must have get and set');
  let keys: Promise<CryptoKey[]> | undefined;
  // Derived when first needed: it takes some tens of milliseconds.
  const allKeys = (): Promise<CryptoKey[]> => {
    keys ??= Promise.all(secrets.map(encryptionKey));
    return keys;
  };
  const sealed: TokenCache = {
    async get(key) {
      const entry = await cache.get(key);
      return entry === undefined || entry === null ? undefined : open(await allKeys(), key, entry);
    },
    async set(key, token, ttlSeconds) {
      const [first] = await allKeys();
      if (first !== undefined) await cache.set(key, await seal(first, key, token), ttlSeconds);
    },
    async delete(key) {
      await cache.delete?.(key);
    },
    ...(cache.increment === undefined ? {} : { increment: cache.increment.bind(cache) }),
  };
  const shared = sharedCacheOf(cache);
  if (shared !== undefined) markShared(sealed, { ...shared, secrets });
  return sealed;
}

async function seal(key: CryptoKey, name: string, token: VendedToken): Promise<VendedToken> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const sealed = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv, additionalData: utf8.encode(name) },
    key,
    utf8.encode(JSON.stringify(token)),
  );
  const bytes = new Uint8Array(IV_BYTES + sealed.byteLength);
  bytes.set(iv);
  bytes.set(new Uint8Array(sealed), IV_BYTES);
  return { token: toBase64Url(bytes), exp: token.exp };
}

async function open(
  keys: readonly CryptoKey[],
  name: string,
  entry: VendedToken,
): Promise<VendedToken | undefined> {
  if (typeof entry.token !== 'string') throw new Error('an entry that was not sealed');
  const bytes = fromBase64Url(entry.token);
  const algorithm = { name: 'AES-GCM', iv: bytes.subarray(0, IV_BYTES), additionalData: utf8.encode(name) };
  for (const key of keys) {
    const plain = await crypto.subtle
      .decrypt(algorithm, key, bytes.subarray(IV_BYTES))
      .catch(() => undefined);
    if (plain !== undefined) return JSON.parse(new TextDecoder().decode(plain)) as VendedToken;
  }
  throw new Error('no secret opens this entry');
}
