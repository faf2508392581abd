import { afterEach, describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { ChatError } from '../../src/shared/errors.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import { PoolBench, type PoolStay } from '../support/pool-bench.js';

const AN_HOUR = 3_600_000;

/** Makes a call in each room; the outcomes. */
async function used(bench: PoolBench, stays: readonly PoolStay[]) {
  const using = Promise.allSettled(stays.map((stay) => bench.use(stay)));
  await bench.time.advance(10_000);
  return (await using).map((result) =>
    result.status === 'fulfilled' ? result.value : (result.reason as ChatError).code,
  );
}

/** Rooms on one token, and what is asked for from now on. */
async function sharing(...rooms: string[]) {
  const bench = new PoolBench();
  const stays = await bench.joined(...rooms);
  bench.requests.length = 0;
  return { bench, stays, asked: () => bench.requests.map((request) => request.rooms.join()) };
}

describe('a renewal that is refused because of one of the rooms', () => {
  it.each([
    ['r0', ['r0,r1,r2', 'r0', 'r1', 'r1,r2']],
    ['r1', ['r0,r1,r2', 'r0', 'r0,r1', 'r0,r2']],
    ['r2', ['r0,r1,r2', 'r0', 'r0,r1', 'r0,r1,r2']],
  ])('G4: renews the token ahead of its end for the others, when %s is refused', async (lost, requests) => {
    const { bench, stays, asked } = await sharing('r0', 'r1', 'r2');
    bench.forbidden.add(lost);
    await bench.time.advance(AN_HOUR);
    expect(asked()).toEqual(requests);
    bench.revoked.add('t1');
    const outcomes = await used(bench, stays);
    for (const [index, { room }] of stays.entries())
      expect(outcomes[index]).toEqual(room === lost ? 'permission-denied' : expect.stringMatching(/^t\d$/));
    expect(bench.pool.sizes).toEqual([3]);
    expect(stays.flatMap(({ failures }) => failures)).toEqual([]);
  });

  it('G4: replaces a token that Momento rejects for the others', async () => {
    const { bench, stays, asked } = await sharing('r0', 'r1', 'r2');
    bench.forbidden.add('r0');
    bench.revoked.add('t1');
    expect(await used(bench, stays)).toEqual(['permission-denied', 't5', 't5']);
    expect(asked()).toEqual(['r0,r1,r2', 'r0', 'r1', 'r1,r2']);
    expect(new Set(bench.requests.map(({ reason }) => reason))).toEqual(new Set(['rejected']));
  });

  it('asks once for each room and no more when all are refused, ahead of the end and at the end', async () => {
    const { bench, stays } = await sharing('r0', 'r1', 'r2', 'r3', 'r4');
    for (const { room } of stays) bench.forbidden.add(room);
    await bench.time.advance(AN_HOUR);
    expect(bench.requests).toHaveLength(6);
    expect(stays.map(({ failures }) => failures)).toEqual(stays.map(() => ['permission-denied']));
    await bench.time.advance(2 * AN_HOUR);
    expect(bench.requests).toHaveLength(6);
    bench.revoked.add('t1');
    expect(await used(bench, stays)).toEqual(stays.map(() => 'permission-denied'));
    expect(bench.requests).toHaveLength(12);
  });

  it('emits no error when the refusal has passed meanwhile, and covers all of the rooms again', async () => {
    const { bench, stays, asked } = await sharing('r0', 'r1');
    bench.forbidden.add('r1');
    await bench.time.advance(AN_HOUR, () => bench.requests.length > 0);
    await bench.time.advance(200);
    bench.forbidden.clear();
    await bench.time.advance(1000);
    expect(asked()).toEqual(['r0,r1', 'r0', 'r0,r1']);
    expect(await used(bench, stays)).toEqual(['t4', 't4']);
    expect(stays.flatMap(({ failures }) => failures)).toEqual([]);
  });

  it('goes on with the room it had come to after the token function was down', async () => {
    const { bench, stays } = await sharing('r0', 'r1');
    bench.forbidden.add('r0');
    await bench.time.advance(AN_HOUR, () => bench.requests.length > 0);
    await bench.time.advance(200);
    bench.down = true;
    await bench.time.advance(20_000);
    bench.down = false;
    await bench.time.advance(60_000);
    bench.revoked.add('t1');
    expect(await used(bench, stays)).toEqual(['permission-denied', expect.stringMatching(/^t\d+$/)]);
    expect(bench.requests.filter(({ rooms }) => rooms.length > 1)).toHaveLength(1);
  });

  it('lets a room come back to its token once it is allowed again', async () => {
    const { bench, stays } = await sharing('r0', 'r1', 'r2');
    bench.forbidden.add('r0');
    await bench.time.advance(AN_HOUR);
    stays[0]?.leave();
    bench.forbidden.clear();
    const again = await bench.joined('r0');
    expect(bench.pool.sizes).toEqual([3]);
    const [one, ...others] = await used(bench, [...again, ...stays.slice(1)]);
    expect(others).toEqual([one, one]);
  });

  it('takes a newcomer in while it is under way, and refuses it where it is the one', async () => {
    const { bench } = await sharing('r0', 'r1');
    bench.forbidden.add('r0').add('r9');
    await bench.time.advance(AN_HOUR, () => bench.requests.length > 0);
    const late = await bench.joined('r8', 'r9');
    expect(late.map(({ error }) => error?.code)).toEqual([undefined, 'permission-denied']);
    expect(await used(bench, late.slice(0, 1))).toEqual([expect.stringMatching(/^t\d+$/)]);
  });
});

describe('three rooms of a session, one of which the user loses', () => {
  let world: InProcessWorld;
  afterEach(() => world.end());

  /** Joins three rooms on one token and Bob in the second; `lose` has the token function refuse the first. */
  async function losing(via: 'fetch' | 'sdk') {
    world = inProcessWorld();
    const client = world.client({ via });
    // Slow, so that all three wait for the same answer.
    const { source } = client.slowTokens(500);
    let lost = false;
    const session = client.session(async (request) => {
      const vended = await source(request);
      if (lost && request.rooms.includes('r0'))
        throw new ChatError('permission-denied', 'unable to get a token; not your room');
      return vended;
    });
    const rooms = ['r0', 'r1', 'r2'].map((room) =>
      client.room({ room, session, user: { name: 'Ada' }, events: false }),
    );
    const bob = world.member('Bob', { room: 'r1' });
    await world.joined(...rooms, bob);
    const told = rooms.map((room) => {
      const seen: string[] = [];
      room.on('error', ({ code }) => seen.push(code));
      room.on('status', (status) => seen.push(status));
      return seen;
    });
    const lose = () => {
      lost = true;
    };
    return { client, rooms, bob, told, lose };
  }
  const texts = (room: ChatRoom | undefined) => room?.messages.map(({ text }) => text);

  it.each(['fetch', 'sdk'] as const)(
    'G4: that one fails with `permission-denied`, and the others are not interrupted (%s)',
    async (via) => {
      const { rooms, bob, told, lose } = await losing(via);
      lose();
      for (let minute = 0; minute < 70; minute += 1) {
        await world.say(bob, `${minute}`);
        await world.run(60_000);
      }
      expect(told).toEqual([['failed', 'permission-denied'], [], []]);
      expect(texts(rooms[1])).toEqual(texts(bob));
    },
  );

  it.each(['fetch', 'sdk'] as const)(
    'G1, G4: that one fails, and the others miss nothing when their token ends before it was renewed (%s)',
    async (via) => {
      const { client, rooms, bob, lose } = await losing(via);
      lose();
      world.engine.faults.expireToken(client.tokens.minted.at(-1)?.token ?? '');
      for (let count = 0; count < 20; count += 1) await world.say(bob, `${count}`);
      await world.run(10_000);
      expect(rooms.map(({ status }) => status)).toEqual(['failed', 'joined', 'joined']);
      expect(texts(rooms[1])).toEqual(texts(bob));
      await world.say(rooms[2] as ChatRoom, 'still here');
      expect(texts(rooms[2])).toEqual(['still here']);
    },
  );
});
