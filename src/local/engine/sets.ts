import type { Cache, Ttl } from './cache.js';
import type { ItemKey } from './item-key.js';

/** Adds the elements; those that are there already change nothing. */
export function setUnion(cache: Cache, key: ItemKey, elements: readonly ItemKey[], ttl: Ttl): void {
  const set = cache.get(key, 'set') ?? new Set<ItemKey>();
  for (const element of elements) set.add(element);
  cache.put(key, 'set', set, ttl);
}

/** Removes the elements. Returns false when there is no set. */
export function setSubtract(cache: Cache, key: ItemKey, elements: readonly ItemKey[] | 'all'): boolean {
  const set = cache.get(key, 'set');
  if (!set) return false;
  if (elements === 'all') set.clear();
  else for (const element of elements) set.delete(element);
  cache.put(key, 'set', set);
  return true;
}

/** Replaces the set by those of `elements` that it does not have. Returns false when there is no set. */
export function setSubtractFrom(cache: Cache, key: ItemKey, elements: readonly ItemKey[]): boolean {
  const set = cache.get(key, 'set');
  if (!set) return false;
  cache.put(key, 'set', new Set(elements.filter((element) => !set.has(element))));
  return true;
}

export function setElements(cache: Cache, key: ItemKey): ReadonlySet<ItemKey> | undefined {
  return cache.get(key, 'set');
}

/** At most `limit` elements, chosen at random and all different; undefined when there is no set. */
export function setSample(
  cache: Cache,
  key: ItemKey,
  limit: number,
  random: () => number = Math.random,
): ItemKey[] | undefined {
  const set = cache.get(key, 'set');
  if (!set) return undefined;
  const pool = [...set];
  const chosen = Math.min(limit, pool.length);
  // The first steps of a Fisher-Yates shuffle: as many as are asked for.
  for (let index = 0; index < chosen; index++) {
    const other = index + Math.floor(random() * (pool.length - index));
    const [a, b] = [pool[index], pool[other]];
    if (a !== undefined && b !== undefined) [pool[index], pool[other]] = [b, a];
  }
  return pool.slice(0, chosen);
}

/** Takes at most `count` elements out, chosen at random; undefined when there is no set. */
export function setPop(
  cache: Cache,
  key: ItemKey,
  count: number,
  random?: () => number,
): ItemKey[] | undefined {
  const popped = setSample(cache, key, count, random);
  if (popped) setSubtract(cache, key, popped);
  return popped;
}
