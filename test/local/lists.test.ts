import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { Cache } from '../../src/local/engine/cache.js';
import { ManualClock } from '../../src/local/engine/clock.js';
import {
  listConcatenate,
  listErase,
  listFetch,
  listLength,
  listPop,
  listRemove,
  listRetain,
} from '../../src/local/engine/lists.js';

const TTL = { ttlMs: 1000, refresh: true };
let clock: ManualClock;
let cache: Cache;

beforeEach(() => {
  clock = new ManualClock(0);
  cache = new Cache('chat', clock);
});

const bytes = (...texts: string[]) => texts.map((text) => Buffer.from(text));
const texts = (values: Uint8Array[] | undefined) => values?.map((value) => Buffer.from(value).toString());
const stored = () => texts(listFetch(cache, 'l', {}));
const fill = (...values: string[]) => listConcatenate(cache, 'l', 'back', bytes(...values), TTL, 0);

describe('adding', () => {
  it('puts each push in front of the one before, or behind it', () => {
    expect(listConcatenate(cache, 'l', 'front', bytes('b'), TTL, 0)).toBe(1);
    expect(listConcatenate(cache, 'l', 'front', bytes('a'), TTL, 0)).toBe(2);
    expect(listConcatenate(cache, 'l', 'back', bytes('c'), TTL, 0)).toBe(3);
    expect(stored()).toEqual(['a', 'b', 'c']);
  });

  it('keeps the order of what is added together', () => {
    fill('c', 'd');
    listConcatenate(cache, 'l', 'front', bytes('a', 'b'), TTL, 0);
    listConcatenate(cache, 'l', 'back', bytes('e', 'f'), TTL, 0);
    expect(stored()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  it('cuts the other end down to size', () => {
    fill('a', 'b', 'c');
    expect(listConcatenate(cache, 'l', 'front', bytes('new'), TTL, 2)).toBe(2);
    expect(stored()).toEqual(['new', 'a']);
    expect(listConcatenate(cache, 'l', 'back', bytes('x', 'y', 'z'), TTL, 2)).toBe(2);
    expect(stored()).toEqual(['y', 'z']);
  });

  it('refreshes the TTL only when asked to', () => {
    fill('a');
    clock.advance(600);
    listConcatenate(cache, 'l', 'front', bytes('b'), { ttlMs: 1000, refresh: false }, 0);
    expect(cache.remainingTtl('l')).toBe(400);
    listConcatenate(cache, 'l', 'front', bytes('c'), TTL, 0);
    expect(cache.remainingTtl('l')).toBe(1000);
  });
});

describe('fetching', () => {
  it('reads slices as an array does, negative indices and all', () => {
    fc.assert(
      fc.property(
        fc.nat(12),
        fc.option(fc.integer({ min: -20, max: 20 }), { nil: undefined }),
        fc.option(fc.integer({ min: -20, max: 20 }), { nil: undefined }),
        (length, start, end) => {
          cache.clear();
          const model = Array.from({ length: length + 1 }, (_, n) => String(n));
          fill(...model);
          expect(texts(listFetch(cache, 'l', { start, end }))).toEqual(model.slice(start, end));
        },
      ),
    );
  });

  it('of a list that is not there finds none, which is not the same as an empty slice', () => {
    expect(listFetch(cache, 'l', {})).toBeUndefined();
    expect(listLength(cache, 'l')).toBeUndefined();
    fill('a');
    expect(listFetch(cache, 'l', { start: 5 })).toEqual([]);
  });
});

describe('removing', () => {
  it('pops both ends, and the list with its last element', () => {
    fill('a', 'b', 'c');
    expect(texts([listPop(cache, 'l', 'front') ?? Buffer.from('')])).toEqual(['a']);
    expect(texts([listPop(cache, 'l', 'back') ?? Buffer.from('')])).toEqual(['c']);
    listPop(cache, 'l', 'back');
    expect(listLength(cache, 'l')).toBeUndefined();
    expect(listPop(cache, 'l', 'front')).toBeUndefined();
  });

  it('takes every element with a value', () => {
    fill('a', 'b', 'a');
    expect(listRemove(cache, 'l', Buffer.from('a'))).toBe(1);
    expect(stored()).toEqual(['b']);
    expect(listRemove(cache, 'l', Buffer.from('b'))).toBe(0);
    expect(listRemove(cache, 'l', Buffer.from('b'))).toBeUndefined();
  });

  it('erases ranges, overlapping, out of bounds or endless', () => {
    fill('0', '1', '2', '3', '4', '5', '6', '7');
    const ranges = [
      { begin: 1, count: 2 },
      { begin: 2, count: 2 },
      { begin: 7, count: Number.POSITIVE_INFINITY },
      { begin: 50, count: 1 },
    ];
    expect(listErase(cache, 'l', ranges)).toBe(4);
    expect(stored()).toEqual(['0', '4', '5', '6']);
    expect(listErase(cache, 'l', [{ begin: 0, count: Number.POSITIVE_INFINITY }])).toBe(0);
    expect(listErase(cache, 'l', [])).toBeUndefined();
  });

  it('retains a slice and keeps or refreshes the TTL as asked', () => {
    fill('a', 'b', 'c', 'd');
    clock.advance(600);
    expect(listRetain(cache, 'l', { start: 1, end: 3 }, { ttlMs: 1000, refresh: false })).toBe(2);
    expect(stored()).toEqual(['b', 'c']);
    expect(cache.remainingTtl('l')).toBe(400);
    expect(listRetain(cache, 'l', { start: -1 }, TTL)).toBe(1);
    expect(cache.remainingTtl('l')).toBe(1000);
    expect(listRetain(cache, 'l', { start: 9 }, TTL)).toBe(0);
    expect(listRetain(cache, 'l', {}, TTL)).toBeUndefined();
  });
});

it('is quick with 100,000 elements', () => {
  for (let n = 0; n < 100_000; n++) listConcatenate(cache, 'l', 'front', bytes('x'), TTL, 50_000);
  expect(listLength(cache, 'l')).toBe(50_000);
});
