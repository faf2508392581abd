import type { cache as cacheTypes } from '@gomomento/generated-types';
import type { ScoreBound } from '../engine/sorted-set.js';
import type { SortedSetRange } from '../engine/sorted-sets.js';
import { invalidRequest } from '../status.js';

type Messages = typeof cacheTypes.cache_client;
type FetchRequest = InstanceType<Messages['_SortedSetFetchRequest']>;
type LengthRequest = InstanceType<Messages['_SortedSetLengthByScoreRequest']>;

/** Returns the range of a fetch, default everything; INVALID_ARGUMENT when its ends are the wrong way round. */
export function fetchRange(request: FetchRequest): SortedSetRange {
  if (request.has_by_score) {
    const { by_score: range } = request;
    const min = range.has_min_score ? bound(range.min_score.score, range.min_score.exclusive) : undefined;
    const max = range.has_max_score ? bound(range.max_score.score, range.max_score.exclusive) : undefined;
    inOrder(min, max);
    return { by: 'score', min, max, offset: range.offset, count: range.count };
  }
  if (!request.has_by_index) return { by: 'rank', slice: {} };
  const { by_index: range } = request;
  const start = range.has_inclusive_start_index ? range.inclusive_start_index : undefined;
  const end = range.has_exclusive_end_index ? range.exclusive_end_index : undefined;
  const sameSide = start !== undefined && end !== undefined && start < 0 === end < 0;
  if (sameSide && start > end) invalidRequest('the start rank must be less than the end rank');
  return { by: 'rank', slice: { start, end } };
}

/** The scores that a length is asked for. */
export function scoreRange(request: LengthRequest): {
  min: ScoreBound | undefined;
  max: ScoreBound | undefined;
} {
  let min: ScoreBound | undefined;
  let max: ScoreBound | undefined;
  if (request.has_inclusive_min) min = bound(request.inclusive_min, false);
  if (request.has_exclusive_min) min = bound(request.exclusive_min, true);
  if (request.has_inclusive_max) max = bound(request.inclusive_max, false);
  if (request.has_exclusive_max) max = bound(request.exclusive_max, true);
  inOrder(min, max);
  return { min, max };
}

function bound(score: number, exclusive: boolean): ScoreBound {
  if (Number.isNaN(score)) invalidRequest('a score must be a number');
  return { score, exclusive };
}

function inOrder(min: ScoreBound | undefined, max: ScoreBound | undefined): void {
  if (min && max && min.score > max.score)
    invalidRequest('the minimum score must not be greater than the maximum');
}
