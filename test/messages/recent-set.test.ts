import { describe, expect, it } from 'vitest';
import { hashOf } from '../../src/messages/hash.js';
import { MessageIds } from '../../src/messages/message-id.js';
import { RecentSet } from '../../src/messages/recent-set.js';
import { VirtualTime } from '../support/virtual-time.js';

describe('a set that forgets', () => {
  const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

  it('G1: knows at least the last members, as many as its limit, and at most twice as many', () => {
    const set = new RecentSet<number>(100);
    for (const number of numbers(0, 1000)) expect(set.add(number)).toBe(true);
    expect(numbers(900, 1000).every((number) => set.has(number))).toBe(true);
    expect(numbers(0, 1000).filter((number) => set.has(number)).length).toBeLessThanOrEqual(201);
  });

  it('G1: a member that comes again is as recent as a new one', () => {
    const set = new RecentSet<number>(100);
    set.add(-1);
    for (const number of numbers(0, 110)) set.add(number);
    expect(set.add(-1)).toBe(false);
    for (const number of numbers(110, 205)) set.add(number);
    expect(set.has(-1)).toBe(true);
  });
});

it('G1: ids of one millisecond, which differ in few digits, have hashes of their own', () => {
  const ids = new MessageIds(new VirtualTime());
  const hashes = new Set(Array.from({ length: 20_000 }, () => hashOf(ids.next())));
  expect(hashes.size).toBe(20_000);
  expect([...hashes].every(Number.isSafeInteger)).toBe(true);
});
