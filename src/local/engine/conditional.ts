import { createHash } from 'node:crypto';
import type { Cache } from './cache.js';
import type { ItemKey } from './item-key.js';

/** When a conditional set stores its value. A comparison needs a single value at the key, or nothing. */
export type SetCondition =
  | { if: 'always' | 'present' | 'absent' }
  | { if: 'equal' | 'not equal' | 'present and not equal' | 'absent or equal'; value: Uint8Array }
  | {
      if:
        | 'present and hash equal'
        | 'present and hash not equal'
        | 'absent or hash equal'
        | 'absent or hash not equal';
      hash: Uint8Array;
    };

/** How many bytes of a SHA-256 make a value's hash. The SDKs take it as it comes and only hand it back. */
const HASH_BYTES = 16;

/** Returns the hash of a value: the same for the same bytes, and practically never for others. */
export function valueHash(value: Uint8Array): Uint8Array {
  return createHash('sha256').update(value).digest().subarray(0, HASH_BYTES);
}

/** Stores the value when the condition holds, and says whether it did. */
export function setIf(
  cache: Cache,
  key: ItemKey,
  value: Uint8Array,
  ttlMs: number,
  condition: SetCondition,
): boolean {
  if (!holds(cache, key, condition)) return false;
  cache.set(key, 'scalar', value, { ttlMs, refresh: true });
  return true;
}

function holds(cache: Cache, key: ItemKey, condition: SetCondition): boolean {
  if (condition.if === 'always') return true;
  if ('hash' in condition) {
    const present = cache.get(key, 'scalar');
    if (!present) return condition.if.startsWith('absent');
    return equal(valueHash(present), condition.hash) !== condition.if.endsWith('not equal');
  }
  if ('value' in condition) {
    const present = cache.get(key, 'scalar');
    if (!present) return condition.if === 'not equal' || condition.if === 'absent or equal';
    return equal(present, condition.value) !== condition.if.endsWith('not equal');
  }
  return cache.has(key) === (condition.if === 'present');
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
