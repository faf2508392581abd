import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Cache } from '../../src/local/engine/cache.js';
import { ManualClock } from '../../src/local/engine/clock.js';
import {
  setElements,
  setPop,
  setSample,
  setSubtract,
  setSubtractFrom,
  setUnion,
} from '../../src/local/engine/sets.js';

const ttl = { ttlMs: 1000, refresh: true };
let cache: Cache;
beforeEach(() => {
  cache = new Cache('chat', new ManualClock());
});
const elements = (): string[] | undefined => {
  const found = setElements(cache, 'k');
  return found && [...found].sort();
};

describe('a set', () => {
  it('becomes what others have and it has not', () => {
    setUnion(cache, 'k', ['a', 'b'], ttl);
    expect(setSubtractFrom(cache, 'k', ['b', 'c', 'd'])).toBe(true);
    expect(elements()).toEqual(['c', 'd']);
    expect(setSubtractFrom(cache, 'none', ['a'])).toBe(false);
  });

  it('loses all', () => {
    setUnion(cache, 'k', ['a', 'b'], ttl);
    expect(setSubtract(cache, 'k', 'all')).toBe(true);
    expect(elements()).toBeUndefined();
  });

  it('gives a sample of different elements, as many as there are at most, for any randomness', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 20 }),
        fc.nat(25),
        fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        (all, limit, stream) => {
          cache.clear();
          setUnion(cache, 'k', all, ttl);
          const random = () => Number(stream.next().value);
          const sample = setSample(cache, 'k', limit, random) ?? [];
          expect(sample).toHaveLength(Math.min(limit, all.length));
          expect(new Set(sample).size).toBe(sample.length);
          expect(all).toEqual(expect.arrayContaining(sample));
        },
      ),
    );
  });

  it('that is popped empty is none', () => {
    setUnion(cache, 'k', ['a', 'b'], ttl);
    expect(setPop(cache, 'k', 1, () => 0)).toEqual(['a']);
    expect(setPop(cache, 'k', 5)).toEqual(['b']);
    expect(setPop(cache, 'k', 1)).toBeUndefined();
    expect(cache.has('k')).toBe(false);
  });
});
