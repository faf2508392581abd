import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// Loaded ahead: virtual time stands still meanwhile.
import '../../src/features/presence.js';
import '../../src/features/typing.js';
import type { ChatRoom } from '../../src/lite-room.js';
import type { JsonObject } from '../../src/messages/message.js';
import { MessageIds } from '../../src/messages/message-id.js';
import { dictionarySetFields } from '../../src/transport/operations/dictionaries.js';
import { sortedSetFetchByScore, sortedSetPut } from '../../src/transport/operations/sorted-sets.js';
import { publish } from '../../src/transport/operations/topics.js';
import type { Transport } from '../../src/transport/transport.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

const SET = { cache: 'chat', set: 'lobby:presence' };
const MINUTE = 60_000;
const DAY = 86_400_000;

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

/** Calls of a hostile member whose token names nobody. */
const call: Transport['call'] = (...args) => world.result(world.transport().call(...args));
const inAMinute = () => Math.round(world.time.now()) + 50_000;
const idAhead = (ms: number) => new MessageIds(world.time.skewed(ms)).next();

/** Tells the room something in the name of `user`, with an id from so far in the future. */
const say = (type: string, user: string, data: object, aheadMs: number) =>
  call(publish, {
    cache: 'chat',
    topic: 'lobby:events',
    value: JSON.stringify({ v: 1, id: idAhead(aheadMs), type, user: { id: user, name: user }, data }),
  });

async function open(name: string) {
  const room = world.room({ room: 'lobby', user: { id: name, name } });
  const heard: string[] = [];
  room.on('presence', ({ type, member }) => heard.push(`${type} ${member.userId}`));
  room.on('typing', () => {});
  await world.join(room);
  await world.run(1000);
  return { room, heard };
}

async function entered(name: string, data: JsonObject) {
  const opened = await open(name);
  await world.result(opened.room.presence.enter(data));
  await world.run(1000);
  return opened;
}

const dataOf = ({ presence }: ChatRoom, name: string) =>
  presence.members.find(({ userId }) => userId === name)?.data;
const typists = ({ typing }: ChatRoom) => typing.users.map(({ name }) => name);

/** The stored entry of a user, decoded. */
async function entryOf(name: string): Promise<{ c: string; s: number }> {
  const entries = (await call(sortedSetFetchByScore, SET)).map(({ value }) => JSON.parse(value));
  return entries.find(({ u }) => u.id === name);
}

describe('presence data that is forged with an id from the future', () => {
  it('and told, is over in seconds, for who was there and for who comes', async () => {
    const bob = await entered('bob', {});
    const ada = await entered('ada', { mood: 'good' });
    const { c, s } = await entryOf('ada');
    const forged = { do: 'update', c, s, e: inAMinute(), d: { mood: 'forged' } };
    await say('presence', 'ada', forged, DAY);
    await world.run(10_000);
    expect(dataOf(bob.room, 'ada')).toEqual({ mood: 'good' });
    await world.result(ada.room.presence.update({ mood: 'better' }));
    await world.run(1000);
    const carl = await open('carl');
    for (const { room } of [ada, bob, carl]) expect(dataOf(room, 'ada')).toEqual({ mood: 'better' });
    expect(new Set(bob.heard), 'nobody left').toEqual(new Set(['enter bob', 'enter ada', 'update ada']));
    expect(bob.room.presence.connections).toBe(2);
  });

  it('and told, does not win over an update that comes at once', async () => {
    const bob = await entered('bob', {});
    const ada = await entered('ada', { mood: 'good' });
    const { c, s } = await entryOf('ada');
    await say('presence', 'ada', { do: 'update', c, s, e: inAMinute(), d: {} }, DAY);
    await world.run(500);
    await world.result(ada.room.presence.update({ mood: 'better' }));
    await world.run(500);
    for (const { room } of [ada, bob]) expect(dataOf(room, 'ada')).toEqual({ mood: 'better' });
  });

  it('and told of a member who is lost, is over with the next reading', async () => {
    const bob = await entered('bob', {});
    const ada = await entered('ada', { mood: 'good' });
    const { c, s } = await entryOf('ada');
    world.clientOf(ada.room).link.cut('silent');
    world.clientOf(ada.room).link.refusing = true;
    await say('presence', 'ada', { do: 'update', c, s, e: inAMinute(), d: {} }, DAY);
    await world.run(1000);
    expect(dataOf(bob.room, 'ada')).toEqual({});
    world.clientOf(bob.room).link.cut('told');
    await world.run(10_000);
    expect(dataOf(bob.room, 'ada')).toEqual({ mood: 'good' });
    world.clientOf(ada.room).link.refusing = false;
  });

  it.each([DAY, 700 * DAY])('and stored, %i ms ahead, is over with its lease', async (aheadMs) => {
    const bob = await entered('bob', {});
    const ada = await entered('ada', { mood: 'good' });
    const { c, s } = await entryOf('ada');
    const user = { id: 'ada', name: 'ada' };
    const value = JSON.stringify({ v: 1, c, r: idAhead(aheadMs), u: user, s, d: { mood: 'forged' } });
    const elements = new Map([[value, inAMinute()]]);
    await call(sortedSetPut, { ...SET, elements, ttlSeconds: 300 });
    const carl = await open('carl');
    await world.result(ada.room.presence.update({ mood: 'better' }));
    await world.run(3 * MINUTE);
    for (const { room } of [ada, bob, carl]) expect(dataOf(room, 'ada')).toEqual({ mood: 'better' });
    expect(await call(sortedSetFetchByScore, SET)).toHaveLength(2);
  });

  it('and stored, further ahead than wrong clocks explain, deceives nobody who comes', async () => {
    await entered('ada', { mood: 'good' });
    const { c, s } = await entryOf('ada');
    const value = JSON.stringify({ v: 1, c, r: idAhead(3 * DAY), u: { id: 'ada', name: 'ada' }, s, d: {} });
    await call(sortedSetPut, { ...SET, elements: new Map([[value, inAMinute()]]), ttlSeconds: 300 });
    const carl = await open('carl');
    expect(dataOf(carl.room, 'ada')).toEqual({ mood: 'good' });
  });

  it('a lease without an end is malformed, and others are noticed when they go silent', async () => {
    const bob = await entered('bob', {});
    const ada = await entered('ada', {});
    const id = idAhead(0);
    const endless = `{"v":1,"id":"${id}","type":"presence","user":{"name":"eve"},"data":{"do":"enter","c":"${id}","s":1,"e":1e999}}`;
    await call(publish, { cache: 'chat', topic: 'lobby:events', value: endless });
    await world.run(1000);
    expect(bob.room.presence.count).toBe(2);
    const { link } = world.clientOf(ada.room);
    link.refusing = true;
    link.cut('silent');
    await world.run(70_000);
    expect(bob.heard.at(-1)).toBe('timeout ada');
    link.refusing = false;
  });

  it('an honest clock that is ten minutes ahead is believed, and its connection keeps its name', async () => {
    const bob = await entered('bob', {});
    const ada = await entered('ada', {});
    world.clientOf(ada.room).clock.jump(10 * MINUTE);
    const { c } = await entryOf('ada');
    for (let pips = 1; pips <= 5; pips += 1) {
      await world.result(ada.room.presence.update({ pips }));
      await world.run(300);
      expect(dataOf(bob.room, 'ada')).toEqual({ pips });
      await world.run(30_000);
    }
    expect((await entryOf('ada')).c).toBe(c);
  });
});

describe('the end of typing that is forged with an id from the future', () => {
  it.each([
    [20_000, 0],
    [10 * MINUTE, 0],
    [DAY, 0],
    [5000, 15_000],
  ])('%i ms ahead, hides a typist for %i ms at most', async (aheadMs, ms) => {
    const [ada, bob] = [await open('ada'), await open('bob')];
    await say('typing', 'ada', { on: false }, aheadMs);
    await world.run(100);
    for (let passed = 0; passed <= ms; passed += 1000) {
      ada.room.typing.keystroke();
      await world.run(1000);
    }
    expect(typists(bob.room)).toEqual(['ada']);
  });

  it('a sign from the future is over with the next one: what ends that, ends it', async () => {
    const [ada, bob] = [await open('ada'), await open('bob')];
    await say('typing', 'ada', { on: true }, DAY);
    await world.run(100);
    ada.room.typing.keystroke();
    await world.run(100);
    ada.room.typing.stop();
    await world.run(100);
    expect(typists(bob.room)).toEqual([]);
  });

  it('a message from a device ten minutes ahead does not hide what the user types on another', async () => {
    const bob = await open('bob');
    const ahead = await open('ada');
    world.clientOf(ahead.room).clock.jump(10 * MINUTE);
    const ada = await open('ada');
    await world.result(ahead.room.send('from the one'));
    await world.run(100);
    ada.room.typing.keystroke();
    await world.run(100);
    expect(typists(bob.room)).toEqual(['ada']);
  });
});

describe('a title that is forged with an id from the future', () => {
  it('gives way to the next one, on all pages, and nobody writes it again', async () => {
    const [ada, bob] = ['ada', 'bob'].map((userId) => world.client({ userId }).session());
    if (ada === undefined || bob === undefined) throw new Error('unable to open the pages');
    await world.result(Promise.all([ada.rooms.open(), bob.rooms.open()]));
    await world.result(ada.rooms.create('team', { title: 'Team' }));
    const value = JSON.stringify({ v: 1, id: idAhead(DAY), title: 'forged' });
    const fields = new Map([['team', value]]);
    await call(dictionarySetFields, { cache: 'chat', dictionary: 'rooms:titles', fields, ttlSeconds: 3600 });
    const eve = world.client({ userId: 'eve' }).session();
    await world.result(eve.rooms.open());
    expect(eve.rooms.list[0]?.title).toBe('forged');
    await world.result(bob.rooms.create('team', { title: 'Our team' }));
    await world.run(1000);
    await world.result(ada.rooms.create('team', { title: 'Team of all' }));
    await world.run(5000);
    const carl = world.client({ userId: 'carl' }).session();
    await world.result(carl.rooms.open());
    for (const { rooms } of [ada, bob, carl, eve]) expect(rooms.list[0]?.title).toBe('Team of all');
    const { DictionarySet } = world.calls;
    await world.run(10 * MINUTE);
    expect(world.calls.DictionarySet).toBe(DictionarySet);
    for (const { rooms } of [ada, bob, carl, eve]) await rooms.close();
  });
});
