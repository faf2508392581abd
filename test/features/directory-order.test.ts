import { expect, it } from 'vitest';
// Loaded ahead: virtual time stands still meanwhile.
import '../../src/features/revision-writer.js';
import { listPushFront } from '../../src/transport/operations/lists.js';
import { sortedSetPut } from '../../src/transport/operations/sorted-sets.js';
import { publish } from '../../src/transport/operations/topics.js';
import { end, entry, event, names, page, time } from '../support/directory-page.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import { FAIR } from '../support/weather.js';

const ttlSeconds = 3600;
/** As many as a list reads. */
const READ = 50;

let lastId = 0;
/** A message that is stored in a room, and when it was written. */
async function write(world: InProcessWorld, room: string, text: string, at: number): Promise<void> {
  lastId += 1;
  const id = `019b76da-a800-7000-8000-${lastId.toString(16).padStart(12, '0')}`;
  const value = JSON.stringify({ v: 1, id, username: 'Bob', message: text });
  await world.transport().call(listPushFront, { cache: 'chat', list: room, value, ttlSeconds });
  await put(world, room, at);
}

async function put(world: InProcessWorld, room: string, at: number): Promise<void> {
  const elements = new Map([[room, at]]);
  await world.transport().call(sortedSetPut, { cache: 'chat', set: 'rooms:directory', elements, ttlSeconds });
}

async function tell(world: InProcessWorld, name: string, at: number): Promise<void> {
  const value = event({ name, at });
  await world.transport().call(publish, { cache: 'chat', topic: 'rooms:events', value });
}

/** Rooms with a message each, the first one with the latest. */
async function fill(world: InProcessWorld, count: number): Promise<string[]> {
  const rooms = Array.from({ length: count }, (_, index) => `room-${index}`);
  for (const [index, room] of rooms.entries()) await write(world, room, 'first', time - index);
  return rooms;
}

it('rooms that are told of while the first ones are read push out the last of the list, not its top', async () => {
  const world = inProcessWorld();
  await fill(world, 60);
  const ada = page(world, 'ada');
  ada.client.link.weather = { ...FAIR, latencyMs: 150 };
  await world.result(ada.session.rooms.open());
  await world.run(1500);
  for (let index = 0; index < 25; index += 1) {
    await write(world, `new-${index}`, 'first', time + 1 + index);
    await tell(world, `new-${index}`, time + 1 + index);
  }
  await world.run(30_000);
  const top = ada.session.rooms.list.slice(0, READ);
  expect(top[0]?.name).toBe('new-24');
  expect(top.filter(({ lastMessage }) => lastMessage === undefined)).toEqual([]);
  await end(world, ada.session);
});

it('where places are short the top of the list is read first', async () => {
  const world = inProcessWorld();
  const ada = page(world, 'ada');
  await world.result(ada.session.rooms.open());
  // Rooms that are none take the places.
  for (let index = 0; index < 150; index += 1) {
    await put(world, `told-${index}`, time - 10_000 + index);
    await tell(world, `told-${index}`, time - 10_000 + index);
    await world.run(100);
  }
  await fill(world, READ);
  ada.client.hints.give('visible');
  for (let round = 0; round < 5; round += 1) {
    await world.run(3000);
    const shown = ada.session.rooms.list.map(({ lastMessage }) => lastMessage !== undefined);
    expect(shown.indexOf(false), 'those that are read are the first').toBe(shown.lastIndexOf(true) + 1);
  }
  expect(entry(ada.session, 'room-0')?.lastMessage?.text).toBe('first');
  await end(world, ada.session);
});

it('an inbox of many rooms, another one of which is written to every second or so, shows what is in them', async () => {
  const world = inProcessWorld();
  const rooms = await fill(world, 400);
  const ada = page(world, 'ada');
  await world.result(ada.session.rooms.open());
  await world.run(20_000);
  for (let index = 0; index < 600; index += 1) {
    // Each of them comes once and again.
    const room = rooms[(index * 7) % rooms.length] ?? '';
    await write(world, room, `text ${index}`, time + 1 + index);
    await tell(world, room, time + 1 + index);
    await world.run(1500);
    if (index % 100 !== 99) continue;
    await world.run(3000);
    const top = ada.session.rooms.list.slice(0, READ).map(({ lastMessage }) => lastMessage?.text);
    expect(top).toEqual(Array.from({ length: READ }, (_, back) => `text ${index - back}`));
  }
  await end(world, ada.session);
});

it('where all rooms are lively on a slow network, none waits for ever: neither a new one nor one written to once', async () => {
  const world = inProcessWorld();
  const rooms = await fill(world, READ);
  const ada = page(world, 'ada');
  ada.client.link.weather = { ...FAIR, latencyMs: 150 };
  await world.result(ada.session.rooms.open());
  await world.run(30_000);
  const [quiet = '', ...lively] = rooms;
  for (let round = 0; round < 30; round += 1) {
    // Something in each was changed.
    for (const room of lively) await tell(world, room, 0);
    await world.run(1000);
    if (round !== 5) continue;
    await write(world, quiet, 'second', time);
    await write(world, 'new', 'first', time + 1);
    await tell(world, quiet, 0);
    await tell(world, 'new', time + 1);
  }
  expect(entry(ada.session, 'new')?.lastMessage?.text).toBe('first');
  expect(entry(ada.session, quiet)?.lastMessage?.text).toBe('second');
  await end(world, ada.session);
});

it('rooms that wait for a place wake nobody until there is one', async () => {
  const world = inProcessWorld();
  const ada = page(world, 'ada');
  await world.result(ada.session.rooms.open());
  for (let index = 0; index < 150; index += 1) {
    await put(world, `told-${index}`, time + index);
    await tell(world, `told-${index}`, time + index);
    await world.run(100);
  }
  await world.run(5000);
  const { clock } = ada.client;
  let timers = 0;
  const after = clock.after.bind(clock);
  clock.after = (ms, task) => {
    timers += 1;
    return after(ms, task);
  };
  await world.run(60_000);
  expect(names(ada.session)).toHaveLength(150);
  expect(timers).toBeLessThanOrEqual(12 * 20);
  await end(world, ada.session);
});

it.each([
  ['moves its room up', true],
  ['has a room listed that is new', false],
])('a message that is edited while it is being sent %s', async (_, isListed) => {
  const world = inProcessWorld();
  const [ada, bob] = [page(world, 'ada', { directory: 'rooms' }), page(world, 'bob')];
  await world.result(bob.session.rooms.open());
  for (const name of isListed ? ['lobby', 'other'] : ['other']) {
    await world.result(bob.session.rooms.create(name));
    await world.run(5000);
  }
  const room = ada.room('lobby');
  await world.join(room);
  ada.client.link.fates = (rpc) => (rpc === 'ListPushFront' ? { thereMs: 1500 } : undefined);
  const sending = room.send('helo');
  await world.run(300);
  const editing = room.edit(room.messages.at(-1)?.id ?? '', 'hello');
  await world.result(Promise.all([sending, editing]));
  await world.run(10_000);
  expect(names(bob.session)).toEqual(['lobby', 'other']);
  expect(entry(bob.session, 'lobby')?.lastMessage?.text).toBe('hello');
  await end(world, ada.session, bob.session);
});
