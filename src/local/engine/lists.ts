import type { Cache, Ttl } from './cache.js';
import { Deque } from './deque.js';
import type { ItemKey } from './item-key.js';
import { bounds, type Slice } from './slice.js';

/**
 * Adds `values` to one end, keeping their order, and cuts the other end down to `truncateTo` elements (0: not).
 * Returns the list's new length.
 */
export function listConcatenate(
  cache: Cache,
  key: ItemKey,
  side: 'front' | 'back',
  values: readonly Uint8Array[],
  ttl: Ttl,
  truncateTo: number,
): number {
  const list = cache.get(key, 'list') ?? new Deque<Uint8Array>();
  for (const value of side === 'front' ? [...values].reverse() : values) {
    if (side === 'front') list.pushFront(value);
    else list.pushBack(value);
  }
  while (truncateTo > 0 && list.length > truncateTo) {
    if (side === 'front') list.popBack();
    else list.popFront();
  }
  if (list.length > 0) cache.set(key, 'list', list, ttl);
  return list.length;
}

export function listPop(cache: Cache, key: ItemKey, side: 'front' | 'back'): Uint8Array | undefined {
  const list = cache.get(key, 'list');
  const value = side === 'front' ? list?.popFront() : list?.popBack();
  if (list?.length === 0) cache.delete(key);
  return value;
}

/** The elements of the slice: empty when it lies outside the list, undefined when there is no list. */
export function listFetch(cache: Cache, key: ItemKey, slice: Slice): Uint8Array[] | undefined {
  const list = cache.get(key, 'list');
  return list?.slice(...bounds(slice, list.length));
}

export function listLength(cache: Cache, key: ItemKey): number | undefined {
  return cache.get(key, 'list')?.length;
}

/** Keeps only the slice. Returns the new length, undefined when there is no list. */
export function listRetain(cache: Cache, key: ItemKey, slice: Slice, ttl: Ttl): number | undefined {
  const list = cache.get(key, 'list');
  return list && replace(cache, key, list.slice(...bounds(slice, list.length)), ttl);
}

/** Removes every element that equals `value`. Returns the new length, undefined when there is no list. */
export function listRemove(cache: Cache, key: ItemKey, value: Uint8Array): number | undefined {
  const list = cache.get(key, 'list');
  const kept = list?.slice().filter((element) => Buffer.compare(element, value) !== 0);
  return kept && replace(cache, key, kept);
}

/** Removes the elements in `ranges`, all named by their place before the call. Returns as {@link listRemove} does. */
export function listErase(
  cache: Cache,
  key: ItemKey,
  ranges: readonly { begin: number; count: number }[],
): number | undefined {
  const list = cache.get(key, 'list');
  if (!list) return undefined;
  // How many more ranges cover an element than cover the one before it: so the work grows with the list and the
  // number of ranges, not with their product.
  const covering = new Int32Array(list.length + 1);
  for (const { begin, count } of ranges) {
    if (begin >= list.length) continue;
    covering[begin] = (covering[begin] ?? 0) + 1;
    const end = Math.min(list.length, begin + count);
    covering[end] = (covering[end] ?? 0) - 1;
  }
  let depth = 0;
  const kept = list.slice().filter((_, index) => {
    depth += covering[index] ?? 0;
    return depth === 0;
  });
  return replace(cache, key, kept);
}

function replace(cache: Cache, key: ItemKey, elements: Uint8Array[], ttl?: Ttl): number {
  cache.put(key, 'list', Deque.from(elements), ttl);
  return elements.length;
}
