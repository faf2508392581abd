import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PresenceChange } from '../../src/features/member.js';
import type { ChatRoom } from '../../src/lite-room.js';
import { MessageIds } from '../../src/messages/message-id.js';
import { withWallClock } from '../../src/shared/clock.js';
import { ChatError } from '../../src/shared/errors.js';
import {
  sortedSetFetchByScore,
  sortedSetPut,
  sortedSetRemove,
} from '../../src/transport/operations/sorted-sets.js';
import { publish } from '../../src/transport/operations/topics.js';
import type { Transport } from '../../src/transport/transport.js';
import type { Fate } from '../support/in-process-link.js';
import { type InProcessWorld, inProcessWorld, type WorldRoomOptions } from '../support/in-process-rooms.js';
import '../../src/features/presence.js';

const SET = { cache: 'chat', set: 'lobby:presence' };
const MINUTE = 60_000;

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

/** A joined room, and what its listener of `presence` heard, as words. */
async function open(name: string, options: Partial<WorldRoomOptions> = {}) {
  const room = world.room({ room: 'lobby', user: { id: name, name }, ...options });
  const heard: string[] = [];
  const errors: string[] = [];
  room.on('presence', ({ type, member }: PresenceChange) => heard.push(`${type} ${member.userId}`));
  room.on('error', ({ message }) => errors.push(message));
  await world.join(room);
  await world.run(1000);
  return { room, heard, errors };
}

async function entered(name: string, options: Partial<WorldRoomOptions> = {}) {
  const opened = await open(name, options);
  await world.result(opened.room.presence.enter());
  await world.run(1000);
  return opened;
}

const names = (room: ChatRoom) => room.presence.members.map(({ userId }) => userId);
const kill = (room: ChatRoom) => {
  const { link } = world.clientOf(room);
  link.refusing = true;
  link.cut('silent');
};
/** Tells the room something of presence, as somebody for whom nobody vouches. */
const tell = async (user: object, data: object) => {
  const value = JSON.stringify({ v: 1, id: new MessageIds(world.time).next(), type: 'presence', user, data });
  await world.result(world.transport().call(publish, { cache: 'chat', topic: 'lobby:events', value }));
};
const stored = async () => await world.result(world.transport().call(sortedSetFetchByScore, SET));

describe('presence', () => {
  it('tells who enters, updates and leaves, to who entered and to who did not', async () => {
    const bob = await open('bob');
    const ada = await entered('ada');
    await world.result(ada.room.presence.update({ mood: 'good' }));
    await world.run(1000);
    expect(bob.room.presence.members).toMatchObject([
      { userId: 'ada', data: { mood: 'good' }, connections: 1, own: false },
    ]);
    expect(ada.room.presence.members).toMatchObject([{ userId: 'ada', own: true }]);
    await world.result(ada.room.presence.leave());
    await world.run(100);
    for (const { heard } of [ada, bob]) expect(heard).toEqual(['enter ada', 'update ada', 'leave ada']);
    expect(bob.room.presence.count).toBe(0);
    expect(await stored()).toEqual([]);
  });

  it('keeps the data as it was given, whatever the app does with its object since', async () => {
    const bob = await open('bob');
    const ada = await open('ada');
    const data = { mood: 'good' };
    await world.result(ada.room.presence.enter(data));
    await world.run(1000);
    data.mood = 'bad';
    const moods = () => [ada, bob].map(({ room }) => room.presence.members[0]?.data?.mood);
    expect(moods()).toEqual(['good', 'good']);
    // Renewed meanwhile.
    await world.run(MINUTE);
    expect((await stored()).length).toBe(1);
    expect(moods()).toEqual(['good', 'good']);
    // Other data is an update, in the same object as well.
    await world.result(ada.room.presence.enter(data));
    await world.run(1000);
    expect(moods()).toEqual(['bad', 'bad']);
    await world.result(ada.room.presence.leave());
    await world.run(1000);
    expect(await stored()).toEqual([]);
    const late = await open('late');
    expect(names(late.room)).toEqual([]);
  });

  it('refuses a user whose id is longer than others take', async () => {
    const bob = await open('bob');
    /** A token holds no id as long as that. */
    const withoutVoucher = async (id: string) => {
      const room = world.room({ room: 'lobby', user: { id, name: 'X' } });
      world.clientOf(room).tokens.userId = undefined;
      await world.join(room);
      return room;
    };
    const [most, more] = ['x'.repeat(256), 'x'.repeat(257)];
    await world.result((await withoutVoucher(most)).presence.enter());
    await expect(world.result((await withoutVoucher(more)).presence.enter())).rejects.toMatchObject({
      code: 'invalid-argument',
      message: 'unable to enter the presence; the id of the user is too long',
    });
    await world.run(1000);
    expect(names(bob.room)).toEqual([most]);
    expect(bob.errors).toEqual([]);
  });

  it('ten updates and a re-sync are ten updates and nothing else', async () => {
    const bob = await open('bob');
    const ada = await entered('ada');
    bob.heard.length = 0;
    ada.heard.length = 0;
    for (let pips = 0; pips < 10; pips += 1) {
      await world.result(ada.room.presence.update({ pips }));
      await world.run(200);
    }
    for (const { room } of [ada, bob]) world.clientOf(room).link.cut('told');
    await world.run(30_000);
    expect(bob.heard).toEqual(Array(10).fill('update ada'));
    expect(ada.heard).toEqual(Array(10).fill('update ada'));
    expect(await stored()).toHaveLength(1);
  });

  it('two tabs of a user are one member, and leave with the last', async () => {
    const bob = await open('bob');
    const [one, two] = [await entered('ada'), await entered('ada')];
    expect(bob.room.presence).toMatchObject({ count: 1, connections: 2 });
    await world.result(one.room.presence.leave());
    await world.run(MINUTE);
    expect(bob.heard).toEqual(['enter ada']);
    await world.result(two.room.leave());
    await world.run(100);
    expect(bob.heard).toEqual(['enter ada', 'leave ada']);
  });

  it('users without an id are members one by one', async () => {
    const bob = await open('bob');
    const anybody = { user: { name: 'Guest' }, userId: undefined };
    await entered('x', anybody);
    await entered('y', anybody);
    expect(bob.room.presence.members.map(({ user }) => user.name)).toEqual(['Guest', 'Guest']);
  });

  it('a reload within the grace is nothing; a page that goes away has left after it', async () => {
    const bob = await open('bob');
    const { room } = await entered('ada');
    world.clientOf(room).page.becomes('pagehide');
    await world.run(2000);
    const again = await entered('ada');
    await world.run(MINUTE);
    expect(bob.heard).toEqual(['enter ada']);
    world.clientOf(again.room).page.becomes('pagehide');
    await world.run(4000);
    expect(bob.heard).toEqual(['enter ada']);
    await world.run(2000);
    expect(bob.heard).toEqual(['enter ada', 'leave ada']);
    world.clientOf(again.room).page.becomes('visible');
    await world.run(1000);
    expect(bob.heard.at(-1), 'out of the cache of pages').toBe('enter ada');
  });

  it('a page out of the cache of pages enters again, however long its connection is lost', async () => {
    const bob = await open('bob');
    const { room } = await entered('ada');
    const client = world.clientOf(room);
    client.page.becomes('pagehide');
    await world.run(10_000);
    client.link.goOffline(7 * MINUTE);
    client.page.becomes('visible');
    await world.run(10 * MINUTE);
    expect(bob.heard).toEqual(['enter ada', 'leave ada', 'enter ada']);
    await world.result(room.presence.leave());
    await world.run(MINUTE);
    expect(await stored()).toEqual([]);
  });

  it('a page out of the cache of pages has the data that was being stored as it went', async () => {
    const bob = await open('bob');
    const { room } = await entered('ada');
    const { page } = world.clientOf(room);
    const updating = room.presence.update({ status: 'away' });
    await world.run(1);
    page.becomes('pagehide');
    await world.result(updating);
    await world.run(10_000);
    page.becomes('visible');
    await world.run(MINUTE);
    expect(bob.room.presence.members).toMatchObject([{ data: { status: 'away' }, connections: 1 }]);
  });

  it('a page out of the cache of pages that was entered by the app meanwhile is one connection', async () => {
    const bob = await open('bob');
    const { room } = await entered('ada');
    const { page } = world.clientOf(room);
    page.becomes('pagehide');
    await world.run(1000);
    await world.result(room.presence.enter());
    page.becomes('visible');
    await world.run(MINUTE);
    expect(bob.room.presence.connections).toBe(1);
    expect(await stored()).toHaveLength(1);
  });

  it.each([0, 90_000, -90_000])(
    'a killed tab is gone after its lease, clocks %i ms apart',
    async (skewMs) => {
      const bob = await entered('bob', { skewMs });
      const ada = await entered('ada');
      await world.run(5 * MINUTE);
      expect(names(bob.room)).toHaveLength(2);
      kill(ada.room);
      await world.run(70_000);
      expect(bob.heard.filter((word) => word.endsWith('ada'))).toEqual(['enter ada', 'timeout ada']);
      expect(await stored(), 'its entry is removed').toHaveLength(1);
    },
  );

  it('who enters with a clock that was set ahead is seen (found by the property)', async () => {
    const bob = await entered('bob');
    const ada = await open('ada');
    world.clientOf(ada.room).clock.jump(10 * MINUTE);
    await world.result(ada.room.presence.enter());
    await world.run(1000);
    expect(names(bob.room)).toHaveLength(2);
    const carl = await open('carl');
    await world.run(30_000);
    expect(names(carl.room)).toHaveLength(2);
    expect([...bob.errors, ...carl.errors]).toEqual([]);
  });

  it('a hidden tab stays, and is gone 150 s after it was killed', async () => {
    const bob = await entered('bob');
    const ada = await entered('ada');
    world.clientOf(ada.room).page.becomes('hidden');
    await world.run(10 * MINUTE);
    expect(names(bob.room)).toHaveLength(2);
    kill(ada.room);
    await world.run(80_000);
    expect(names(bob.room)).toHaveLength(2);
    await world.run(90_000);
    expect(names(bob.room)).toEqual(['bob']);
  });

  it('outlives a lost connection, and is entered again after a long one', async () => {
    const bob = await entered('bob');
    const ada = await entered('ada');
    world.clientOf(ada.room).link.goOffline(20_000);
    await world.run(40_000);
    expect(bob.heard).toEqual(['enter bob', 'enter ada']);
    world.clientOf(ada.room).link.goOffline(3 * MINUTE);
    await world.run(3 * MINUTE);
    expect(names(bob.room)).toEqual(['bob']);
    await world.run(2 * MINUTE);
    expect(names(bob.room)).toEqual(['bob', 'ada']);
    await world.result(ada.room.leave());
    await world.join(ada.room);
    await world.run(MINUTE);
    expect(names(bob.room), 'leave() ends it').toEqual(['bob']);
  });

  it('ends also where the room is left before leave() of the presence was done', async () => {
    const bob = await entered('bob');
    const ada = await entered('ada');
    const leaving = ada.room.presence.leave().catch(() => {});
    // It is on its way.
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    await world.result(ada.room.leave());
    await world.result(leaving);
    await world.run(1000);
    expect([names(bob.room), bob.heard]).toEqual([['bob'], ['enter bob', 'enter ada', 'leave ada']]);
    expect(await stored()).toHaveLength(1);
  });

  it('ends with leave() also where enter() failed and was stored all the same', async () => {
    const ada = await open('ada');
    const { link } = world.clientOf(ada.room);
    link.fates = (rpc) =>
      rpc === 'SortedSetPut' ? { outcome: 'answer-lost', learnsAfterMs: 100 } : undefined;
    await expect(world.result(ada.room.presence.enter())).rejects.toMatchObject({ retryable: true });
    link.fates = undefined;
    expect(await stored()).toHaveLength(1);
    await world.result(ada.room.leave());
    expect(await stored()).toEqual([]);
  });

  it('costs 2.4 writes a member and minute, readings of two, and no event', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']) await entered(name);
    await world.run(5 * MINUTE);
    const before = { ...world.calls };
    await world.run(10 * MINUTE);
    const calls = (rpc: string) => ((world.calls[rpc] ?? 0) - (before[rpc] ?? 0)) / 100;
    const count = Object.keys(world.calls).filter((rpc) => calls(rpc) > 0);
    expect(calls('SortedSetPut')).toBeLessThanOrEqual(2.4);
    expect(calls('SortedSetFetch')).toBeLessThanOrEqual(0.6);
    expect(count.sort()).toEqual(['SortedSetFetch', 'SortedSetPut']);
  });

  it('refuses what cannot be stored, and an update of who is not there', async () => {
    const { room } = await open('ada');
    const refused = async (act: Promise<void>, code: string) =>
      await expect(world.result(act)).rejects.toMatchObject({ code });
    await refused(room.presence.update({}), 'invalid-argument');
    await refused(room.presence.enter([] as never), 'invalid-argument');
    await refused(room.presence.enter({ big: 1n } as never), 'invalid-argument');
    await refused(room.presence.enter({ long: 'x'.repeat(1024) }), 'message-too-large');
    expect(room.presence.count).toBe(0);
  });

  it('G6: hostile entries and events are bounded, told of once, and cleaned away', async () => {
    const ids = new MessageIds(world.time);
    const entry = (changes: object = {}) => {
      const id = ids.next();
      return JSON.stringify({ v: 1, c: id, r: id, u: { id: 'eve', name: 'eve' }, s: 1, ...changes });
    };
    const now = world.time.now();
    const elements = new Map<string, number>([
      ['x'.repeat(1_000_000), now + 50_000],
      ['null', now + 50_000],
      [entry({ u: 'x' }), now + 50_000],
      [entry({ s: 1e300 }), now + 50_000],
      [entry({ d: 'no object' }), now + 50_000],
      [entry({ u: { id: 'years', name: 'y' } }), now + 1e11],
    ]);
    for (let index = 0; index < 3000; index += 1) elements.set(entry(), now + 50_000);
    const hostile = world.transport();
    await world.result(hostile.call(sortedSetPut, { ...SET, elements, ttlSeconds: 600 }));
    const bob = await entered('bob');
    const say = (data: object) =>
      world.result(
        hostile.call(publish, {
          cache: 'chat',
          topic: 'lobby:events',
          value: JSON.stringify({ v: 1, id: ids.next(), type: 'presence', user: { name: 'eve' }, data }),
        }),
      );
    for (const data of [
      {},
      { do: 'enter' },
      { do: 'enter', c: ids.next(), s: 1, e: 'x' },
      { do: 'leave', c: 3 },
      { do: 'timeout', c: [{}] },
    ])
      await say(data);
    await world.run(3 * MINUTE);
    expect(names(bob.room)).toEqual(['bob']);
    expect(bob.room.presence.connections).toBe(1);
    expect(bob.errors).toHaveLength(1);
    expect((await stored()).some(({ value }) => value.length > 2000)).toBe(false);
  });

  it.each([
    'comes back from a long lost connection',
    'was told to be gone',
    'comes out of the cache of pages',
  ])('what a user said last in any tab stands, when an older tab %s', async (how) => {
    const bob = await open('bob');
    const older = await open('ada');
    await world.result(older.room.presence.enter({ status: 'at work' }));
    const newer = await entered('ada');
    const [connection] = (await stored())
      .filter(({ value }) => value.includes('at work'))
      .map(({ value }) => JSON.parse(value).c);
    const client = world.clientOf(older.room);
    if (how.includes('connection')) client.link.goOffline(2 * MINUTE);
    if (how.includes('pages')) client.page.becomes('pagehide');
    await world.run(MINUTE);
    await world.result(newer.room.presence.update({ status: 'away' }));
    await world.run(30_000);
    bob.heard.length = 0;
    if (how.includes('told')) await tell({ id: 'ada', name: 'ada' }, { do: 'leave', c: connection });
    client.page.becomes('visible');
    await world.run(3 * MINUTE);
    expect(bob.heard).toEqual([]);
    const late = await open('cyd');
    for (const { room } of [bob, older, newer, late])
      expect(room.presence.members).toMatchObject([{ data: { status: 'away' }, connections: 2 }]);
  });

  it('G6: an event that names a version from after it, or what is none, says nothing', async () => {
    const bob = await open('bob');
    const ids = new MessageIds(world.time);
    const [c, newer] = [
      ids.next(),
      new MessageIds(withWallClock(world.time, () => world.time.now() + MINUTE)).next(),
    ];
    const user = { id: 'eve', name: 'eve' };
    const say = (r: unknown, status: string) =>
      tell(user, { do: 'update', c, s: world.time.now(), e: world.time.now() + MINUTE, d: { status }, r });
    await say(ids.next(), 'good');
    for (const r of [newer, {}, 7, 'x'.repeat(500)]) await say(r, 'bad');
    await world.run(1000);
    expect(bob.room.presence.members).toMatchObject([{ data: { status: 'good' } }]);
    expect(bob.errors).toHaveLength(1);
  });

  it('who was said to be gone, or was removed, is there again', async () => {
    const bob = await entered('bob');
    const ada = await entered('ada');
    await world.run(40_000);
    const values = (await stored()).map(({ value }) => value);
    const hostile = world.transport();
    await world.result(hostile.call(sortedSetRemove, { ...SET, values }));
    const [connection] = values
      .filter((value) => value.includes('"ada"'))
      .map((value) => JSON.parse(value).c);
    const event = { v: 1, id: new MessageIds(world.time).next(), type: 'presence', user: { name: 'eve' } };
    const value = JSON.stringify({ ...event, data: { do: 'leave', c: connection, now: true } });
    await world.result(hostile.call(publish, { cache: 'chat', topic: 'lobby:events', value }));
    await world.run(MINUTE);
    for (const { room } of [ada, bob]) expect(names(room)).toEqual(['bob', 'ada']);
    expect(await stored()).toHaveLength(2);
  });

  it.each(['older', 'newer', 'in between'])(
    'who stores an entry under the connection of a member and another name does not drive the member out: %s',
    async (age) => {
      const ids = new MessageIds(world.time);
      const older = ids.next();
      const bob = await entered('bob');
      const cy = await open('cy');
      const ada = await entered('ada');
      const between = ids.next();
      if (age === 'in between') {
        // She tells of her entry anew, under an id of that moment.
        world.clientOf(ada.room).link.goOffline(2 * MINUTE);
        await world.run(4 * MINUTE);
        for (const { heard } of [ada, bob, cy]) heard.splice(0, heard.length, 'enter ada');
      }
      const found = (await stored()).find(({ value }) => value.includes('"ada"'));
      const { c } = JSON.parse(found?.value ?? '{}');
      const versions: Record<string, () => string> = {
        older: () => older,
        newer: () => ids.next(),
        'in between': () => between,
      };
      const forge = async () => {
        const forged = { v: 1, c, r: versions[age]?.(), u: { id: 'eve', name: 'Eve' }, s: 1 };
        const elements = new Map([[JSON.stringify(forged), (found?.score ?? 0) + 100_000]]);
        await world.result(world.transport().call(sortedSetPut, { ...SET, elements, ttlSeconds: 600 }));
      };
      for (let times = 0; times < 5; times += 1) {
        await forge();
        for (const { room } of [ada, bob, cy]) world.clientOf(room).link.cut('told');
        await world.run(20_000);
      }
      await world.run(5 * MINUTE);
      for (const { heard } of [ada, bob, cy])
        expect(heard.filter((word) => word.endsWith('ada'))).toEqual(['enter ada']);
      expect(names(cy.room)).toEqual(['bob', 'ada']);
      expect(await stored()).toHaveLength(2);
      await forge();
      kill(ada.room);
      await world.run(3 * MINUTE);
      for (const { room } of [bob, cy]) expect(names(room)).not.toContain('ada');
    },
  );

  it.each(['as old as the entry', 'newer'])(
    'who stores an entry of a member under another name does not drive the member out: %s',
    async (age) => {
      const ids = new MessageIds(world.time);
      const bob = await entered('bob');
      const ada = await entered('ada');
      const between = ids.next();
      // She tells of her entry anew, under an id of that moment.
      world.clientOf(ada.room).link.goOffline(2 * MINUTE);
      await world.run(4 * MINUTE);
      const found = (await stored()).find(({ value }) => value.includes('"ada"'));
      const { c, r } = JSON.parse(found?.value ?? '{}');
      const version = age === 'newer' ? between : r;
      const forged = JSON.stringify({ v: 1, c, r: version, u: { id: 'ada', name: 'Mallory' }, s: 1 });
      const elements = new Map([[forged, (found?.score ?? 0) + 100_000]]);
      await world.result(world.transport().call(sortedSetPut, { ...SET, elements, ttlSeconds: 600 }));
      await world.run(2 * MINUTE);
      for (const { room } of [ada, bob])
        expect(room.presence.members.map(({ user }) => user.name).sort()).toEqual(['ada', 'bob']);
      expect((await stored()).some(({ value }) => value.includes('Mallory'))).toBe(false);
    },
  );

  it('who says that somebody else has left is not believed', async () => {
    const bob = await entered('bob');
    const ada = await entered('ada');
    const found = (await stored()).find(({ value }) => value.includes('"ada"'));
    const { c } = JSON.parse(found?.value ?? '{}');
    await tell({ id: 'eve', name: 'eve' }, { do: 'leave', c, now: true });
    await world.run(MINUTE);
    for (const { heard } of [ada, bob])
      expect(heard.filter((word) => word.endsWith('ada'))).toEqual(['enter ada']);
    expect(await stored()).toHaveLength(2);
  });

  it('who claims to be somebody else, and whose token says so, is not told as that', async () => {
    const bob = await open('bob');
    const eve = world.room({ room: 'lobby', user: { id: 'ada', name: 'ada' }, userId: 'eve' });
    await world.join(eve);
    await world.result(eve.presence.enter());
    await world.run(1000);
    expect(bob.heard).toEqual([]);
  });

  it('nobody who gave a sign of life lately is believed to be silent', async () => {
    const bob = await entered('bob');
    await entered('ada');
    const connections = (await stored()).map(({ value }) => JSON.parse(value).c);
    await tell({ name: 'eve' }, { do: 'timeout', c: connections });
    await world.run(30_000);
    expect(bob.heard.filter((word) => word.startsWith('timeout'))).toEqual([]);
    expect(names(bob.room)).toEqual(['bob', 'ada']);
  });

  it('members who are said to be silent, without end, answer with the renewals that are due', async () => {
    const members = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => entered(name)));
    await world.run(2 * MINUTE);
    const before = { ...world.calls };
    for (let second = 0; second < 100; second += 1) {
      const connections = (await stored()).map(({ value }) => JSON.parse(value).c);
      await tell({ name: 'eve' }, { do: 'timeout', c: connections });
      await world.run(1000);
    }
    const calls = (rpc: string) => (world.calls[rpc] ?? 0) - (before[rpc] ?? 0);
    expect(calls('SortedSetPut')).toBeLessThanOrEqual(8 * 5);
    expect(calls('Publish')).toBeLessThanOrEqual(8 * 5);
    for (const { room } of members) expect(names(room)).toHaveLength(8);
    expect(await stored()).toHaveLength(8);
  });

  it('an update that cannot be stored does not end the lease', async () => {
    const bob = await entered('bob');
    let isRefused = false;
    const wrap = (transport: Transport): Transport => ({
      subscribe: (...args) => transport.subscribe(...args),
      async call(operation, ...args) {
        if (isRefused && operation.rpc === sortedSetPut.rpc)
          throw new ChatError('permission-denied', 'unable to write; not now');
        return transport.call(operation, ...args);
      },
    });
    const ada = await entered('ada', { wrap });
    isRefused = true;
    const refused = { code: 'permission-denied' };
    await expect(world.result(ada.room.presence.update({ mood: 'good' }))).rejects.toMatchObject(refused);
    isRefused = false;
    await world.run(3 * MINUTE);
    expect(bob.heard).toEqual(['enter bob', 'enter ada']);
  });

  it('a tab that is hidden has the longer lease at once: its next timer may come in a minute', async () => {
    const { room } = await entered('ada');
    world.clientOf(room).page.becomes('hidden');
    await world.run(500);
    const [entry] = await stored();
    expect((entry?.score ?? 0) - world.time.now()).toBeGreaterThan(145_000);
  });

  it('members are listed up to 200, and counted beyond; who stays away hears of it every 5 s at most', async () => {
    const ids = new MessageIds(world.time);
    const elements = new Map<string, number>();
    for (let index = 0; index < 300; index += 1) {
      const id = ids.next();
      const value = JSON.stringify({ v: 1, c: id, r: id, u: { id: `u${index}`, name: 'u' }, s: index });
      elements.set(value, world.time.now() + 50_000);
    }
    await world.result(world.transport().call(sortedSetPut, { ...SET, elements, ttlSeconds: 300 }));
    const bob = await open('bob');
    await world.run(20_000);
    expect(bob.room.presence.count).toBe(300);
    expect(names(bob.room)).toEqual(Array.from({ length: 200 }, (_, index) => `u${index}`));
    expect(bob.heard.length).toBeLessThan(210);
  });

  it('a hidden user is not there, to who hides them and to nobody else', async () => {
    const bob = await entered('bob');
    const cy = await entered('cy');
    const ada = await entered('ada');
    bob.heard.length = 0;
    bob.room.hide('ada');
    expect(names(bob.room)).toEqual(['bob', 'cy']);
    expect(bob.room.presence).toMatchObject({ count: 2, connections: 2 });
    expect(bob.heard).toEqual(['leave ada']);
    await world.result(ada.room.presence.update({ mood: 'good' }));
    await world.result(ada.room.presence.leave());
    await world.result(ada.room.presence.enter());
    await world.run(3 * MINUTE);
    expect(bob.heard).toEqual(['leave ada']);
    expect(names(cy.room)).toContain('ada');
    bob.room.unhide('ada');
    expect(bob.heard).toEqual(['leave ada', 'enter ada']);
    expect(names(bob.room)).toEqual(['bob', 'cy', 'ada']);
  });

  describe('leaves nobody behind', () => {
    /** Storing takes so long, and nothing else does. */
    const slowPut = (room: ChatRoom, fate: Partial<Fate> = { thereMs: 300 }) => {
      world.clientOf(room).link.fates = (rpc) => (rpc === 'SortedSetPut' ? fate : undefined);
    };
    const nobodyIsThere = async (bob: ChatRoom) => {
      await world.run(5000);
      expect(await stored()).toEqual([]);
      expect(names(bob)).toEqual([]);
      const late = await open('late');
      expect(names(late.room)).toEqual([]);
    };

    it.each([1, 2])('when the room is left while `enter()` is under way (%i times)', async (times) => {
      const [bob, ada] = [await open('bob'), await open('ada')];
      slowPut(ada.room);
      const entering = ada.room.presence.enter();
      entering.catch(() => {});
      await world.run(150);
      const left = Array.from({ length: times }, () => ada.room.leave());
      await world.result(Promise.all(left));
      await expect(entering).rejects.toMatchObject({ code: 'closed' });
      await nobodyIsThere(bob.room);
    });

    it('when the room is left while `update()` is under way, and others know at once', async () => {
      const [bob, ada] = [await open('bob'), await entered('ada')];
      slowPut(ada.room);
      ada.room.presence.update({ mood: 'good' }).catch(() => {});
      await world.run(150);
      const left = ada.room.leave();
      await world.run(50);
      expect(names(bob.room)).toEqual([]);
      await world.result(left);
      await nobodyIsThere(bob.room);
    });

    it('when the room is left while an update is told of', async () => {
      const [bob, ada] = [await open('bob'), await entered('ada')];
      world.clientOf(ada.room).link.fates = (rpc) => (rpc === 'Publish' ? { backMs: 300 } : undefined);
      ada.room.presence.update({ mood: 'good' }).catch(() => {});
      await world.run(150);
      await world.result(ada.room.leave());
      await nobodyIsThere(bob.room);
    });

    it('when the room is left while the lease is renewed', async () => {
      const [bob, ada] = [await open('bob'), await entered('ada')];
      const before = (await stored())?.[0]?.score ?? 0;
      const { link } = world.clientOf(ada.room);
      let isPutting = false;
      link.fates = (rpc) => {
        if (rpc !== 'SortedSetPut') return undefined;
        isPutting = true;
        return { thereMs: 300 };
      };
      while (!isPutting) await world.run(100);
      expect((await stored())?.[0]?.score).toBe(before);
      await world.result(ada.room.leave());
      await nobodyIsThere(bob.room);
    });

    it('when the presence is left while `enter()` is under way, and the room with it or not', async () => {
      const bob = await open('bob');
      for (const leavesRoom of [false, true]) {
        const ada = await open('ada');
        slowPut(ada.room);
        ada.room.presence.enter().catch(() => {});
        await world.run(150);
        const left = ada.room.presence.leave();
        await world.result(leavesRoom ? ada.room.leave() : left);
        await nobodyIsThere(bob.room);
      }
    });

    it('when the room is joined again at once', async () => {
      const [bob, ada] = [await open('bob'), await open('ada')];
      slowPut(ada.room);
      ada.room.presence.enter().catch(() => {});
      await world.run(150);
      void ada.room.leave();
      await world.join(ada.room);
      await nobodyIsThere(bob.room);
    });

    it('when the answer to `enter()` is lost', async () => {
      const [bob, ada] = [await open('bob'), await open('ada')];
      slowPut(ada.room, { outcome: 'answer-lost', learnsAfterMs: 4000 });
      ada.room.presence.enter().catch(() => {});
      await world.run(150);
      await world.result(ada.room.leave());
      await nobodyIsThere(bob.room);
    });
  });
});
