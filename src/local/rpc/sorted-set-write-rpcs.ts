import { cache as cacheTypes } from '@gomomento/generated-types';
import {
  type Aggregate,
  sortedSetIncrement,
  sortedSetPut,
  sortedSetRemove,
  sortedSetUnionStore,
} from '../engine/sorted-sets.js';
import { MomentoError } from '../status.js';
import { requireItem } from './access.js';
import { collectionTtl, element, target, validTtl } from './item-checks.js';
import { type Caller, itemKey, type Rpc, type Services, unary } from './rpc.js';

const messages = cacheTypes.cache_client;
const { definition } = messages.UnimplementedScsService;

const writes = (request: { set_name: Uint8Array }, caller: Caller): void =>
  requireItem(caller, itemKey(request.set_name), 'write');

/** Returns the RPCs that change a sorted set. */
export function sortedSetWriteRpcs(services: Services): Rpc[] {
  return [
    unary(definition.SortedSetPut, {
      authorize: writes,
      run(request, caller) {
        const [cache, key] = target(services, caller, request.set_name);
        const elements = request.elements.map(({ value, score }) => {
          services.limits.element(value.length);
          return { value: element('value', value), score: number(score, 'score') };
        });
        sortedSetPut(cache, key, elements, collectionTtl(services, request));
        return new messages._SortedSetPutResponse();
      },
    }),
    unary(definition.SortedSetIncrement, {
      authorize: writes,
      run(request, caller) {
        const [cache, key] = target(services, caller, request.set_name);
        services.limits.element(request.value.length);
        const value = element('value', request.value);
        const amount = number(request.amount, 'amount');
        const ttl = collectionTtl(services, request);
        return new messages._SortedSetIncrementResponse({
          score: sortedSetIncrement(cache, key, value, amount, ttl),
        });
      },
    }),
    unary(definition.SortedSetRemove, {
      authorize: writes,
      run(request, caller) {
        const [cache, key] = target(services, caller, request.set_name);
        sortedSetRemove(cache, key, request.has_some ? request.some.values.map(itemKey) : 'all');
        return new messages._SortedSetRemoveResponse();
      },
    }),
    unary(definition.SortedSetUnionStore, {
      authorize(request, caller) {
        writes(request, caller);
        for (const source of request.sources) requireItem(caller, itemKey(source.set_name), 'read');
      },
      run(request, caller) {
        const [cache, key] = target(services, caller, request.set_name);
        const sources = request.sources.map(({ set_name, weight }) => ({
          key: target(services, caller, set_name)[1],
          weight: number(weight, 'weight'),
        }));
        if (sources.length === 0)
          throw new MomentoError('INVALID_ARGUMENT', 'a union needs at least one source');
        const ttlMs = validTtl(services, request.ttl_milliseconds);
        const length = sortedSetUnionStore(cache, key, sources, aggregate(request.aggregate), ttlMs);
        return new messages._SortedSetUnionStoreResponse({ length });
      },
    }),
  ];
}

function aggregate(which: number): Aggregate {
  const { AggregateFunction } = messages._SortedSetUnionStoreRequest;
  if (which === AggregateFunction.MIN) return 'min';
  return which === AggregateFunction.MAX ? 'max' : 'sum';
}

function number(value: number, what: string): number {
  if (Number.isNaN(value)) throw new MomentoError('INVALID_ARGUMENT', `the ${what} must be a number`);
  return value;
}
