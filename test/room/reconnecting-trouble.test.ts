import { afterEach, beforeEach, expect, it } from 'vitest';
import type { TokenSource } from '../../src/session/token-source.js';
import { ChatError, unable } from '../../src/shared/errors.js';
import type { Transport } from '../../src/transport/transport.js';
import { type InProcessClient, type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
let client: InProcessClient;
let told: string[];
beforeEach(() => {
  world = inProcessWorld();
  client = world.client();
  told = [];
});
afterEach(() => world.end());

const settings = { room: 'r', user: { id: 'ada', name: 'Ada' } };

/** A joined room; what it emits as `error` from then on is in `told`. */
async function joined(options: { token?: TokenSource } = {}) {
  const room = client.room({ ...settings, ...options });
  await world.join(room);
  await world.run(10_000);
  room.on('error', ({ code, message }) => told.push(`${code}: ${message}`));
  return room;
}

it('a room that cannot reconnect says why once, and once more in the next outage', async () => {
  const room = await joined();
  const outage = async () => {
    told.length = 0;
    client.link.refusing = true;
    client.link.cut('told');
    await world.run(300_000);
    expect(room.status).toBe('reconnecting');
    client.link.refusing = false;
    await world.run(60_000);
    expect(room.status).toBe('joined');
    expect(new Set(told).size).toBe(told.length);
    return [...told];
  };
  const first = await outage();
  expect(first).toContain('network: unable to subscribe to the room; Momento cannot be reached');
  expect(await outage()).toEqual(first);
});

it('a reading of the list that fails in a joined room is told once, and again when it fails anew', async () => {
  const room = await joined();
  const fail = async () => {
    client.link.fates = (rpc) => (rpc === 'ListFetch' ? { outcome: 'refused' } : undefined);
    client.hints.give('online');
    await world.run(120_000);
    expect(room.status).toBe('joined');
    client.link.fates = undefined;
    await world.run(30_000);
  };
  const busy = 'server: unable to read the history; the service is busy';
  await fail();
  expect(told).toEqual([busy]);
  await fail();
  expect(told).toEqual([busy, busy]);
});

it('a stream of events that cannot be had is told once, though the room goes on', async () => {
  const room = await joined();
  client.link.fates = (rpc) => (rpc === 'Subscribe' ? { outcome: 'refused' } : undefined);
  world.engine.faults.endStreams({ topic: 'r:events', code: 'UNAVAILABLE' });
  await world.result(room.send('a message'));
  await world.run(300_000);
  expect(room.status).toBe('joined');
  expect(told.length).toBeGreaterThan(0);
  expect(new Set(told).size).toBe(told.length);
});

it('a stream of events that ends again is told of again', async () => {
  const room = await joined();
  const end = async () => {
    told.length = 0;
    world.engine.faults.endStreams({ topic: 'r:events', code: 'UNAVAILABLE' });
    await world.result(room.signal('wave', {}));
    await world.run(20_000);
    return [...told];
  };
  const first = await end();
  expect(first).toHaveLength(1);
  expect(await end()).toEqual(first);
});

it('G4: a renewal that fails is told once a minute, whatever number of streams the room has', async () => {
  let healthy = true;
  const room = await joined({
    token: async (request) => {
      if (!healthy) throw new ChatError('token-unavailable', 'unable to get a token; the office is closed');
      return { ...(await client.tokens.source(request)), expiresIn: 600 };
    },
  });
  healthy = false;
  for (let waited = 0; told.length === 0 && waited < 600_000; waited += 1000) await world.run(1000);
  await world.run(30_000);
  expect(room.status).toBe('joined');
  expect(told).toEqual(['token-unavailable: unable to get a token; the office is closed']);
});

it('a thread that cannot be read says why once while it tries', async () => {
  const room = await joined();
  const root = await world.result(room.send('a message'));
  await world.run(10_000);
  const thread = room.thread(root.id);
  thread.on('error', ({ code, message }) => told.push(`thread: ${code}: ${message}`));
  client.link.fates = (rpc) => (rpc === 'ListFetch' ? { outcome: 'refused' } : undefined);
  await expect(world.result(thread.open())).rejects.toMatchObject({ code: 'server' });
  const busy = 'thread: server: unable to read the history; the service is busy';
  expect(told).toEqual([busy]);
  client.link.fates = undefined;
  await world.result(thread.open());
  told.length = 0;
  client.link.fates = (rpc) => (rpc === 'ListFetch' ? { outcome: 'refused' } : undefined);
  // Each has the thread read again, and each reading gives up in the end.
  for (let times = 0; times < 3; times += 1) {
    world.engine.faults.endStreams({ topic: 'r:events', code: 'UNAVAILABLE' });
    await world.run(60_000);
  }
  expect(told.filter((line) => line.startsWith('thread'))).toEqual([busy]);
});

it('G3: a thread that is first used when the stream is back and the list is not read yet sends its reply', async () => {
  const room = await joined();
  const { id: root } = await world.result(room.send('root'));
  client.link.fates = (rpc) => (rpc === 'ListFetch' ? { outcome: 'refused' } : undefined);
  client.link.cut('told');
  await world.run(2000);
  expect([room.status, world.subscriptions]).toEqual(['reconnecting', 2]);
  let sent: string | undefined;
  const sending = room.thread(root).send('a reply');
  sending.then(
    ({ status }) => {
      sent = status;
    },
    (error) => {
      sent = String(error);
    },
  );
  await world.run(100);
  client.link.fates = undefined;
  await world.run(20_000);
  expect([room.status, sent]).toEqual(['joined', 'sent']);
});

const refusal = unable('permission-denied', 'subscribe', 'not allowed');

/** The device whose subscriptions to such a topic are refused for good, so many milliseconds later, when `delayOf` says any. */
const refusing = (delayOf: (topic: string) => number | undefined) =>
  world.client({
    wrap: (transport: Transport): Transport => ({
      ...transport,
      call: (...how) => transport.call(...how),
      subscribe: (address, ...how) => {
        const ms = delayOf(address.topic);
        return ms === undefined
          ? transport.subscribe(address, ...how)
          : new Promise((_, reject) => world.time.after(ms, () => reject(refusal)));
      },
    }),
  });

it('a room whose events are refused for good says so, also when that comes with an outage', async () => {
  let isRefused = false;
  client = refusing((topic) => (isRefused && topic.endsWith(':events') ? 100 : undefined));
  const room = await joined();
  isRefused = true;
  // While the list is read, the room is not back yet.
  client.link.fates = (rpc) => (rpc === 'ListFetch' ? { backMs: 2000 } : undefined);
  client.link.cut('told');
  await world.run(60_000);
  expect(room.status).toBe('joined');
  expect(told).toContain('permission-denied: unable to subscribe; not allowed');
});

it('so it does when the first answer comes in an outage', async () => {
  client = refusing((topic) => (topic.endsWith(':events') ? 4000 : undefined));
  const room = client.room(settings);
  room.on('error', ({ code }) => told.push(code));
  await world.join(room);
  client.link.refusing = true;
  client.link.cut('told');
  await world.run(10_000);
  client.link.refusing = false;
  await world.run(60_000);
  expect(room.status).toBe('joined');
  expect(told).toContain('permission-denied');
});

it.each([50, 100, 150])(
  'a room that fails with its events, %s ms after its loss, says so once',
  async (ms) => {
    let isRefused = false;
    const delay = (topic: string) => (topic.endsWith(':events') ? 100 : ms);
    client = refusing((topic) => (isRefused ? delay(topic) : undefined));
    const room = await joined();
    isRefused = true;
    client.link.cut('told');
    await world.run(60_000);
    expect(room.status).toBe('failed');
    expect(told.filter((line) => line.startsWith('permission-denied'))).toHaveLength(1);
  },
);
