import fc from 'fast-check';
import { ChatSession } from 'momento-chat';
import { describe, expect, it } from 'vitest';
import { MAX_ROOMS_PER_TOKEN } from '../../src/server/scopes.js';
import { ROOMS_PER_TOKEN } from '../../src/session/token-pool.js';
import { PoolBench, type PoolStay } from '../support/pool-bench.js';

const names = (count: number, first = 0) => Array.from({ length: count }, (_, index) => `r${first + index}`);
const codesOf = (stays: readonly PoolStay[]) => stays.map(({ error }) => error?.code);
const outcomesOf = (stays: readonly PoolStay[]) => [...new Set(stays.map(({ outcome }) => outcome))];

/** Nothing waits, listens or asks any more. */
async function expectSilence(bench: PoolBench): Promise<void> {
  // An answer that was still on its way may come, to nobody.
  await bench.time.advance(60_000);
  expect(bench.time.pending, 'timers').toBe(0);
  expect(bench.watchers, 'listeners for hints').toBe(0);
  expect(bench.pool.sizes).toEqual([]);
  const asked = bench.requests.length;
  await bench.time.advance(2 * 3_600_000);
  expect(bench.requests.length, 'tokens asked for').toBe(asked);
}

it('takes as many rooms on a token as the vendor does', () => {
  expect(ROOMS_PER_TOKEN).toBe(MAX_ROOMS_PER_TOKEN);
});

it.each([0, -1, 1.5, Number.NaN, '5'])('a session refuses %s rooms a token', (roomsPerToken) => {
  expect(() => new ChatSession({ token: '/token', roomsPerToken: roomsPerToken as number })).toThrow(
    expect.objectContaining({ code: 'invalid-argument' }),
  );
});

describe('rooms that join in one turn', () => {
  it.each([
    [1, undefined, [1]],
    [5, undefined, [5]],
    [6, undefined, [5, 1]],
    [50, undefined, [5, 5, 5, 5, 5, 5, 5, 5, 5, 5]],
    [3, 1, [1, 1, 1]],
    [50, 20, [20, 20, 10]],
  ])('%i rooms, %s a token, take tokens of %j rooms, each asked for once', async (count, limit, sizes) => {
    const bench = new PoolBench(limit === undefined ? {} : { roomsPerToken: limit });
    const stays = await bench.joined(...names(count));
    expect(outcomesOf(stays)).toEqual(['attached']);
    expect(bench.pool.sizes).toEqual(sizes);
    expect(bench.requests.map(({ rooms }) => rooms.length)).toEqual(sizes);
    for (const stay of stays) await bench.use(stay);
    for (const stay of stays) stay.leave();
    await expectSilence(bench);
  });

  it('two of one room take one place, and it is free when both have left', async () => {
    const bench = new PoolBench();
    const [first, second] = await bench.joined('r0', 'r0', ...names(4, 1));
    expect(bench.pool.sizes).toEqual([5]);
    first?.leave();
    expect(bench.pool.sizes).toEqual([5]);
    second?.leave();
    expect(bench.pool.sizes).toEqual([4]);
  });
});

describe('rooms that come and go', () => {
  it('take the place on the fullest token, so that the emptiest runs empty and is freed', async () => {
    const bench = new PoolBench();
    const stays = await bench.joined(...names(15));
    for (const gone of [0, 5, 6, 7]) stays[gone]?.leave();
    expect(bench.pool.sizes).toEqual([4, 2, 5]);
    stays.push(...(await bench.joined('new')));
    expect(bench.pool.sizes).toEqual([5, 2, 5]);
    for (const gone of [8, 9]) stays[gone]?.leave();
    expect(bench.pool.sizes).toEqual([5, 5]);
    for (const stay of stays) stay.leave();
    await expectSilence(bench);
  });

  it('G4: renew the token that they join, and leave the others alone', async () => {
    const bench = new PoolBench();
    const stays = await bench.joined(...names(8));
    await bench.joined('new');
    expect(bench.requests.at(-1)).toEqual({ rooms: ['r5', 'r6', 'r7', 'new'], reason: 'join' });
    expect(stays.map(({ renewals }) => renewals)).toEqual([0, 0, 0, 0, 0, 1, 1, 1]);
  });

  it('that leave while their token is under way neither block the others nor keep a place', async () => {
    const bench = new PoolBench();
    const stays = names(7).map((room) => bench.stay(room));
    for (const gone of [0, 5, 6]) stays[gone]?.leave();
    expect(bench.pool.sizes).toEqual([4]);
    await bench.time.advance(1000);
    expect(outcomesOf(stays.slice(1, 5))).toEqual(['attached']);
    for (const stay of stays) stay.leave();
    await expectSilence(bench);
  });
});

describe('the tokens of a session', () => {
  it('G4: are renewed each on its own, ahead of its end, with its own rooms', async () => {
    const bench = new PoolBench();
    const stays = await bench.joined(...names(50));
    const joined = bench.requests.splice(0);
    await bench.time.advance(3_600_000);
    expect(bench.requests.map(({ reason }) => reason)).toEqual(joined.map(() => 'refresh'));
    const roomsOf = (requests: typeof joined) => requests.map(({ rooms }) => rooms.join()).sort();
    expect(roomsOf(bench.requests)).toEqual(roomsOf(joined));
    expect(stays.map(({ renewals }) => renewals)).toEqual(stays.map(() => 1));
    for (const stay of stays) await bench.use(stay);
  });

  it('G4: when one is rejected it alone is replaced, for all of its rooms at once', async () => {
    const bench = new PoolBench();
    const stays = await bench.joined(...names(15));
    bench.revoked.add('t2');
    const using = Promise.all(stays.map((stay) => bench.use(stay)));
    await bench.time.advance(1000);
    const used = await using;
    expect(bench.requests.slice(3)).toEqual([{ rooms: names(5, 5), reason: 'rejected' }]);
    expect(used).toEqual([
      ...Array<string>(5).fill('t1'),
      ...Array<string>(5).fill('t4'),
      ...Array<string>(5).fill('t3'),
    ]);
  });

  it('G2: when the service answers one, the rooms of all try again', async () => {
    const bench = new PoolBench();
    const stays = await bench.joined(...names(12));
    stays[0]?.connection.reached();
    expect(stays.map(({ failures }) => failures)).toEqual(stays.map(() => ['reached']));
  });

  it('G5: end together when the session closes, joins under way included', async () => {
    const bench = new PoolBench();
    const stays = await bench.joined(...names(7));
    const late = names(7, 7).map((room) => bench.stay(room));
    bench.pool.close();
    await bench.time.advance(0);
    expect(stays.map(({ failures }) => failures)).toEqual(stays.map(() => ['closed']));
    expect(codesOf(late)).toEqual(late.map(() => 'closed'));
    expect(codesOf(await bench.joined('r0'))).toEqual(['closed']);
    for (const stay of stays) stay.leave();
    await expectSilence(bench);
  });
});

describe('a vendor that refuses a room', () => {
  it('fails that room alone, though it joined together with others', async () => {
    const bench = new PoolBench();
    bench.forbidden.add('r3');
    const stays = await bench.joined(...names(12));
    expect(stays.filter(({ outcome }) => outcome === 'failed').map(({ room }) => room)).toEqual(['r3']);
    expect(codesOf(stays)[3]).toBe('permission-denied');
    for (const stay of stays) if (stay.outcome === 'attached') await bench.use(stay);
    // Three together, and each of those that were refused together once more.
    expect(bench.requests).toHaveLength(3 + 5);
    // Those that were apart take others in again.
    await bench.joined(...names(4, 20));
    expect(bench.pool.sizes).toHaveLength(6);
    for (const stay of stays) stay.leave();
  });

  it('is asked once for a room that joins alone', async () => {
    const bench = new PoolBench();
    bench.forbidden.add('r0');
    expect(codesOf(await bench.joined('r0'))).toEqual(['permission-denied']);
    expect(bench.requests).toHaveLength(1);
    await expectSilence(bench);
  });

  it('fails a room that joins later, and not those that are there', async () => {
    const bench = new PoolBench();
    const stays = await bench.joined(...names(3));
    bench.forbidden.add('r9');
    expect(codesOf(await bench.joined('r9'))).toEqual(['permission-denied']);
    for (const stay of stays) await bench.use(stay);
    expect(bench.pool.sizes).toEqual([3]);
    // The token was not at fault: it takes the next in.
    await bench.joined('r3');
    expect(bench.pool.sizes).toEqual([4]);
  });

  it('keeps nobody else out when it refuses a room that is there: newcomers are not asked for with it', async () => {
    const bench = new PoolBench();
    const stays = await bench.joined(...names(3));
    bench.forbidden.add('r0');
    const late = [...(await bench.joined('r3')), ...(await bench.joined('r4'))];
    expect(outcomesOf(late)).toEqual(['attached']);
    expect(bench.pool.sizes).toEqual([3, 2]);
    // Together and refused, alone, and with the one before.
    expect(bench.requests.slice(1).map(({ rooms }) => rooms.length)).toEqual([4, 1, 2]);
    stays[0]?.leave();
    await bench.joined('r5', 'r6', 'r7');
    expect(bench.pool.sizes).toEqual([5, 2]);
    for (const stay of [...stays, ...late]) stay.leave();
  });

  it('two of one room that are refused with others meet again', async () => {
    const bench = new PoolBench();
    bench.forbidden.add('r1');
    const stays = await bench.joined('r0', 'r0', 'r1');
    expect(codesOf(stays)).toEqual([undefined, undefined, 'permission-denied']);
    expect(bench.pool.sizes).toEqual([1]);
    for (const stay of stays) stay.leave();
    await expectSilence(bench);
  });
});

const ROOMS = 14;
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('join' as const), room: fc.nat(ROOMS - 1) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('leave' as const), stay: fc.nat() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      ms: fc.constantFrom(0, 50, 100, 300, 5000, 100_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forbid' as const), room: fc.nat(ROOMS - 1) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('allow' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('outage' as const, 'revoke' as const) }) },
);

it('G4, G5: whatever joins, leaves, is refused, revoked and renewed: five rooms a token, each covered, nothing left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.nat(), async (steps, seed) => {
      const bench = new PoolBench({ seed });
      bench.lifeSeconds = 120;
      const stays: PoolStay[] = [];
      const here = () => stays.filter(({ outcome }) => outcome === 'pending' || outcome === 'attached');
      const everForbidden = new Set<string>();
      let outages = 0;
      /** Whether a room that failed had a reason of its own. */
      const why = ({ room, error }: PoolStay) =>
        error?.code === 'permission-denied'
          ? everForbidden.has(room)
          : error?.code === 'token-unavailable' && outages > 0;
      const expectOrder = () => {
        for (const { rooms } of bench.requests) expect(new Set(rooms).size).toBeLessThanOrEqual(5);
        for (const size of bench.pool.sizes) {
          expect(size).toBeGreaterThanOrEqual(1);
          expect(size).toBeLessThanOrEqual(5);
        }
        const places = bench.pool.sizes.reduce((sum, size) => sum + size, 0);
        expect(places).toBeGreaterThanOrEqual(new Set(here().map(({ room }) => room)).size);
      };
      for (const action of steps) {
        if (action.do === 'join') stays.push(bench.stay(`r${action.room}`));
        else if (action.do === 'leave') stays[action.stay % Math.max(1, stays.length)]?.leave();
        else if (action.do === 'wait') await bench.time.advance(action.ms);
        else if (action.do === 'forbid') {
          bench.forbidden.add(`r${action.room}`);
          everForbidden.add(`r${action.room}`);
        } else if (action.do === 'allow') bench.forbidden.clear();
        else if (action.do === 'revoke') bench.revoked.add(`t${bench.requests.length}`);
        else {
          outages += 1;
          bench.down = true;
          await bench.time.advance(8000);
          bench.down = false;
        }
        expectOrder();
      }
      await bench.time.advance(60_000);
      bench.forbidden.clear();
      await bench.time.advance(240_000);
      expectOrder();
      for (const stay of stays) {
        expect(stay.outcome).not.toBe('pending');
        if (stay.outcome === 'failed') expect(why(stay)).toBe(true);
      }
      const using = Promise.all(here().map((stay) => bench.use(stay)));
      await bench.time.advance(10_000);
      await using;
      expect(bench.pool.sizes.reduce((sum, size) => sum + size, 0)).toBe(
        new Set(here().map(({ room }) => room)).size,
      );
      for (const stay of here()) stay.leave();
      await expectSilence(bench);
    }),
    { numRuns: Number(process.env.PROPERTY_RUNS ?? 150) },
  );
}, 60_000);
