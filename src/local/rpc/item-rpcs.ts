import { cache as cacheTypes } from '@gomomento/generated-types';
import type { StoredKind } from '../engine/cache.js';
import { updateTtl } from '../engine/scalars.js';
import { MomentoError } from '../status.js';
import { requireItem, requireItems } from './access.js';
import { target, validTtl } from './item-checks.js';
import { itemKey, type Rpc, type Services, unary } from './rpc.js';

const messages = cacheTypes.cache_client;
const { definition } = messages.UnimplementedScsService;
const { ItemType } = messages._ItemGetTypeResponse;

const ITEM_TYPES: Record<StoredKind, number> = {
  scalar: ItemType.SCALAR,
  dictionary: ItemType.DICTIONARY,
  set: ItemType.SET,
  list: ItemType.LIST,
  'sorted set': ItemType.SORTED_SET,
};

/** Returns the RPCs on an item of any kind: whether it is there, its kind, its TTL, its end. */
export function itemRpcs(services: Services): Rpc[] {
  return [
    unary(definition.Delete, {
      authorize: (request, caller) => requireItem(caller, itemKey(request.cache_key), 'write'),
      run(request, caller) {
        const [cache, key] = target(services, caller, request.cache_key);
        cache.delete(key);
        return new messages._DeleteResponse();
      },
    }),
    unary(definition.KeysExist, {
      authorize: (request, caller) => requireItems(caller, request.cache_keys, 'read'),
      run(request, caller) {
        services.engine.caches.get(caller.cacheName);
        const exists = request.cache_keys.map((bytes) => {
          const [cache, key] = target(services, caller, bytes);
          return cache.has(key);
        });
        return new messages._KeysExistResponse({ exists });
      },
    }),
    unary(definition.ItemGetType, {
      authorize: (request, caller) => requireItem(caller, itemKey(request.cache_key), 'read'),
      run(request, caller) {
        const { _Found, _Missing } = messages._ItemGetTypeResponse;
        const [cache, key] = target(services, caller, request.cache_key);
        const kind = cache.kindOf(key);
        return kind === undefined
          ? new messages._ItemGetTypeResponse({ missing: new _Missing() })
          : new messages._ItemGetTypeResponse({ found: new _Found({ item_type: ITEM_TYPES[kind] }) });
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
