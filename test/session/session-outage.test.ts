import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/web-room.js';
import { ModelWorld } from '../support/model-room.js';
import { FAIR } from '../support/weather.js';

let world: ModelWorld;
beforeEach(() => {
  world = new ModelWorld();
});
afterEach(() => world.momento.close());

const NO_SERVICE = { ...FAIR, loseRequest: 1 };
const joined = (rooms: readonly ChatRoom[]) => rooms.filter(({ status }) => status === 'joined').length;

/** Rooms of one session, and one room on clients of its own that writes to the first of them. */
async function sessionOf(count: number) {
  const { source, requests } = world.source(20);
  const session = world.session(source);
  const rooms = Array.from({ length: count }, (_, index) =>
    world.room('Ada', { session, room: `r${index}` }),
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
      const failed = rooms.filter(({ status }) => status !== 'joined');
      expect(failed).toEqual([]);
      const asked = requests.length;
      world.momento.weather = NO_SERVICE;
      world.momento.cut(() => true, 'told');
      await world.time.advance(seconds * 1000);
      world.momento.weather = FAIR;
      for (let waited = 0; joined(rooms) < count && waited < 30; waited += 1) await world.time.advance(1000);
      expect(joined(rooms)).toBe(count);
      if (seconds < 2000) expect(requests.length, 'tokens asked for meanwhile').toBe(asked);
      await world.send(rooms[0] as ChatRoom, 'after');
      expect(rooms[0]?.messages.at(-1)).toMatchObject({ text: 'after', status: 'sent' });
      for (const room of rooms) void room.leave();
      await world.time.advance(30_000);
      expect(world.momento.subscriptions, 'G5: subscriptions after leave()').toBe(0);
    },
  );

  it('G2: outlives a hundred drops in a row', async () => {
    const { rooms } = await sessionOf(10);
    for (let drop = 0; drop < 100; drop += 1) {
      world.momento.cut(() => true, 'told');
      await world.time.advance(3000);
    }
    await world.time.advance(5000);
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
    expect(world.momento.subscriptions).toBe(2);
    expect(requests.length).toBeLessThan(10);
  });

  it('G4: knows a token that is rejected on clients which were replaced', async () => {
    const { rooms, requests } = await sessionOf(2);
    for (let visit = 0; visit < 90; visit += 1) {
      void rooms[1]?.leave();
      await world.joined(rooms[1] as ChatRoom);
    }
    const before = requests.length;
    world.momento.revoke(`t${before}`);
    await world.time.advance(10_000);
    expect(joined(rooms)).toBe(2);
    expect(requests.length).toBe(before + 1);
  });
});

it.each([1, 30, 100])(
  'G2: twenty rooms on one pair of clients are back together after %i s',
  async (seconds) => {
    const clients = world.momento.client();
    // As those of the Node SDK, which takes subscriptions back.
    Object.defineProperty(clients, 'subscribed', { get: () => 0, set: () => {} });
    const { topics, cache } = clients;
    const rooms = Array.from({ length: 20 }, (_, index) =>
      // Each may hold them in an object of its own.
      world.room('Ada', { clients: { topics, cache }, room: `r${index}` }),
    );
    await world.joined(...rooms);
    world.momento.weather = NO_SERVICE;
    world.momento.cut(() => true, 'told');
    await world.time.advance(seconds * 1000);
    world.momento.weather = FAIR;
    for (let waited = 0; joined(rooms) === 0 && waited < 60; waited += 0.1) await world.time.advance(100);
    // A call that was lost may take five seconds to be known as such.
    await world.time.advance(6000);
    expect(joined(rooms)).toBe(20);
    for (const room of rooms) void room.leave();
  },
);

it('a room on used-up clients of the app says so', async () => {
  const clients = world.momento.client();
  clients.subscribed = 100;
  const room = world.room('Ada', { clients });
  expect(await world.settled(room.join())).toMatchObject({
    reason: { code: 'rate-limited', message: expect.stringContaining('`clients` has no subscription left') },
  });
});
