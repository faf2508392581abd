import { invalidArgument } from '../shared/errors.js';
import type { CacheClientLike, ResponseLike } from './client-types.js';
import * as dictionaries from './operations/dictionaries.js';
import * as items from './operations/items.js';
import * as lists from './operations/lists.js';
import * as sets from './operations/sets.js';
import * as sortedSets from './operations/sorted-sets.js';
import { publish } from './operations/topics.js';
import { given, hit, nothing, number, route, type SdkRoute, ttlOf } from './sdk-route.js';
import type { CacheInput, Operation } from './transport.js';

const dictionary = (response: ResponseLike): Map<string, string> =>
  hit<{ valueMap(): Map<string, string> }>(response)?.valueMap() ?? new Map();
const elements = (response: ResponseLike): sortedSets.ScoredValue[] =>
  hit<{ value(): sortedSets.ScoredValue[] }>(response)?.value() ?? [];

const ROUTES: ReadonlyMap<unknown, SdkRoute<never, unknown>> = /* @__PURE__ */ new Map([
  route(publish, ({ topics }, { cache, topic, value }) => topics.publish(cache, topic, value), nothing),
  route(
    lists.listPushFront,
    ({ cache }, input) =>
      cache.listPushFront(input.cache, input.list, input.value, {
        ...ttlOf(input),
        ...given({ truncateBackToSize: input.truncateTo }),
      }),
    number('listLength'),
  ),
  route(
    lists.listFetch,
    ({ cache }, { cache: name, list, start, end }) =>
      cache.listFetch(name, list, given({ startIndex: start, endIndex: end })),
    (response) => hit<{ valueListString(): string[] }>(response)?.valueListString() ?? [],
  ),
  route(
    lists.listRemoveValue,
    ({ cache }, input) =>
      cache.listRemoveValue?.(input.cache, input.list, input.value) ?? lacking('listRemoveValue'),
    nothing,
  ),
  route(
    lists.listLength,
    ({ cache }, input) => cache.listLength?.(input.cache, input.list) ?? lacking('listLength'),
    number('length'),
  ),
  route(
    dictionaries.dictionarySetFields,
    ({ cache }, input) =>
      cache.dictionarySetFields?.(input.cache, input.dictionary, new Map(input.fields), ttlOf(input)) ??
      lacking('dictionarySetFields'),
    nothing,
  ),
  route(
    dictionaries.dictionaryGetFields,
    ({ cache }, input) =>
      cache.dictionaryGetFields?.(input.cache, input.dictionary, [...input.fields]) ??
      lacking('dictionaryGetFields'),
    dictionary,
  ),
  route(
    dictionaries.dictionaryFetch,
    ({ cache }, input) =>
      cache.dictionaryFetch?.(input.cache, input.dictionary) ?? lacking('dictionaryFetch'),
    dictionary,
  ),
  route(
    dictionaries.dictionaryIncrement,
    ({ cache }, input) =>
      cache.dictionaryIncrement?.(input.cache, input.dictionary, input.field, input.amount, ttlOf(input)) ??
      lacking('dictionaryIncrement'),
    number('value'),
  ),
  route(
    dictionaries.dictionaryRemoveFields,
    ({ cache }, input) =>
      cache.dictionaryRemoveFields?.(input.cache, input.dictionary, [...input.fields]) ??
      lacking('dictionaryRemoveFields'),
    nothing,
  ),
  route(
    sortedSets.sortedSetPut,
    ({ cache }, input) =>
      cache.sortedSetPutElements?.(input.cache, input.set, new Map(input.elements), ttlOf(input)) ??
      lacking('sortedSetPutElements'),
    nothing,
  ),
  route(
    sortedSets.sortedSetFetchByRank,
    ({ cache }, { cache: name, set, start, end, descending }) =>
      cache.sortedSetFetchByRank?.(name, set, {
        ...order(descending),
        ...given({ startRank: start, endRank: end }),
      }) ?? lacking('sortedSetFetchByRank'),
    elements,
  ),
  route(
    sortedSets.sortedSetFetchByScore,
    ({ cache }, { cache: name, set, min, max, descending, offset, count }) =>
      cache.sortedSetFetchByScore?.(name, set, {
        ...order(descending),
        ...given({ minScore: min, maxScore: max, offset, count }),
      }) ?? lacking('sortedSetFetchByScore'),
    elements,
  ),
  route(
    sortedSets.sortedSetIncrement,
    ({ cache }, input) =>
      cache.sortedSetIncrementScore?.(input.cache, input.set, input.value, input.amount, ttlOf(input)) ??
      lacking('sortedSetIncrementScore'),
    number('score'),
  ),
  route(
    sortedSets.sortedSetRemove,
    ({ cache }, input) =>
      cache.sortedSetRemoveElements?.(input.cache, input.set, [...input.values]) ??
      lacking('sortedSetRemoveElements'),
    nothing,
  ),
  route(
    sets.setFetch,
    ({ cache }, input) => cache.setFetch?.(input.cache, input.set) ?? lacking('setFetch'),
    (response) => hit<{ valueArrayString(): string[] }>(response)?.valueArrayString() ?? [],
  ),
  route(
    sets.setAdd,
    ({ cache }, input) =>
      cache.setAddElements?.(input.cache, input.set, [...input.values], ttlOf(input)) ??
      lacking('setAddElements'),
    nothing,
  ),
  route(
    items.itemGet,
    ({ cache }, input) => cache.get?.(input.cache, input.key) ?? lacking('get'),
    (response) => hit<{ valueUint8Array(): Uint8Array }>(response)?.valueUint8Array(),
  ),
  route(
    items.itemSet,
    ({ cache }, input) =>
      cache.set?.(input.cache, input.key, input.value, { ttl: input.ttlSeconds }) ?? lacking('set'),
    nothing,
  ),
  route(
    items.itemSetIf,
    ({ cache }, input) => setIf(cache, input),
    (response) => response.type === 'Stored',
  ),
  route(
    items.itemDelete,
    ({ cache }, input) => cache.delete?.(input.cache, input.key) ?? lacking('delete'),
    nothing,
  ),
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

function setIf(
  client: CacheClientLike,
  { cache, key, value, ttlSeconds, condition }: items.ItemValue & { condition: items.ItemCondition },
): Promise<ResponseLike> {
  const options = { ttl: ttlSeconds };
  if (condition === 'absent')
    return client.setIfAbsent?.(cache, key, value, options) ?? lacking('setIfAbsent');
  if (condition === 'present')
    return client.setIfPresent?.(cache, key, value, options) ?? lacking('setIfPresent');
  return client.setIfEqual?.(cache, key, value, condition.equal, options) ?? lacking('setIfEqual');
}

function order(descending: boolean | undefined): { order: 'ASC' | 'DESC' } {
  return { order: descending ? 'DESC' : 'ASC' };
}

/** Rejects because the app's own SDK client is older, or was made for a test, and has no such method. */
function lacking(method: string): Promise<never> {
  return Promise.reject(invalidArgument('call Momento', `the given cache client has no ${method}()`));
}
