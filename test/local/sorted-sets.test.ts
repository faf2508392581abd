import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Cache } from '../../src/local/engine/cache.js';
import { ManualClock } from '../../src/local/engine/clock.js';
import { type ScoredElement, SortedSet } from '../../src/local/engine/sorted-set.js';
import { sortedSetIncrement, sortedSetPut, sortedSetUnionStore } from '../../src/local/engine/sorted-sets.js';

const value = fc.constantFrom('a', 'b', 'c', 'ÿ', 'aa', '\u0000');
const score = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(0.5, -0, Infinity, -Infinity));
const ttl = { ttlMs: 1000, refresh: true };

type Step = { do: 'put'; value: string; score: number } | { do: 'remove'; value: string };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant('put' as const), value, score }),
  fc.record({ do: fc.constant('remove' as const), value }),
);

/** The definition of a sorted set, with no thought of speed. */
function sorted(scores: ReadonlyMap<string, number>): ScoredElement[] {
  return [...scores]
    .map(([value, score]) => ({ value, score }))
    .sort((a, b) => (a.score === b.score ? Buffer.compare(bytes(a), bytes(b)) : a.score - b.score || 0));
}
const bytes = ({ value }: ScoredElement): Buffer => Buffer.from(value, 'latin1');

describe('a sorted set', () => {
  it('after any puts and removals is sorted by score, then by bytes, and knows every rank', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const set = new SortedSet();
        const model = new Map<string, number>();
        for (const { value, ...what } of steps) {
          if (what.do === 'put') {
            set.put(value, what.score);
            model.set(value, what.score);
          } else expect(set.remove(value)).toBe(model.delete(value));
        }
        const expected = sorted(model);
        expect(set.elements()).toEqual(expected);
        expect(set.size).toBe(expected.length);
        for (const [rank, { value, score }] of expected.entries()) {
          expect([set.rank(value), set.score(value)]).toEqual([rank, score]);
        }
        expect(SortedSet.from(expected).elements()).toEqual(expected);
      }),
    );
  });

  it('finds what lies between any two scores, inclusive or not', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(value, score), { selector: ([value]) => value }),
        fc.option(fc.record({ score, exclusive: fc.boolean() }), { nil: undefined }),
        fc.option(fc.record({ score, exclusive: fc.boolean() }), { nil: undefined }),
        (entries, min, max) => {
          const set = SortedSet.from(entries.map(([value, score]) => ({ value, score })));
          const expected = set
            .elements()
            .filter(({ score }) => !min || score > min.score || (!min.exclusive && score === min.score))
            .filter(({ score }) => !max || score < max.score || (!max.exclusive && score === max.score));
          expect(set.between(min, max)).toEqual(expected);
        },
      ),
    );
  });

  it('takes 20,000 elements in whatever order', { timeout: 30_000 }, () => {
    const set = new SortedSet();
    for (let n = 0; n < 20_000; n++) set.put(`v${n}`, (n * 7919) % 20_011);
    expect(set.size).toBe(20_000);
    expect(set.rank('v0')).toBe(0);
  });
});

describe('scores', () => {
  it('that would be no number are refused, and change nothing', () => {
    const cache = new Cache('chat', new ManualClock());
    sortedSetPut(cache, 'k', [{ value: 'e', score: Infinity }], ttl);
    expect(() => sortedSetIncrement(cache, 'k', 'e', -Infinity, ttl)).toThrow('not be a number');
    expect(cache.get('k', 'sorted set')?.score('e')).toBe(Infinity);
  });

  it('count as 0 in a union where infinities cancel out', () => {
    const cache = new Cache('chat', new ManualClock());
    sortedSetPut(cache, 'x', [{ value: 'e', score: Infinity }], ttl);
    expect(sortedSetUnionStore(cache, 'u', [{ key: 'x', weight: 0 }], 'sum', 1000)).toBe(1);
    expect(cache.get('u', 'sorted set')?.score('e')).toBe(0);
    const opposed = [
      { key: 'x', weight: 1 },
      { key: 'x', weight: -1 },
    ];
    sortedSetUnionStore(cache, 'u', opposed, 'sum', 1000);
    expect(cache.get('u', 'sorted set')?.score('e')).toBe(0);
  });
});
