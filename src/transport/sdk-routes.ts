import { invalidArgument } from '../shared/errors.js';
import type { MomentoClients, ResponseLike } from './client-types.js';
import * as dictionaries from './operations/dictionaries.js';
import * as items from './operations/items.js';
import * as lists from './operations/lists.js';
import * as sets from './operations/sets.js';
import type { Value } from './operations/shared.js';
import * as sortedSets from './operations/sorted-sets.js';
import { publish } from './operations/topics.js';
import { given, hit, nothing, number, route, type SdkRoute, ttlOf } from './sdk-route.js';
import type { CacheInput, Operation, TopicAddress } from './transport.js';

const dictionary = (response: ResponseLike): Map<string, string> =>
  hit<{ valueMap(): Map<string, string> }>(response)?.valueMap() ?? new Map();
const elements = (response: ResponseLike): sortedSets.ScoredValue[] =>
  hit<{ value(): sortedSets.ScoredValue[] }>(response)?.value() ?? [];

const ROUTES: ReadonlyMap<unknown, SdkRoute<never, unknown>> = /* @__PURE__ */ new Map<
  unknown,
  SdkRoute<never, unknown>
>([
  [
    publish,
    {
      call: ({ topics }: MomentoClients, { cache, topic, value }: TopicAddress & { value: Value }) =>
        topics.publish(cache, topic, value),
      read: nothing,
    },
  ],
  route(
    lists.listPushFront,
    (input) => [
      'listPushFront',
      input.list,
      input.value,
      { ...ttlOf(input), ...given({ truncateBackToSize: input.truncateTo }) },
    ],
    number('listLength'),
  ),
  route(
    lists.listFetch,
    ({ list, start, end }) => ['listFetch', list, given({ startIndex: start, endIndex: end })],
    (response) => hit<{ valueListString(): string[] }>(response)?.valueListString() ?? [],
  ),
  route(lists.listRemoveValue, ({ list, value }) => ['listRemoveValue', list, value], nothing),
  route(lists.listLength, ({ list }) => ['listLength', list], number('length')),
  route(
    dictionaries.dictionarySetFields,
    (input) => ['dictionarySetFields', input.dictionary, new Map(input.fields), ttlOf(input)],
    nothing,
  ),
  route(
    dictionaries.dictionaryGetFields,
    (input) => ['dictionaryGetFields', input.dictionary, [...input.fields]],
    dictionary,
  ),
  route(dictionaries.dictionaryFetch, (input) => ['dictionaryFetch', input.dictionary], dictionary),
  route(
    dictionaries.dictionaryIncrement,
    (input) => ['dictionaryIncrement', input.dictionary, input.field, input.amount, ttlOf(input)],
    number('value'),
  ),
  route(
    dictionaries.dictionaryRemoveFields,
    (input) => ['dictionaryRemoveFields', input.dictionary, [...input.fields]],
    nothing,
  ),
  route(
    sortedSets.sortedSetPut,
    (input) => ['sortedSetPutElements', input.set, new Map(input.elements), ttlOf(input)],
    nothing,
  ),
  route(
    sortedSets.sortedSetFetchByRank,
    ({ set, start, end, descending }) => [
      'sortedSetFetchByRank',
      set,
      { ...order(descending), ...given({ startRank: start, endRank: end }) },
    ],
    elements,
  ),
  route(
    sortedSets.sortedSetFetchByScore,
    ({ set, min, max, descending, offset, count }) => [
      'sortedSetFetchByScore',
      set,
      { ...order(descending), ...given({ minScore: min, maxScore: max, offset, count }) },
    ],
    elements,
  ),
  route(
    sortedSets.sortedSetIncrement,
    (input) => ['sortedSetIncrementScore', input.set, input.value, input.amount, ttlOf(input)],
    number('score'),
  ),
  route(
    sortedSets.sortedSetRemove,
    (input) => ['sortedSetRemoveElements', input.set, [...input.values]],
    nothing,
  ),
  route(
    sets.setFetch,
    ({ set }) => ['setFetch', set],
    (response) => hit<{ valueArrayString(): string[] }>(response)?.valueArrayString() ?? [],
  ),
  route(sets.setAdd, (input) => ['setAddElements', input.set, [...input.values], ttlOf(input)], nothing),
  route(
    items.itemGet,
    ({ key }) => ['get', key],
    (response) => hit<{ valueUint8Array(): Uint8Array }>(response)?.valueUint8Array(),
  ),
  route(items.itemSet, ({ key, value, ttlSeconds: ttl }) => ['set', key, value, { ttl }], nothing),
  route(
    items.itemSetIf,
    ({ key, value, ttlSeconds: ttl, condition }) => {
      if (condition === 'absent') return ['setIfAbsent', key, value, { ttl }];
      if (condition === 'present') return ['setIfPresent', key, value, { ttl }];
      return ['setIfEqual', key, value, condition.equal, { ttl }];
    },
    (response) => response.type === 'Stored',
  ),
  route(items.itemDelete, ({ key }) => ['delete', key], nothing),
]);

/** Returns how an operation is done by way of the SDKs. */
export function sdkRoute<Input extends CacheInput, Output>(
  operation: Operation<Input, Output>,
): SdkRoute<Input, Output> {
  const known = ROUTES.get(operation);
  if (known === undefined) {
    throw invalidArgument(operation.action, 'the SDK has no such call');
  }
  // Each route was put in beside its own operation.
  return known as unknown as SdkRoute<Input, Output>;
}

function order(descending: boolean | undefined): { order: 'ASC' | 'DESC' } {
  return { order: descending ? 'DESC' : 'ASC' };
}
