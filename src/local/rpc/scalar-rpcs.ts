import { cache as cacheTypes } from '@gomomento/generated-types';
import { increment, updateTtl } from '../engine/scalars.js';
import { MomentoError } from '../status.js';
import { requireItem } from './access.js';
import { target, validTtl } from './item-checks.js';
import { itemKey, type Rpc, type Services, unary } from './rpc.js';

const messages = cacheTypes.cache_client;
const { ECacheResult } = messages;
const { definition } = messages.UnimplementedScsService;

/** Single values, and what concerns an item of any kind. */
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
        services.limits.item(request.cache_body.length);
        const ttlMs = validTtl(services, request.ttl_milliseconds);
        // A set replaces whatever was there, of whatever kind.
        cache.set(key, 'scalar', request.cache_body, { ttlMs, refresh: true });
        return new messages._SetResponse({ result: ECacheResult.Ok });
      },
    }),
    unary(definition.Delete, {
      authorize: (request, caller) => requireItem(caller, itemKey(request.cache_key), 'write'),
      run(request, caller) {
        const [cache, key] = target(services, caller, request.cache_key);
        cache.delete(key);
        return new messages._DeleteResponse();
      },
    }),
    unary(definition.Increment, {
      authorize: (request, caller) => requireItem(caller, itemKey(request.cache_key), 'read and write'),
      run(request, caller) {
        const [cache, key] = target(services, caller, request.cache_key);
        const ttlMs = validTtl(services, request.ttl_milliseconds);
        return new messages._IncrementResponse({ value: increment(cache, key, request.amount, ttlMs) });
      },
    }),
    unary(definition.ItemGetTtl, {
      authorize: (request, caller) => requireItem(caller, itemKey(request.cache_key), 'read'),
      run(request, caller) {
        const { _Found, _Missing } = messages._ItemGetTtlResponse;
        const [cache, key] = target(services, caller, request.cache_key);
        const left = cache.remainingTtl(key);
        return left === undefined
          ? new messages._ItemGetTtlResponse({ missing: new _Missing() })
          : new messages._ItemGetTtlResponse({ found: new _Found({ remaining_ttl_millis: left }) });
      },
    }),
    unary(definition.UpdateTtl, {
      authorize: (request, caller) => requireItem(caller, itemKey(request.cache_key), 'write'),
      run(request, caller) {
        const { _Set, _NotSet, _Missing } = messages._UpdateTtlResponse;
        const [cache, key] = target(services, caller, request.cache_key);
        const [how, ttlMs] = ttlChange(request);
        const done = updateTtl(cache, key, how, validTtl(services, ttlMs));
        if (done === undefined) return new messages._UpdateTtlResponse({ missing: new _Missing() });
        return done
          ? new messages._UpdateTtlResponse({ set: new _Set() })
          : new messages._UpdateTtlResponse({ not_set: new _NotSet() });
      },
    }),
  ];
}

function ttlChange(
  request: InstanceType<typeof messages._UpdateTtlRequest>,
): ['increase' | 'decrease' | 'overwrite', number] {
  if (request.has_increase_to_milliseconds) return ['increase', request.increase_to_milliseconds];
  if (request.has_decrease_to_milliseconds) return ['decrease', request.decrease_to_milliseconds];
  if (request.has_overwrite_to_milliseconds) return ['overwrite', request.overwrite_to_milliseconds];
  throw new MomentoError('INVALID_ARGUMENT', 'a change of TTL must say how');
}
