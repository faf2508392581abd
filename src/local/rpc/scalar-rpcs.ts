import { cache as cacheTypes } from '@gomomento/generated-types';
import { increment } from '../engine/scalars.js';
import { requireItem } from './access.js';
import { target, validTtl } from './item-checks.js';
import { itemKey, type Rpc, type Services, unary } from './rpc.js';

const messages = cacheTypes.cache_client;
const { ECacheResult } = messages;
const { definition } = messages.UnimplementedScsService;

/** Single values. */
export function scalarRpcs(services: Services): Rpc[] {
  return [
    unary(definition.Get, {
      authorize: (request, caller) => requireItem(caller, itemKey(request.cache_key), 'read'),
      run(request, caller) {
        const [cache, key] = target(services, caller, request.cache_key);
        const value = cache.get(key, 'scalar');
        return value
          ? new messages._GetResponse({ result: ECacheResult.Hit, cache_body: value })
          : new messages._GetResponse({ result: ECacheResult.Miss });
      },
    }),
    unary(definition.Set, {
      authorize: (request, caller) => requireItem(caller, itemKey(request.cache_key), 'write'),
      run(request, caller) {
        const [cache, key] = target(services, caller, request.cache_key);
        services.limits.item(request.cache_key, request.cache_body);
        const ttlMs = validTtl(services, request.ttl_milliseconds);
        // A set replaces whatever was there, of whatever kind.
        cache.set(key, 'scalar', request.cache_body, { ttlMs, refresh: true });
        return new messages._SetResponse({ result: ECacheResult.Ok });
      },
    }),
    unary(definition.Increment, {
      authorize: (request, caller) => requireItem(caller, itemKey(request.cache_key), 'write'),
      run(request, caller) {
        const [cache, key] = target(services, caller, request.cache_key);
        const ttlMs = validTtl(services, request.ttl_milliseconds);
        return new messages._IncrementResponse({ value: increment(cache, key, request.amount, ttlMs) });
      },
    }),
  ];
}
