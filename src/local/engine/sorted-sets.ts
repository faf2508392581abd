import { MomentoError } from '../status.js';
import type { Cache, Ttl } from './cache.js';
import type { ItemKey } from './item-key.js';
import { bounds, type Slice } from './slice.js';
import { type ScoreBound, type ScoredElement, SortedSet } from './sorted-set.js';

const KIND = 'sorted set';

export type Order = 'ascending' | 'descending';
export type Aggregate = 'sum' | 'min' | 'max';

/** Which elements a fetch is about: by their places in the order that is asked for, or by their scores. */
export type SortedSetRange =
  | { by: 'rank'; slice: Slice }
  | {
      by: 'score';
      min: ScoreBound | undefined;
      max: ScoreBound | undefined;
      /** How many of the matching elements to leave out, in the order that is asked for. */
      offset: number;
      /** How many of them at most; negative: all. */
      count: number;
    };

export function sortedSet(cache: Cache, key: ItemKey): SortedSet | undefined {
  return cache.get(key, KIND);
}

export function sortedSetPut(cache: Cache, key: ItemKey, elements: readonly ScoredElement[], ttl: Ttl): void {
  const set = sortedSet(cache, key) ?? new SortedSet();
  for (const { value, score } of elements) set.put(value, score);
  cache.put(key, KIND, set, ttl);
}

/** The elements of the range, in that order; undefined when there is no sorted set. */
export function sortedSetFetch(
  cache: Cache,
  key: ItemKey,
  order: Order,
  range: SortedSetRange,
): ScoredElement[] | undefined {
  const set = sortedSet(cache, key);
  if (!set) return undefined;
  if (range.by === 'rank') {
    const [from, to] = bounds(range.slice, set.size);
    return ordered(set.elements(), order).slice(from, to);
  }
  const matching = ordered(set.between(range.min, range.max), order);
  return matching.slice(range.offset, range.count < 0 ? undefined : range.offset + range.count);
}

/** The element's place in that order; undefined when there is no such element, or no sorted set. */
export function sortedSetRank(cache: Cache, key: ItemKey, value: ItemKey, order: Order): number | undefined {
  const set = sortedSet(cache, key);
  const rank = set?.rank(value);
  if (!set || rank === undefined) return undefined;
  return order === 'ascending' ? rank : set.size - 1 - rank;
}

/** Adds `amount` to the element's score, which starts at 0, and returns the sum. */
export function sortedSetIncrement(
  cache: Cache,
  key: ItemKey,
  value: ItemKey,
  amount: number,
  ttl: Ttl,
): number {
  const set = sortedSet(cache, key) ?? new SortedSet();
  const score = (set.score(value) ?? 0) + amount;
  if (Number.isNaN(score)) throw new MomentoError('FAILED_PRECONDITION', 'the score would not be a number');
  set.put(value, score);
  cache.put(key, KIND, set, ttl);
  return score;
}

export function sortedSetRemove(cache: Cache, key: ItemKey, values: readonly ItemKey[] | 'all'): void {
  const set = sortedSet(cache, key);
  if (!set) return;
  if (values === 'all') {
    cache.delete(key);
    return;
  }
  for (const value of values) set.remove(value);
  cache.put(key, KIND, set);
}

/**
 * Stores the union of the sources at `key`, in place of whatever was there, and returns how many elements it has. An
 * element's score is that of each source times the source's weight, put together by `aggregate`. A source that does not
 * exist has no elements.
 */
export function sortedSetUnionStore(
  cache: Cache,
  key: ItemKey,
  sources: readonly { key: ItemKey; weight: number }[],
  aggregate: Aggregate,
  ttlMs: number,
): number {
  const scores = new Map<ItemKey, number>();
  const together = { sum: (a: number, b: number) => a + b, min: Math.min, max: Math.max }[aggregate];
  for (const source of sources) {
    for (const { value, score } of sortedSet(cache, source.key)?.elements() ?? []) {
      // Infinity times 0, and Infinity minus Infinity, count as 0, as in Redis.
      const weighted = score * source.weight || 0;
      const known = scores.get(value);
      scores.set(value, known === undefined ? weighted : together(known, weighted) || 0);
    }
  }
  const union = SortedSet.from([...scores].map(([value, score]) => ({ value, score })));
  cache.put(key, KIND, union, { ttlMs, refresh: true });
  return union.size;
}

function ordered(elements: readonly ScoredElement[], order: Order): readonly ScoredElement[] {
  return order === 'ascending' ? elements : [...elements].reverse();
}
