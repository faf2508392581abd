import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { textsOf } from '../support/chat.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

/** Ada knows the newest 50 of 80 messages, and older ones are stored. Carol has said one of them. */
async function joinLobby(options: { events?: boolean } = {}) {
  const open = (name: string) => world.member(name, { history: { maxStored: 100 }, ...options });
  const [ada, bob, carol] = [open('Ada'), open('Bob'), open('Carol')];
  await world.joined(bob, carol);
  for (let said = 0; said < 79; said += 1) await world.result(bob.send(`old ${said}`));
  await world.result(carol.send('from Carol'));
  await world.joined(ada);
  return { ada, bob, carol, link: world.clientOf(ada).link };
}

/** So much is said that the list holds nothing of what was there before. */
async function turnOver(bob: ChatRoom): Promise<void> {
  for (let said = 0; said < 150; said += 1) await world.result(bob.send(`new ${said}`));
}

/** The list turns over while Ada is away, and her first reading of it gets no answer. */
async function readInVain() {
  const { ada, bob, link } = await joinLobby();
  link.connected = false;
  link.cut('told');
  await turnOver(bob);
  let readings = 0;
  link.fates = (rpc) => (rpc === 'ListFetch' && ++readings === 1 ? { outcome: 'request-lost' } : undefined);
  link.connected = true;
  while (readings === 0) await world.run(100);
  return { ada, bob };
}

function expectAllStored(room: ChatRoom): void {
  const stored = world.list('lobby').map((entry) => JSON.parse(entry).message);
  expect(stored.length).toBeGreaterThan(90);
  expect(textsOf(room)).toEqual(expect.arrayContaining(stored));
}

describe('G2: where the list turned over while a room was away, all that is stored shows without paging', () => {
  it('when a send that waited for the connection is stored before the list is read', async () => {
    const { ada, bob, link } = await joinLobby();
    link.connected = false;
    link.cut('told');
    await world.run(1000);
    const sending = ada.send('from Ada');
    await turnOver(bob);
    link.fates = (rpc) => (rpc === 'ListFetch' ? { thereMs: 100 } : undefined);
    link.connected = true;
    await world.result(sending);
    await world.run(60_000);
    expectAllStored(ada);
  });

  it('when the first reading gets no answer, and somebody speaks before the next', async () => {
    const { ada, bob } = await readInVain();
    await world.run(500);
    await world.say(bob, 'live');
    await world.run(60_000);
    expectAllStored(ada);
  });

  it('when the user pages back before it is read', async () => {
    const { ada, bob } = await readInVain();
    await world.say(bob, 'live');
    const told: string[] = [];
    ada.on('message', ({ text }) => told.push(text));
    await world.result(ada.loadOlder(10));
    await world.run(60_000);
    expectAllStored(ada);
    expect(told).toHaveLength(99);
  });

  it('when the room was left, and somebody speaks while it is joined again', async () => {
    const { ada, bob, link } = await joinLobby({ events: true });
    await world.result(ada.leave());
    await turnOver(bob);
    let streams = 0;
    // One of the two streams comes a second after the other.
    link.fates = (rpc) => (rpc === 'Subscribe' && ++streams === 1 ? { thereMs: 1000 } : undefined);
    const joining = ada.join();
    await world.run(500);
    await world.say(bob, 'live');
    await world.result(joining);
    await world.run(60_000);
    expectAllStored(ada);
  });

  it('when one of those that were known is stored once more', async () => {
    const { ada, bob, link } = await joinLobby();
    const known = world.list('lobby')[0] ?? '';
    link.connected = false;
    link.cut('told');
    await turnOver(bob);
    world.setList('lobby', [known, ...world.list('lobby').slice(0, 99)]);
    link.connected = true;
    await world.run(60_000);
    expectAllStored(ada);
  });
});

it('G2: so it shows where messages that came live fill the memory, and more do before the list is read', async () => {
  const open = (name: string) => world.member(name, { history: { maxStored: 1000, maxInMemory: 200 } });
  const [ada, bob] = [open('Ada'), open('Bob')];
  const sayAll = async (count: number, what: string) => {
    for (let said = 0; said < count; said += 1) await world.result(bob.send(`${what} ${said}`));
  };
  await world.joined(bob);
  await sayAll(60, 'old');
  await world.joined(ada);
  for (let said = 0; said < 230; said += 1) await world.say(bob, `while here ${said}`);
  const { link } = world.clientOf(ada);
  link.connected = false;
  link.cut('told');
  await sayAll(1050, 'new');
  let readings = 0;
  link.fates = (rpc) => (rpc === 'ListFetch' && ++readings === 1 ? { outcome: 'request-lost' } : undefined);
  link.connected = true;
  while (readings === 0) await world.run(100);
  await sayAll(6, 'live');
  await world.run(60_000);
  const stored = world.list('lobby').map((entry) => JSON.parse(entry).message);
  expect(textsOf(ada)).toEqual(expect.arrayContaining(stored.slice(0, 150)));
}, 60_000);
