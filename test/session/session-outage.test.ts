import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { type InProcessClient, type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
let client: InProcessClient;
beforeEach(() => {
  world = inProcessWorld();
  client = world.client({ via: 'sdk' });
});
afterEach(() => world.end());

const joined = (rooms: readonly ChatRoom[]) => rooms.filter(({ status }) => status === 'joined').length;
const settings = { user: { name: 'Ada' }, events: false };

/** Nobody reaches the service for so long, and every stream ends at once. */
async function outage(seconds: number): Promise<void> {
  client.link.fates = () => ({ outcome: 'request-lost', learnsAfterMs: world.time.random() * 5000 });
  client.link.cut('told');
  await world.run(seconds * 1000);
  client.link.fates = undefined;
}

/** Rooms of one session. */
async function sessionOf(count: number) {
  const { source, requests } = client.slowTokens(20);
  const session = client.session(source);
  const rooms = Array.from({ length: count }, (_, index) =>
    client.room({ ...settings, session, room: `r${index}` }),
  );
  await world.joined(...rooms);
  return { rooms, requests };
}

describe('a session whose SDK clients take back no subscription', { timeout: 60_000 }, () => {
  it.each([
    [10, 1],
    [20, 30],
    [50, 1],
    [50, 600],
    [5, 7200],
  ])(
    'G2: has %i rooms back within seconds of an outage of %i s, and everything that was said',
    async (count, seconds) => {
      const { rooms, requests } = await sessionOf(count);
      const asked = requests.length;
      await outage(seconds);
      for (let waited = 0; joined(rooms) < count && waited < 30; waited += 1) await world.run(1000);
      expect(joined(rooms)).toBe(count);
      if (seconds < 2000) expect(requests.length, 'tokens asked for meanwhile').toBe(asked);
      await world.say(rooms[0] as ChatRoom, 'after');
      expect(rooms[0]?.messages.at(-1)).toMatchObject({ text: 'after', status: 'sent' });
    },
  );

  it('G2: outlives a hundred drops in a row', async () => {
    const { rooms } = await sessionOf(10);
    for (let drop = 0; drop < 100; drop += 1) {
      client.link.cut('told');
      await world.run(3000);
    }
    await world.run(5000);
    expect(joined(rooms)).toBe(10);
  });

  it('warns of nothing, however many rooms wait for one token', async () => {
    const warnings: string[] = [];
    const listen = ({ name }: Error) => warnings.push(name);
    process.on('warning', listen);
    await sessionOf(30);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });

  it('G5: lets a room join and leave a hundred times while another keeps the session alive', async () => {
    const { rooms, requests } = await sessionOf(2);
    for (let visit = 0; visit < 100; visit += 1) {
      void rooms[1]?.leave();
      await world.joined(rooms[1] as ChatRoom);
    }
    expect(joined(rooms)).toBe(2);
    expect(world.subscriptions).toBe(2);
    expect(requests.length).toBeLessThan(10);
  });

  it('G4: knows a token that is rejected on clients which were replaced', async () => {
    const { rooms, requests } = await sessionOf(2);
    for (let visit = 0; visit < 90; visit += 1) {
      void rooms[1]?.leave();
      await world.joined(rooms[1] as ChatRoom);
    }
    const before = requests.length;
    world.engine.faults.expireToken(client.tokens.minted.at(-1)?.token ?? '');
    await world.run(10_000);
    expect(joined(rooms)).toBe(2);
    expect(requests.length).toBe(before + 1);
  });

  it('G4: asks for no other token when a late answer rejects the one that was replaced meanwhile', async () => {
    const { rooms, requests } = await sessionOf(2);
    const before = requests.length;
    client.link.fates = (rpc) => (rpc === 'Publish' ? { backMs: 2000 } : undefined);
    world.engine.faults.expireToken(client.tokens.minted.at(-1)?.token ?? '');
    const sending = rooms[0]?.send('late') ?? Promise.reject();
    await world.run(1000);
    expect(requests.length).toBe(before + 1);
    expect(joined(rooms)).toBe(2);
    await world.result(sending);
    expect(requests.length).toBe(before + 1);
    expect(joined(rooms)).toBe(2);
  });
});

/** Twenty rooms on one pair of clients of the app; each may hold them in an object of its own. */
async function roomsOnClients() {
  const { topics, cache } = client.sdk({ takesBack: true });
  const rooms = Array.from({ length: 20 }, (_, index) =>
    client.room({ ...settings, clients: { topics, cache }, room: `r${index}` }),
  );
  await world.joined(...rooms);
  return rooms;
}

it.each<[what: string, seconds: number, open: () => Promise<readonly ChatRoom[]>]>(
  [1, 30, 100].flatMap((seconds) => [
    ['twenty rooms on one pair of clients', seconds, roomsOnClients],
    ['five rooms on one token', seconds, async () => (await sessionOf(5)).rooms],
  ]),
)('G2: %s are back together after %i s', async (_, seconds, open) => {
  const rooms = await open();
  await outage(seconds);
  for (let waited = 0; joined(rooms) === 0 && waited < 60; waited += 0.1) await world.run(100);
  // A call that was lost may take five seconds to be known as such.
  await world.run(6000);
  expect(joined(rooms)).toBe(rooms.length);
});

it('a room on used-up clients of the app says so', async () => {
  const clients = client.sdk();
  clients.subscribed = 100;
  const room = client.room({ ...settings, clients, room: 'lobby' });
  expect(await world.settled(room.join())).toMatchObject({
    reason: { code: 'rate-limited', message: expect.stringContaining('`clients` has no subscription left') },
  });
});
