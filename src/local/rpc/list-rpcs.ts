import { cache as cacheTypes } from '@gomomento/generated-types';
import {
  listConcatenate,
  listErase,
  listFetch,
  listLength,
  listPop,
  listRemove,
  listRetain,
} from '../engine/lists.js';
import type { Slice } from '../engine/slice.js';
import { requireItem } from './access.js';
import { collectionTtl, target } from './item-checks.js';
import { type Caller, itemKey, type Rpc, type Services, unary } from './rpc.js';

const messages = cacheTypes.cache_client;
const { definition } = messages.UnimplementedScsService;

interface ListRequest {
  list_name: Uint8Array;
}

const reads = (request: ListRequest, caller: Caller): void =>
  requireItem(caller, itemKey(request.list_name), 'read');
const writes = (request: ListRequest, caller: Caller): void =>
  requireItem(caller, itemKey(request.list_name), 'write');

/** Lists. */
export function listRpcs(services: Services): Rpc[] {
  return [...growing(services), ...reading(services), ...shrinking(services)];
}

function growing(services: Services): Rpc[] {
  const grow = (
    request: ListRequest & { ttl_milliseconds: number; refresh_ttl: boolean },
    caller: Caller,
    side: 'front' | 'back',
    values: readonly Uint8Array[],
    truncateTo: number,
  ): { list_length: number } => {
    const [cache, key] = target(services, caller, request.list_name);
    for (const value of values) services.limits.element(value.length);
    const ttl = collectionTtl(services, request);
    return { list_length: listConcatenate(cache, key, side, values, ttl, truncateTo) };
  };
  return [
    unary(definition.ListPushFront, {
      authorize: writes,
      run: (request, caller) =>
        new messages._ListPushFrontResponse(
          grow(request, caller, 'front', [request.value], request.truncate_back_to_size),
        ),
    }),
    unary(definition.ListPushBack, {
      authorize: writes,
      run: (request, caller) =>
        new messages._ListPushBackResponse(
          grow(request, caller, 'back', [request.value], request.truncate_front_to_size),
        ),
    }),
    unary(definition.ListConcatenateFront, {
      authorize: writes,
      run: (request, caller) =>
        new messages._ListConcatenateFrontResponse(
          grow(request, caller, 'front', request.values, request.truncate_back_to_size),
        ),
    }),
    unary(definition.ListConcatenateBack, {
      authorize: writes,
      run: (request, caller) =>
        new messages._ListConcatenateBackResponse(
          grow(request, caller, 'back', request.values, request.truncate_front_to_size),
        ),
    }),
  ];
}

function reading(services: Services): Rpc[] {
  return [
    unary(definition.ListFetch, {
      authorize: reads,
      run(request, caller) {
        const { _Found, _Missing } = messages._ListFetchResponse;
        const [cache, key] = target(services, caller, request.list_name);
        const values = listFetch(cache, key, slice(request));
        return values
          ? new messages._ListFetchResponse({ found: new _Found({ values }) })
          : new messages._ListFetchResponse({ missing: new _Missing() });
      },
    }),
    unary(definition.ListLength, {
      authorize: reads,
      run(request, caller) {
        const { _Found, _Missing } = messages._ListLengthResponse;
        const [cache, key] = target(services, caller, request.list_name);
        const length = listLength(cache, key);
        return length === undefined
          ? new messages._ListLengthResponse({ missing: new _Missing() })
          : new messages._ListLengthResponse({ found: new _Found({ length }) });
      },
    }),
  ];
}

function shrinking(services: Services): Rpc[] {
  return [
    unary(definition.ListPopFront, {
      authorize: writes,
      run(request, caller) {
        const { _Found, _Missing } = messages._ListPopFrontResponse;
        const [cache, key] = target(services, caller, request.list_name);
        const front = listPop(cache, key, 'front');
        return front
          ? new messages._ListPopFrontResponse({
              found: new _Found({ front, list_length: listLength(cache, key) ?? 0 }),
            })
          : new messages._ListPopFrontResponse({ missing: new _Missing() });
      },
    }),
    unary(definition.ListPopBack, {
      authorize: writes,
      run(request, caller) {
        const { _Found, _Missing } = messages._ListPopBackResponse;
        const [cache, key] = target(services, caller, request.list_name);
        const back = listPop(cache, key, 'back');
        return back
          ? new messages._ListPopBackResponse({
              found: new _Found({ back, list_length: listLength(cache, key) ?? 0 }),
            })
          : new messages._ListPopBackResponse({ missing: new _Missing() });
      },
    }),
    unary(definition.ListRemove, {
      authorize: writes,
      run(request, caller) {
        const { _Found, _Missing } = messages._ListRemoveResponse;
        const [cache, key] = target(services, caller, request.list_name);
        const length = listRemove(cache, key, request.all_elements_with_value);
        return length === undefined
          ? new messages._ListRemoveResponse({ missing: new _Missing() })
          : new messages._ListRemoveResponse({ found: new _Found({ list_length: length }) });
      },
    }),
    unary(definition.ListErase, {
      authorize: writes,
      run(request, caller) {
        const { _Found, _Missing } = messages._ListEraseResponse;
        const [cache, key] = target(services, caller, request.list_name);
        const ranges = request.has_some
          ? request.some.ranges.map((range) => ({ begin: range.begin_index, count: range.count }))
          : [{ begin: 0, count: Number.POSITIVE_INFINITY }];
        const length = listErase(cache, key, ranges);
        return length === undefined
          ? new messages._ListEraseResponse({ missing: new _Missing() })
          : new messages._ListEraseResponse({ found: new _Found({ list_length: length }) });
      },
    }),
    unary(definition.ListRetain, {
      authorize: writes,
      run(request, caller) {
        const { _Found, _Missing } = messages._ListRetainResponse;
        const [cache, key] = target(services, caller, request.list_name);
        const length = listRetain(cache, key, slice(request), collectionTtl(services, request));
        return length === undefined
          ? new messages._ListRetainResponse({ missing: new _Missing() })
          : new messages._ListRetainResponse({ found: new _Found({ list_length: length }) });
      },
    }),
  ];
}

function slice(request: {
  has_inclusive_start: boolean;
  inclusive_start: number;
  has_exclusive_end: boolean;
  exclusive_end: number;
}): Slice {
  return {
    start: request.has_inclusive_start ? request.inclusive_start : undefined,
    end: request.has_exclusive_end ? request.exclusive_end : undefined,
  };
}
