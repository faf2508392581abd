import { MomentoError } from '../status.js';
import type { Cache } from './cache.js';
import type { ItemKey } from './item-key.js';

/** Adds `amount` to the integer at `key`, which starts at 0, and returns the sum. */
export function increment(cache: Cache, key: ItemKey, amount: number, ttlMs: number): number {
  const sum = incremented(cache.get(key, 'scalar'), amount);
  cache.set(key, 'scalar', Buffer.from(String(sum)), { ttlMs, refresh: true });
  return sum;
}

/**
 * The integer whose decimal text `value` is, plus `amount`; 0 when there is no value. FAILED_PRECONDITION when it is
 * not such a text.
 */
export function incremented(value: Uint8Array | undefined, amount: number): number {
  const text = value ? Buffer.from(value).toString('latin1') : '0';
  if (!/^-?\d{1,19}$/.test(text)) {
    throw new MomentoError('FAILED_PRECONDITION', 'the value is not the text of an integer');
  }
  const sum = Number(text) + amount;
  if (!Number.isSafeInteger(sum)) throw new MomentoError('FAILED_PRECONDITION', 'the sum is out of range');
  return sum;
}

/** Changes an item's TTL under a condition. Returns undefined when there is no item, false when the condition did not hold. */
export function updateTtl(
  cache: Cache,
  key: ItemKey,
  how: 'increase' | 'decrease' | 'overwrite',
  ttlMs: number,
): boolean | undefined {
  const left = cache.remainingTtl(key);
  if (left === undefined) return undefined;
  if ((how === 'increase' && ttlMs <= left) || (how === 'decrease' && ttlMs >= left)) return false;
  cache.expireIn(key, ttlMs);
  return true;
}
