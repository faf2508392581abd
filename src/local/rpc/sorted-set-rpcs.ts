import { cache as cacheTypes } from '@gomomento/generated-types';
import type { ScoredElement } from '../engine/sorted-set.js';
import { sortedSet, sortedSetFetch, sortedSetRank } from '../engine/sorted-sets.js';
import { requireItem } from './access.js';
import { target } from './item-checks.js';
import { type Caller, itemKey, type Rpc, type Services, unary, valueBytes } from './rpc.js';
import { fetchRange, scoreRange } from './sorted-set-ranges.js';
import { sortedSetWriteRpcs } from './sorted-set-write-rpcs.js';

const messages = cacheTypes.cache_client;
const { ECacheResult } = messages;
const { definition } = messages.UnimplementedScsService;

const reads = (request: { set_name: Uint8Array }, caller: Caller): void =>
  requireItem(caller, itemKey(request.set_name), 'read');

/** Sorted sets. */
export function sortedSetRpcs(services: Services): Rpc[] {
  return [...fetching(services), ...measuring(services), ...sortedSetWriteRpcs(services)];
}

function fetching(services: Services): Rpc[] {
  const { Order } = messages._SortedSetFetchRequest;
  return [
    unary(definition.SortedSetFetch, {
      authorize: reads,
      run(request, caller) {
        const { _Found, _Missing } = messages._SortedSetFetchResponse;
        const [cache, key] = target(services, caller, request.set_name);
        const order = request.order === Order.DESCENDING ? 'descending' : 'ascending';
        const elements = sortedSetFetch(cache, key, order, fetchRange(request));
        return elements
          ? new messages._SortedSetFetchResponse({ found: new _Found(found(elements, request.with_scores)) })
          : new messages._SortedSetFetchResponse({ missing: new _Missing() });
      },
    }),
  ];
}

function measuring(services: Services): Rpc[] {
  const { Order } = messages._SortedSetGetRankRequest;
  return [
    unary(definition.SortedSetGetScore, {
      authorize: reads,
      run(request, caller) {
        const { _SortedSetFound, _SortedSetMissing, _SortedSetGetScoreResponsePart } =
          messages._SortedSetGetScoreResponse;
        const [cache, key] = target(services, caller, request.set_name);
        const set = sortedSet(cache, key);
        if (!set) return new messages._SortedSetGetScoreResponse({ missing: new _SortedSetMissing() });
        const elements = request.values.map((value) => {
          const score = set.score(itemKey(value));
          return score === undefined
            ? new _SortedSetGetScoreResponsePart({ result: ECacheResult.Miss })
            : new _SortedSetGetScoreResponsePart({ result: ECacheResult.Hit, score });
        });
        return new messages._SortedSetGetScoreResponse({ found: new _SortedSetFound({ elements }) });
      },
    }),
    unary(definition.SortedSetGetRank, {
      authorize: reads,
      run(request, caller) {
        const { _RankResponsePart, _SortedSetMissing } = messages._SortedSetGetRankResponse;
        const [cache, key] = target(services, caller, request.set_name);
        if (!sortedSet(cache, key)) {
          return new messages._SortedSetGetRankResponse({ missing: new _SortedSetMissing() });
        }
        const order = request.order === Order.DESCENDING ? 'descending' : 'ascending';
        const rank = sortedSetRank(cache, key, itemKey(request.value), order);
        return new messages._SortedSetGetRankResponse({
          element_rank:
            rank === undefined
              ? new _RankResponsePart({ result: ECacheResult.Miss })
              : new _RankResponsePart({ result: ECacheResult.Hit, rank }),
        });
      },
    }),
    unary(definition.SortedSetLength, {
      authorize: reads,
      run(request, caller) {
        const { _Found, _Missing } = messages._SortedSetLengthResponse;
        const [cache, key] = target(services, caller, request.set_name);
        const length = sortedSet(cache, key)?.size;
        return length === undefined
          ? new messages._SortedSetLengthResponse({ missing: new _Missing() })
          : new messages._SortedSetLengthResponse({ found: new _Found({ length }) });
      },
    }),
    unary(definition.SortedSetLengthByScore, {
      authorize: reads,
      run(request, caller) {
        const { _Found, _Missing } = messages._SortedSetLengthByScoreResponse;
        const [cache, key] = target(services, caller, request.set_name);
        const { min, max } = scoreRange(request);
        const length = sortedSet(cache, key)?.between(min, max).length;
        return length === undefined
          ? new messages._SortedSetLengthByScoreResponse({ missing: new _Missing() })
          : new messages._SortedSetLengthByScoreResponse({ found: new _Found({ length }) });
      },
    }),
  ];
}

function found(elements: readonly ScoredElement[], withScores: boolean) {
  const { _ValuesWithScores, _Values } = messages._SortedSetFetchResponse._Found;
  if (!withScores) {
    return { values: new _Values({ values: elements.map(({ value }) => valueBytes(value)) }) };
  }
  const scored = elements.map(
    ({ value, score }) => new messages._SortedSetElement({ value: valueBytes(value), score }),
  );
  return { values_with_scores: new _ValuesWithScores({ elements: scored }) };
}
