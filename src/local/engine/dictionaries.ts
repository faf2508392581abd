import type { Cache, Ttl } from './cache.js';
import type { ItemKey } from './item-key.js';
import { incremented } from './scalars.js';

export function dictionary(cache: Cache, key: ItemKey): ReadonlyMap<ItemKey, Uint8Array> | undefined {
  return cache.get(key, 'dictionary');
}

export function dictionarySet(
  cache: Cache,
  key: ItemKey,
  fields: readonly (readonly [field: ItemKey, value: Uint8Array])[],
  ttl: Ttl,
): void {
  const dictionary = cache.get(key, 'dictionary') ?? new Map<ItemKey, Uint8Array>();
  for (const [field, value] of fields) dictionary.set(field, value);
  cache.put(key, 'dictionary', dictionary, ttl);
}

/** Adds `amount` to the integer in a field, which starts at 0, and returns the sum. */
export function dictionaryIncrement(
  cache: Cache,
  key: ItemKey,
  field: ItemKey,
  amount: number,
  ttl: Ttl,
): number {
  const dictionary = cache.get(key, 'dictionary') ?? new Map<ItemKey, Uint8Array>();
  const sum = incremented(dictionary.get(field), amount);
  dictionary.set(field, Buffer.from(String(sum)));
  cache.put(key, 'dictionary', dictionary, ttl);
  return sum;
}

export function dictionaryDelete(cache: Cache, key: ItemKey, fields: readonly ItemKey[] | 'all'): void {
  const dictionary = cache.get(key, 'dictionary');
  if (!dictionary) return;
  if (fields === 'all') dictionary.clear();
  else for (const field of fields) dictionary.delete(field);
  cache.put(key, 'dictionary', dictionary);
}
