import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { Minter } from '../../src/server/minting/mint.js';
import { MintQueue } from '../../src/server/minting/mint-queue.js';
import { resolveOptions } from '../../src/server/options.js';
import type { AuthClientLike, DisposableTokenResponse } from '../../src/server/types.js';
import { error, FakeClock, success } from './support.js';

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const REQUEST = { owner: 'a', scope: { permissions: [] }, tokenId: undefined, ttlSeconds: 3600 };

/** A minter whose auth client gives these answers in turn, the last one for ever. */
function minter(clock: FakeClock, ...answers: (() => unknown)[]) {
  let calls = 0;
  const auth: AuthClientLike = {
    generateDisposableToken: async () =>
      (answers[Math.min(calls++, answers.length - 1)] ?? (() => undefined))() as DisposableTokenResponse,
  };
  const queue = new MintQueue({ clock, perSecond: 4, capacity: 40 });
  return { minter: new Minter({ auth, queue, clock, timeoutMs: 10_000 }), calls: () => calls };
}

async function outcome(clock: FakeClock, ...answers: (() => unknown)[]) {
  const made = minter(clock, ...answers);
  const result = made.minter.mint(REQUEST).catch((thrown: unknown) => thrown);
  await clock.advance(60_000);
  return { result: await result, calls: made.calls() };
}

const seconds = (clock: FakeClock) => Math.floor(clock.time / 1000);

describe('minting', () => {
  it('takes the earlier of two clocks for the expiry', async () => {
    const clock = new FakeClock();
    const now = seconds(clock);
    expect((await outcome(clock, () => success('t', now + 100))).result).toEqual({
      token: 't',
      exp: now + 100,
    });
    const later = seconds(clock);
    expect((await outcome(clock, () => success('t', later + 9e9))).result).toEqual({
      token: 't',
      exp: later + 3600,
    });
  });

  it.each([
    'SERVER_UNAVAILABLE',
    'INTERNAL_SERVER_ERROR',
    'TIMEOUT_ERROR',
    'LIMIT_EXCEEDED_ERROR',
    'CANCELLED_ERROR',
  ])('tries again after %s', async (code) => {
    const clock = new FakeClock();
    const { result, calls } = await outcome(
      clock,
      () => error(code),
      () => error(code),
      () => success('t', seconds(clock) + 9999),
    );
    expect(result).toMatchObject({ token: 't' });
    expect(calls).toBe(3);
  });

  it.each([
    ['AUTHENTICATION_ERROR', 502, 'server'],
    ['PERMISSION_ERROR', 502, 'server'],
    ['INVALID_ARGUMENT_ERROR', 502, 'server'],
  ])('gives up at once after %s', async (code, status, chatCode) => {
    const { result, calls } = await outcome(new FakeClock(), () => error(code));
    expect(result).toMatchObject({ status, code: chatCode, detail: code });
    expect(calls).toBe(1);
  });

  it.each([
    ['SERVER_UNAVAILABLE', 503, 'network'],
    ['TIMEOUT_ERROR', 503, 'timeout'],
    ['LIMIT_EXCEEDED_ERROR', 429, 'rate-limited'],
    ['INTERNAL_SERVER_ERROR', 502, 'server'],
  ])('gives up within its deadline when %s does not end', async (code, status, chatCode) => {
    const clock = new FakeClock();
    const made = minter(clock, () => error(code));
    const before = clock.time;
    const result = made.minter.mint(REQUEST).catch((thrown: unknown) => ({ thrown, at: clock.time }));
    await clock.advance(60_000);
    const { thrown, at } = (await result) as { thrown: unknown; at: number };
    expect(thrown).toMatchObject({ status, code: chatCode });
    expect(at - before).toBeLessThanOrEqual(11_000);
    expect(made.calls()).toBeGreaterThan(3);
  });

  it('waits for no answer longer than it may', async () => {
    const { result, calls } = await outcome(new FakeClock(), () => new Promise(() => {}));
    expect(result).toMatchObject({ status: 503, code: 'timeout' });
    expect(calls).toBeLessThanOrEqual(3);
  });

  it.each([
    ['nothing', () => undefined],
    ['no token', () => success('', 9e9)],
    ['a token that is no string', () => success(42, 9e9)],
    ['no expiry', () => ({ type: 'Success', authToken: 't' })],
    ['an expiry that is no number', () => success('t', 'soon')],
    ['not a number', () => success('t', Number.NaN)],
    ['a type of its own', () => ({ type: 'Maybe', authToken: 't' })],
    ['an error code that is none', () => error('the key is ey123')],
    [
      'an exception with a secret',
      () => {
        throw new Error('the key is ey123');
      },
    ],
  ])('takes %s for a failure, and repeats nothing of it', async (_, answer) => {
    const { result } = await outcome(new FakeClock(), answer);
    expect(result).toMatchObject({ status: 502, detail: 'UNKNOWN_ERROR' });
    expect(JSON.stringify(result) + String(result)).not.toContain('ey123');
    expect((result as Error).cause).toBeUndefined();
  });
});

describe('a clock that is wrong', () => {
  it('is named when a new token seems to have expired, and no other is minted', async () => {
    const { result, calls } = await outcome(new FakeClock(), () => success('t', 1));
    expect(result).toMatchObject({ status: 500, code: 'server', detail: 'EXPIRED_WHEN_MINTED' });
    expect(String(result)).toContain('clock of this server is ahead');
    expect(calls).toBe(1);
  });

  it('ends no queue and no deadline, however it jumps', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            after: fc.integer({ min: 0, max: 2000 }),
            jump: fc.constantFrom(-5 * DAY, -HOUR, -10 * MINUTE, 10 * MINUTE, HOUR, 5 * DAY),
          }),
          { maxLength: 6 },
        ),
        async (jumps) => {
          const clock = new FakeClock();
          const queue = new MintQueue({ clock, perSecond: 4, capacity: 40 });
          const starts: number[] = [];
          for (let i = 0; i < 12; i++)
            void queue.acquire(`owner ${i}`).then(() => starts.push(clock.monotonic()));
          for (const { after, jump } of jumps) {
            await clock.advance(after);
            clock.wallOffset += jump;
          }
          await clock.advance(3000);
          const first = starts[0] ?? 0;
          expect(starts.map((at) => at - first)).toEqual(Array.from({ length: 12 }, (_, i) => i * 250));
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('the queue for mints', () => {
  it('is by default one of forty, at four a second: below what Momento takes', () => {
    const auth: AuthClientLike = { generateDisposableToken: () => new Promise<never>(() => {}) };
    const { mintLimit } = resolveOptions({ auth, rooms: ['a'] });
    expect(mintLimit).toEqual({ perSecond: 4, queue: 40, timeoutSeconds: 10 });
  });

  it('goes on when a request is dropped with its timer, at the cost of its turn', async () => {
    const clock = new FakeClock();
    const queue = new MintQueue({ clock, perSecond: 4, capacity: 40 });
    const served: string[] = [];
    const ask = (owner: string) => void queue.acquire(owner).then(() => served.push(owner));
    ask('first');
    ask('gone');
    clock.forgetTimers();
    ask('second');
    ask('third');
    await clock.advance(1000);
    expect(served).toEqual(['first', 'second', 'third']);
  });

  it.each([
    ['one address', (visitor: number) => (visitor < 40 ? 'office' : 'home')],
    ['forty addresses', (visitor: number) => `visitor ${visitor}`],
  ])('lets somebody in within two seconds after all its requests, of %s, were dropped', async (_, owner) => {
    const clock = new FakeClock();
    const queue = new MintQueue({ clock, perSecond: 4, capacity: 40 });
    await queue.acquire(owner(0));
    for (let visitor = 0; visitor < 40; visitor++) void queue.acquire(owner(visitor));
    clock.forgetTimers();
    await clock.advance(2300);
    for (const visitor of [0, 40, 41]) {
      const before = clock.time;
      const turn = queue.acquire(owner(visitor)).then(() => clock.time - before);
      await clock.advance(1000);
      expect(await turn).toBeLessThanOrEqual(1);
    }
    expect(clock.timers).toBe(0);
  });

  it('gives no turn to a request that was dropped, once that is noticed', async () => {
    const clock = new FakeClock();
    const queue = new MintQueue({ clock, perSecond: 4, capacity: 40 });
    await queue.acquire('first');
    for (let visitor = 0; visitor < 38; visitor++) void queue.acquire(`gone ${visitor}`);
    clock.forgetTimers();
    const before = clock.time;
    const turns = ['a', 'b'].map((owner) => queue.acquire(owner).then(() => clock.time - before));
    await clock.advance(60_000);
    expect(Math.max(...(await Promise.all(turns)))).toBeLessThanOrEqual(3000);
  });

  it('serves everybody at the pace after the whole process stood still', async () => {
    const clock = new FakeClock();
    const queue = new MintQueue({ clock, perSecond: 4, capacity: 8 });
    const starts: number[] = [];
    for (let i = 0; i < 9; i++) void queue.acquire(`owner ${i}`).then(() => starts.push(clock.time));
    clock.time += 60_000;
    await clock.advance(10_000);
    expect(starts).toHaveLength(9);
    const gaps = starts.slice(2).map((at, i) => at - (starts[i + 1] ?? 0));
    expect(new Set(gaps)).toEqual(new Set([250]));
  });

  it('starts them evenly, four a second, the first at once', async () => {
    const clock = new FakeClock();
    const queue = new MintQueue({ clock, perSecond: 4, capacity: 40 });
    const starts: number[] = [];
    for (let i = 0; i < 12; i++) void queue.acquire(`owner ${i}`).then(() => starts.push(clock.time));
    await clock.advance(10_000);
    expect(starts).toHaveLength(12);
    expect(starts.map((at) => at - (starts[0] ?? 0))).toEqual(Array.from({ length: 12 }, (_, i) => i * 250));
    expect(clock.timers).toBe(0);
  });

  it('refuses what has no place, and says when to come back', async () => {
    const clock = new FakeClock();
    const queue = new MintQueue({ clock, perSecond: 4, capacity: 8 });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) => {
        const waiting = queue.acquire(`owner ${i}`);
        if (i === 19) void clock.advance(10_000);
        return waiting;
      }),
    );
    const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(refused).toHaveLength(11);
    expect(refused[0]).toMatchObject({ status: 429, code: 'rate-limited', retryAfterSeconds: 2 });
  });

  it('lets addresses take turns, and gives a newcomer the last place of whoever holds most', async () => {
    const clock = new FakeClock();
    const queue = new MintQueue({ clock, perSecond: 4, capacity: 8 });
    const order: string[] = [];
    const ask = (owner: string) =>
      queue.acquire(owner).then(
        () => order.push(owner),
        () => order.push(`${owner} refused`),
      );
    for (let i = 0; i < 10; i++) void ask('flood');
    void ask('b');
    void ask('c');
    await clock.advance(10_000);
    const served = order.filter((entry) => !entry.includes('refused'));
    expect(served.slice(0, 4)).toEqual(['flood', 'flood', 'b', 'c']);
    expect(served.filter((entry) => entry === 'flood')).toHaveLength(7);
    expect(order.filter((entry) => entry === 'flood refused')).toHaveLength(3);
  });

  it('refuses no newcomer for a handful who flood it', async () => {
    const clock = new FakeClock();
    const queue = new MintQueue({ clock, perSecond: 4, capacity: 40 });
    const refused: string[] = [];
    const ask = (owner: string) => void queue.acquire(owner).catch(() => refused.push(owner));
    for (let second = 0; second < 30; second += 1) {
      for (let request = 0; request < 20; request += 1)
        for (const flooder of ['f1', 'f2', 'f3', 'f4', 'f5']) ask(flooder);
      ask(`newcomer ${second}`);
      await clock.advance(1000);
    }
    expect(refused.length).toBeGreaterThan(1000);
    expect(refused.filter((owner) => owner.startsWith('newcomer'))).toEqual([]);
  });

  it('stops for a while when Momento says that it is too much', async () => {
    const clock = new FakeClock();
    const queue = new MintQueue({ clock, perSecond: 4, capacity: 8 });
    await queue.acquire('a');
    queue.pause(1000);
    let at = 0;
    const before = clock.time;
    void queue.acquire('a').then(() => {
      at = clock.time;
    });
    await clock.advance(5000);
    expect(at - before).toBe(1000);
  });
});
