import { cache as cacheTypes } from '@gomomento/generated-types';
import { type SetCondition, setIf, valueHash } from '../engine/conditional.js';
import { MomentoError } from '../status.js';
import { requireItem } from './access.js';
import { target, validTtl } from './item-checks.js';
import { type Caller, itemKey, type Rpc, type Services, unary } from './rpc.js';

const messages = cacheTypes.cache_client;
const { definition } = messages.UnimplementedScsService;

interface SetRequest {
  cache_key: Uint8Array;
  cache_body: Uint8Array;
  ttl_milliseconds: number;
}

/** Sets under a condition, and what goes by a value's hash. */
export function conditionalRpcs(services: Services): Rpc[] {
  const writes = (request: SetRequest, caller: Caller): void =>
    requireItem(caller, itemKey(request.cache_key), 'write');
  const store = (request: SetRequest, caller: Caller, condition: SetCondition): boolean => {
    const [cache, key] = target(services, caller, request.cache_key);
    services.limits.item(request.cache_key, request.cache_body);
    const ttlMs = validTtl(services, request.ttl_milliseconds);
    return setIf(cache, key, request.cache_body, ttlMs, condition);
  };
  return [
    unary(definition.GetWithHash, {
      authorize: (request, caller) => requireItem(caller, itemKey(request.cache_key), 'read'),
      run(request, caller) {
        const { _Found, _Missing } = messages._GetWithHashResponse;
        const [cache, key] = target(services, caller, request.cache_key);
        const value = cache.get(key, 'scalar');
        return value
          ? new messages._GetWithHashResponse({ found: new _Found({ value, hash: valueHash(value) }) })
          : new messages._GetWithHashResponse({ missing: new _Missing() });
      },
    }),
    unary(definition.SetIf, {
      authorize: writes,
      run(request, caller) {
        const { _Stored, _NotStored } = messages._SetIfResponse;
        return store(request, caller, condition(request))
          ? new messages._SetIfResponse({ stored: new _Stored() })
          : new messages._SetIfResponse({ not_stored: new _NotStored() });
      },
    }),
    unary(definition.SetIfHash, {
      authorize: writes,
      run(request, caller) {
        const { _Stored, _NotStored } = messages._SetIfHashResponse;
        return store(request, caller, hashCondition(request))
          ? new messages._SetIfHashResponse({
              stored: new _Stored({ new_hash: valueHash(request.cache_body) }),
            })
          : new messages._SetIfHashResponse({ not_stored: new _NotStored() });
      },
    }),
    unary(definition.SetIfNotExists, {
      authorize: writes,
      run(request, caller) {
        const { _Stored, _NotStored } = messages._SetIfNotExistsResponse;
        return store(request, caller, { if: 'absent' })
          ? new messages._SetIfNotExistsResponse({ stored: new _Stored() })
          : new messages._SetIfNotExistsResponse({ not_stored: new _NotStored() });
      },
    }),
  ];
}

function condition(request: InstanceType<typeof messages._SetIfRequest>): SetCondition {
  switch (request.condition) {
    case 'present':
    case 'absent':
      return { if: request.condition };
    case 'equal':
      return { if: 'equal', value: request.equal.value_to_check };
    case 'not_equal':
      return { if: 'not equal', value: request.not_equal.value_to_check };
    case 'present_and_not_equal':
      return { if: 'present and not equal', value: request.present_and_not_equal.value_to_check };
    case 'absent_or_equal':
      return { if: 'absent or equal', value: request.absent_or_equal.value_to_check };
    default:
      throw unconditioned();
  }
}

function hashCondition(request: InstanceType<typeof messages._SetIfHashRequest>): SetCondition {
  switch (request.condition) {
    case 'unconditional':
      return { if: 'always' };
    case 'present_and_hash_equal':
      return { if: 'present and hash equal', hash: request.present_and_hash_equal.hash_to_check };
    case 'present_and_not_hash_equal':
      return { if: 'present and hash not equal', hash: request.present_and_not_hash_equal.hash_to_check };
    case 'absent_or_hash_equal':
      return { if: 'absent or hash equal', hash: request.absent_or_hash_equal.hash_to_check };
    case 'absent_or_not_hash_equal':
      return { if: 'absent or hash not equal', hash: request.absent_or_not_hash_equal.hash_to_check };
    default:
      throw unconditioned();
  }
}

function unconditioned(): MomentoError {
  return new MomentoError('INVALID_ARGUMENT', 'a conditional set must say its condition');
}
