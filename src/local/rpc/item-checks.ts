import type { Cache, Ttl } from '../engine/cache.js';
import type { ItemKey } from '../engine/item-key.js';
import { MomentoError } from '../status.js';
import { type Caller, itemKey, type Services } from './rpc.js';

/** The cache that the call names, and the key it is about; NOT_FOUND or INVALID_ARGUMENT when they are no good. */
export function target({ engine }: Services, caller: Caller, key: Uint8Array): [Cache, ItemKey] {
  const cache = engine.caches.get(caller.cacheName);
  if (key.length === 0) throw new MomentoError('INVALID_ARGUMENT', 'the key must not be empty');
  return [cache, itemKey(key)];
}

/** The TTL in milliseconds; INVALID_ARGUMENT when it is 0, RESOURCE_EXHAUSTED when it is over the limit. */
export function validTtl({ limits }: Services, ttlMs: number): number {
  if (!(ttlMs > 0)) throw new MomentoError('INVALID_ARGUMENT', 'the TTL must be greater than 0');
  limits.ttl(ttlMs);
  return ttlMs;
}

/** The TTL of a call on a collection. */
export function collectionTtl(
  services: Services,
  request: { ttl_milliseconds: number; refresh_ttl: boolean },
): Ttl {
  return { ttlMs: validTtl(services, request.ttl_milliseconds), refresh: request.refresh_ttl };
}

/** Returns the key of an element inside a collection; INVALID_ARGUMENT when it is empty. */
export function element(what: 'field' | 'value', bytes: Uint8Array): ItemKey {
  if (bytes.length === 0) throw new MomentoError('INVALID_ARGUMENT', `the ${what} must not be empty`);
  return itemKey(bytes);
}
