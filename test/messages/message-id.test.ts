import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  idAbove,
  idTime,
  isMessageId,
  MAX_CLOCK_LEAD_MS,
  MessageIds,
} from '../../src/messages/message-id.js';

const START = Date.UTC(2026, 0, 1);

const idsAt = (now = START) => {
  const own = { time: now, now: () => own.time, random: () => 0.5 };
  return { own, ids: new MessageIds(own) };
};

describe('an id above a known one', () => {
  const known = '019b76da-ffff-71de-a2cb-ffffffffffff';

  it('is the next one where that is later already, or nothing is known', () => {
    const next = '019b76db-0000-7000-8000-000000000000';
    expect([idAbove(known, next), idAbove(undefined, next), idAbove('', next)]).toEqual([next, next, next]);
  });

  it('is an id, later than the known one, and another one for each who replaces it', () => {
    const ids = ['019b76da-0000-7111-8111-111111111111', '019b76da-0000-7222-8222-222222222222'];
    const above = ids.map((next) => idAbove(known, next));
    expect(above.map((id) => isMessageId(id) && id > known && idTime(id) - idTime(known))).toEqual([1, 1]);
    expect(new Set(above).size).toBe(2);
  });
});

describe('message ids', () => {
  it('are refused in a typed error where there is no crypto', () => {
    vi.stubGlobal('crypto', undefined);
    onTestFinished(() => {
      vi.unstubAllGlobals();
    });
    expect(() => idsAt().ids.next()).toThrowError(
      expect.objectContaining({ name: 'ChatError', code: 'invalid-argument' }),
    );
  });

  it('are UUIDv7s that carry the time of the clock', () => {
    const { ids } = idsAt();
    const id = ids.next();
    expect(isMessageId(id)).toBe(true);
    expect(idTime(id)).toBe(START);
  });

  it('G1: only ever grow, whatever the clock does and whatever is observed', () => {
    const remote = { time: START, now: () => remote.time, random: () => 0.5 };
    const others = new MessageIds(remote);
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.constant('next' as const),
            fc.integer({ min: -10_000, max: 299_000 }),
            fc.record({ tick: fc.integer({ min: -5000, max: 5000 }) }),
          ),
        ),
        (steps) => {
          const { own, ids } = idsAt();
          let last = '';
          for (const step of steps) {
            if (typeof step === 'number') {
              remote.time = own.time + step;
              const seen = others.next();
              ids.observe(seen);
              if (idTime(seen) - own.time < MAX_CLOCK_LEAD_MS && seen > last) last = seen;
            } else if (step === 'next') {
              const id = ids.next();
              expect(id > last).toBe(true);
              last = id;
            } else own.time += step.tick;
          }
        },
      ),
    );
  });

  it('a reply never sorts before what it answers, though the clock is behind', () => {
    const ahead = idsAt(START + 4 * 60_000).ids.next();
    const { ids } = idsAt(START);
    ids.observe(ahead);
    expect(ids.next() > ahead).toBe(true);
  });

  it('G6: a clock that runs five minutes ahead or more does not pull ours along', () => {
    const wrong = idsAt(START + MAX_CLOCK_LEAD_MS).ids.next();
    const { ids } = idsAt(START);
    ids.observe(wrong);
    expect(idTime(ids.next())).toBe(START);
  });

  it('are unique within one millisecond, ten thousand times', () => {
    const { ids } = idsAt();
    expect(new Set(Array.from({ length: 10_000 }, () => ids.next())).size).toBe(10_000);
  });

  it.each([
    '',
    'abc',
    '019B76DA-FA08-7095-AD81-003399D470EF',
    '019b76da-fa08-4095-ad81-003399d470ef',
    7,
    null,
  ])('does not take %j for one', (value) => expect(isMessageId(value)).toBe(false));
});
