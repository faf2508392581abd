import { beforeEach, describe, expect, it } from 'vitest';
import { Cache } from '../../src/local/engine/cache.js';
import { Caches } from '../../src/local/engine/caches.js';
import { ManualClock } from '../../src/local/engine/clock.js';
import { increment, updateTtl } from '../../src/local/engine/scalars.js';

const bytes = (text: string) => Buffer.from(text);
let clock: ManualClock;
let cache: Cache;

beforeEach(() => {
  clock = new ManualClock(0);
  cache = new Cache('chat', clock);
});

describe('items', () => {
  it('are there until their TTL is over, and not a millisecond longer', () => {
    cache.set('k', 'scalar', bytes('v'), { ttlMs: 1000, refresh: true });
    clock.advance(999);
    expect(cache.get('k', 'scalar')).toEqual(bytes('v'));
    expect(cache.remainingTtl('k')).toBe(1);
    clock.advance(1);
    expect(cache.get('k', 'scalar')).toBeUndefined();
    expect(cache.remainingTtl('k')).toBeUndefined();
    expect(cache.has('k')).toBe(false);
  });

  it('keep their TTL on a write that does not refresh it', () => {
    cache.set('k', 'scalar', bytes('v'), { ttlMs: 1000, refresh: true });
    clock.advance(600);
    cache.set('k', 'scalar', bytes('w'), { ttlMs: 1000, refresh: false });
    expect(cache.remainingTtl('k')).toBe(400);
    cache.set('k', 'scalar', bytes('x'), { ttlMs: 1000, refresh: true });
    expect(cache.remainingTtl('k')).toBe(1000);
  });

  it('that expired start afresh, refreshing or not', () => {
    cache.set('k', 'scalar', bytes('v'), { ttlMs: 10, refresh: true });
    clock.advance(20);
    cache.set('k', 'scalar', bytes('w'), { ttlMs: 1000, refresh: false });
    expect(cache.remainingTtl('k')).toBe(1000);
  });

  it('of another kind are FAILED_PRECONDITION to read', () => {
    cache.set('k', 'scalar', bytes('v'), { ttlMs: 10, refresh: true });
    expect(() => cache.get('k', 'list')).toThrow(expect.objectContaining({ code: 'FAILED_PRECONDITION' }));
  });

  it('are gone after delete and clear', () => {
    cache.set('a', 'scalar', bytes('v'), { ttlMs: 10, refresh: true });
    cache.set('b', 'scalar', bytes('v'), { ttlMs: 10, refresh: true });
    expect(cache.delete('a')).toBe(true);
    expect(cache.has('a')).toBe(false);
    cache.clear();
    expect(cache.has('b')).toBe(false);
  });

  it('that expired and are never read do not pile up', () => {
    for (let n = 0; n < 5000; n++) {
      cache.set(`k${n}`, 'scalar', bytes('v'), { ttlMs: 1, refresh: true });
      clock.advance(1);
    }
    expect(cache.size).toBeLessThan(1100);
  });
});

describe('increment', () => {
  it('starts at 0 and adds, also below 0', () => {
    expect(increment(cache, 'n', 1, 1000)).toBe(1);
    expect(increment(cache, 'n', 41, 1000)).toBe(42);
    expect(increment(cache, 'n', -50, 1000)).toBe(-8);
    expect(cache.get('n', 'scalar')).toEqual(bytes('-8'));
  });

  it('counts again from 0 when the TTL is over', () => {
    increment(cache, 'n', 5, 1000);
    clock.advance(1000);
    expect(increment(cache, 'n', 1, 1000)).toBe(1);
  });

  it.each(['', 'four', '1.5', ' 1', '99999999999999999999'])('refuses %j, which is no integer', (text) => {
    cache.set('n', 'scalar', bytes(text), { ttlMs: 1000, refresh: true });
    expect(() => increment(cache, 'n', 1, 1000)).toThrow(
      expect.objectContaining({ code: 'FAILED_PRECONDITION' }),
    );
  });
});

describe('changing a TTL', () => {
  it.each([
    ['overwrite', 500, true, 500],
    ['overwrite', 2000, true, 2000],
    ['increase', 2000, true, 2000],
    ['increase', 500, false, 1000],
    ['decrease', 500, true, 500],
    ['decrease', 2000, false, 1000],
  ] as const)('%s of 1000 ms to %i ms: done %s, then %i ms are left', (how, ttlMs, done, left) => {
    cache.set('k', 'scalar', bytes('v'), { ttlMs: 1000, refresh: true });
    expect(updateTtl(cache, 'k', how, ttlMs)).toBe(done);
    expect(cache.remainingTtl('k')).toBe(left);
  });

  it('of an item that is not there says so', () => {
    expect(updateTtl(cache, 'k', 'overwrite', 1)).toBeUndefined();
  });
});

describe('caches', () => {
  it('are created once, listed, and deleted once', () => {
    const caches = new Caches(clock);
    caches.create('chat');
    caches.create('other');
    expect(() => caches.create('chat')).toThrow(expect.objectContaining({ code: 'ALREADY_EXISTS' }));
    expect(caches.names).toEqual(['chat', 'other']);
    caches.delete('chat');
    expect(() => caches.delete('chat')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
    expect(() => caches.get('chat')).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  });

  it.each(['', '  ', 'x'.repeat(256), 'a\nb', 'a\u0000b'])('may not be called %j', (name) => {
    expect(() => new Caches(clock).create(name)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    );
  });
});
