import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { ChatError } from '../../src/shared/errors.js';
import { type InProcessClient, type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
let client: InProcessClient;
beforeEach(() => {
  world = inProcessWorld();
  client = world.client();
});
afterEach(() => world.end());

const NO_TOKEN = 'unable to get a token; the office is closed';
const noToken = async () => {
  throw new ChatError('token-unavailable', NO_TOKEN);
};
const settings = { room: 'r', user: { id: 'ada', name: 'Ada' } };

/** Each way to be kept out, and what is told of it. */
const TROUBLES: [string, () => ChatRoom, string, string][] = [
  ['a token', () => client.room({ ...settings, token: noToken }), 'token-unavailable', NO_TOKEN],
  [
    "a token of the session's",
    () => client.room({ ...settings, session: client.session(noToken) }),
    'token-unavailable',
    NO_TOKEN,
  ],
  [
    'a stream',
    () => {
      client.link.refusing = true;
      return client.room(settings);
    },
    'network',
    'unable to subscribe to the room; Momento cannot be reached',
  ],
  [
    'the list',
    () => {
      client.link.fates = (rpc) => (rpc === 'ListFetch' ? { outcome: 'refused' } : undefined);
      return client.room(settings);
    },
    'server',
    'unable to read the history; the service is busy',
  ],
];

it.each(TROUBLES)('a join that does not get %s says why within a second, and once', async (...trouble) => {
  const [, make, code, message] = trouble;
  const room = make();
  const told: string[] = [];
  room.on('error', (error) => told.push(`${room.status}: ${error.code}: ${error.message}`));
  const joining = room.join();
  joining.catch(() => {});
  await world.run(1000);
  expect(told).toEqual([`joining: ${code}: ${message}`]);
  await expect(world.result(joining)).rejects.toMatchObject({ code, message });
  expect(told).toEqual([`joining: ${code}: ${message}`, `failed: ${code}: ${message}`]);
});

it('a room that waits for a token says so, and the rooms of the session that have theirs say nothing', async () => {
  let source = client.tokens.source;
  const session = client.session((request) => source(request), { roomsPerToken: 1 });
  const first = client.room({ ...settings, session });
  await world.join(first);
  source = noToken;
  const second = client.room({ ...settings, room: 'second', session });
  const told: string[] = [];
  for (const room of [first, second])
    room.on('error', ({ message }) => told.push(`${room.name}: ${message}`));
  const joining = second.join();
  joining.catch(() => {});
  await world.run(5000);
  expect(told).toEqual([`second: ${NO_TOKEN}`]);
  source = client.tokens.source;
  await world.result(joining);
  expect(second.status).toBe('joined');
});

it('a directory that cannot be opened says why while it tries', async () => {
  const session = client.session(noToken);
  const told: string[] = [];
  session.on('error', ({ message }) => told.push(message));
  const opening = session.rooms.open();
  opening.catch(() => {});
  await world.run(5000);
  expect(told).toEqual([NO_TOKEN]);
  await expect(world.result(opening)).rejects.toMatchObject({ message: NO_TOKEN });
});

it('a join whose stream was replaced during a slow reading does not wait for ever for the next reading', async () => {
  const room = client.room({ ...settings, events: false });
  const readings: unknown[] = [];
  client.link.fates = (rpc) => {
    if (rpc !== 'ListFetch') return undefined;
    return readings.push(rpc) === 1 ? { backMs: 3000 } : { outcome: 'refused' };
  };
  const joining = room.join();
  joining.catch(() => {});
  await world.run(1000);
  client.link.cut('told');
  await world.run(60_000);
  await expect(world.result(joining)).rejects.toMatchObject({ code: 'server' });
  expect(room.status).toBe('failed');
});

it('a stream that breaks again and again, faster than the list is read, keeps no join waiting for ever', async () => {
  const room = client.room(settings);
  client.link.fates = (rpc) => (rpc === 'ListFetch' ? { backMs: 3000 } : undefined);
  const joining = room.join();
  for (let breaks = 0; breaks < 30; breaks += 1) {
    await world.run(2000);
    client.link.cut('told');
  }
  expect(room.status).toBe('reconnecting');
  await joining;
  await world.run(30_000);
  expect(room.status).toBe('joined');
});
