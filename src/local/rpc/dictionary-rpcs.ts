import { cache as cacheTypes } from '@gomomento/generated-types';
import { dictionary, dictionaryDelete, dictionaryIncrement, dictionarySet } from '../engine/dictionaries.js';
import { requireItem } from './access.js';
import { collectionTtl, element, target } from './item-checks.js';
import { type Caller, itemKey, type Rpc, type Services, unary, valueBytes } from './rpc.js';

const messages = cacheTypes.cache_client;
const { ECacheResult } = messages;
const { definition } = messages.UnimplementedScsService;

interface DictionaryRequest {
  dictionary_name: Uint8Array;
}

const reads = (request: DictionaryRequest, caller: Caller): void =>
  requireItem(caller, itemKey(request.dictionary_name), 'read');
const writes = (request: DictionaryRequest, caller: Caller): void =>
  requireItem(caller, itemKey(request.dictionary_name), 'write');

/** Dictionaries. */
export function dictionaryRpcs(services: Services): Rpc[] {
  return [...reading(services), ...changing(services)];
}

function reading(services: Services): Rpc[] {
  return [
    unary(definition.DictionaryGet, {
      authorize: reads,
      run(request, caller) {
        const { _Found, _Missing, _DictionaryGetResponsePart } = messages._DictionaryGetResponse;
        const [cache, key] = target(services, caller, request.dictionary_name);
        const found = dictionary(cache, key);
        if (!found) return new messages._DictionaryGetResponse({ missing: new _Missing() });
        const items = request.fields.map((field) => {
          const value = found.get(itemKey(field));
          return value
            ? new _DictionaryGetResponsePart({ result: ECacheResult.Hit, cache_body: value })
            : new _DictionaryGetResponsePart({ result: ECacheResult.Miss });
        });
        return new messages._DictionaryGetResponse({ found: new _Found({ items }) });
      },
    }),
    unary(definition.DictionaryFetch, {
      authorize: reads,
      run(request, caller) {
        const { _Found, _Missing } = messages._DictionaryFetchResponse;
        const [cache, key] = target(services, caller, request.dictionary_name);
        const found = dictionary(cache, key);
        if (!found) return new messages._DictionaryFetchResponse({ missing: new _Missing() });
        const items = [...found].map(
          ([field, value]) => new messages._DictionaryFieldValuePair({ field: valueBytes(field), value }),
        );
        return new messages._DictionaryFetchResponse({ found: new _Found({ items }) });
      },
    }),
    unary(definition.DictionaryLength, {
      authorize: reads,
      run(request, caller) {
        const { _Found, _Missing } = messages._DictionaryLengthResponse;
        const [cache, key] = target(services, caller, request.dictionary_name);
        const length = dictionary(cache, key)?.size;
        return length === undefined
          ? new messages._DictionaryLengthResponse({ missing: new _Missing() })
          : new messages._DictionaryLengthResponse({ found: new _Found({ length }) });
      },
    }),
  ];
}

function changing(services: Services): Rpc[] {
  return [
    unary(definition.DictionarySet, {
      authorize: writes,
      run(request, caller) {
        const [cache, key] = target(services, caller, request.dictionary_name);
        const fields = request.items.map(({ field, value }) => {
          services.limits.element(field.length + value.length);
          return [element('field', field), value] as const;
        });
        dictionarySet(cache, key, fields, collectionTtl(services, request));
        return new messages._DictionarySetResponse();
      },
    }),
    unary(definition.DictionaryIncrement, {
      authorize: writes,
      run(request, caller) {
        const [cache, key] = target(services, caller, request.dictionary_name);
        const field = element('field', request.field);
        const ttl = collectionTtl(services, request);
        return new messages._DictionaryIncrementResponse({
          value: dictionaryIncrement(cache, key, field, request.amount, ttl),
        });
      },
    }),
    unary(definition.DictionaryDelete, {
      authorize: writes,
      run(request, caller) {
        const [cache, key] = target(services, caller, request.dictionary_name);
        dictionaryDelete(cache, key, request.has_some ? request.some.fields.map(itemKey) : 'all');
        return new messages._DictionaryDeleteResponse();
      },
    }),
  ];
}
