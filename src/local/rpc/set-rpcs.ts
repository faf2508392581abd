import { cache as cacheTypes } from '@gomomento/generated-types';
import type { Cache } from '../engine/cache.js';
import type { ItemKey } from '../engine/item-key.js';
import { setElements, setPop, setSample, setSubtract, setSubtractFrom, setUnion } from '../engine/sets.js';
import { MomentoError } from '../status.js';
import { requireItem } from './access.js';
import { collectionTtl, target } from './item-checks.js';
import { type Caller, itemKey, type Rpc, type Services, unary, valueBytes } from './rpc.js';

const messages = cacheTypes.cache_client;
const { definition } = messages.UnimplementedScsService;

interface SetRequest {
  set_name: Uint8Array;
}

const reads = (request: SetRequest, caller: Caller): void =>
  requireItem(caller, itemKey(request.set_name), 'read');
const writes = (request: SetRequest, caller: Caller): void =>
  requireItem(caller, itemKey(request.set_name), 'write');

/** Sets. */
export function setRpcs(services: Services): Rpc[] {
  return [...reading(services), ...changing(services)];
}

function reading(services: Services): Rpc[] {
  return [
    unary(definition.SetFetch, {
      authorize: reads,
      run(request, caller) {
        const { _Found, _Missing } = messages._SetFetchResponse;
        const [cache, key] = target(services, caller, request.set_name);
        const found = setElements(cache, key);
        return found
          ? new messages._SetFetchResponse({ found: new _Found({ elements: [...found].map(valueBytes) }) })
          : new messages._SetFetchResponse({ missing: new _Missing() });
      },
    }),
    unary(definition.SetSample, {
      authorize: reads,
      run(request, caller) {
        const { _Found, _Missing } = messages._SetSampleResponse;
        const [cache, key] = target(services, caller, request.set_name);
        const sample = setSample(cache, key, request.limit);
        return sample
          ? new messages._SetSampleResponse({ found: new _Found({ elements: sample.map(valueBytes) }) })
          : new messages._SetSampleResponse({ missing: new _Missing() });
      },
    }),
    unary(definition.SetContains, {
      authorize: reads,
      run(request, caller) {
        const { _Found, _Missing } = messages._SetContainsResponse;
        const [cache, key] = target(services, caller, request.set_name);
        const found = setElements(cache, key);
        if (!found) return new messages._SetContainsResponse({ missing: new _Missing() });
        const contains = request.elements.map((element) => found.has(itemKey(element)));
        return new messages._SetContainsResponse({ found: new _Found({ contains }) });
      },
    }),
    unary(definition.SetLength, {
      authorize: reads,
      run(request, caller) {
        const { _Found, _Missing } = messages._SetLengthResponse;
        const [cache, key] = target(services, caller, request.set_name);
        const length = setElements(cache, key)?.size;
        return length === undefined
          ? new messages._SetLengthResponse({ missing: new _Missing() })
          : new messages._SetLengthResponse({ found: new _Found({ length }) });
      },
    }),
  ];
}

function changing(services: Services): Rpc[] {
  return [
    unary(definition.SetUnion, {
      authorize: writes,
      run(request, caller) {
        const [cache, key] = target(services, caller, request.set_name);
        for (const element of request.elements) services.limits.element(element.length);
        setUnion(cache, key, request.elements.map(itemKey), collectionTtl(services, request));
        return new messages._SetUnionResponse();
      },
    }),
    unary(definition.SetDifference, {
      authorize: writes,
      run(request, caller) {
        const { _Found, _Missing } = messages._SetDifferenceResponse;
        const [cache, key] = target(services, caller, request.set_name);
        return difference(request, cache, key)
          ? new messages._SetDifferenceResponse({ found: new _Found() })
          : new messages._SetDifferenceResponse({ missing: new _Missing() });
      },
    }),
    unary(definition.SetPop, {
      authorize: writes,
      run(request, caller) {
        const { _Found, _Missing } = messages._SetPopResponse;
        const [cache, key] = target(services, caller, request.set_name);
        if (request.count < 1) throw new MomentoError('INVALID_ARGUMENT', 'the count must be positive (> 0)');
        const popped = setPop(cache, key, request.count);
        return popped
          ? new messages._SetPopResponse({ found: new _Found({ elements: popped.map(valueBytes) }) })
          : new messages._SetPopResponse({ missing: new _Missing() });
      },
    }),
  ];
}

/** Does what the difference asks for: the set loses some elements or all, or becomes what others have and it has not. */
function difference(
  request: InstanceType<typeof messages._SetDifferenceRequest>,
  cache: Cache,
  key: ItemKey,
): boolean {
  if (request.has_minuend) return setSubtractFrom(cache, key, request.minuend.elements.map(itemKey));
  const { subtrahend } = request;
  if (request.has_subtrahend && subtrahend.has_identity) return setSubtract(cache, key, 'all');
  if (request.has_subtrahend && subtrahend.has_set) {
    return setSubtract(cache, key, subtrahend.set.elements.map(itemKey));
  }
  throw new MomentoError('INVALID_ARGUMENT', 'a difference must say of what');
}
