import {
  ChatRoom,
  type ChatRoomOptions,
  ChatSession,
  type ChatUser,
  type TokenRequest,
  type VendedToken,
} from 'momento-chat';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { createTokenVendor, type VendorEvent } from 'momento-chat/server';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { serve } from '../server/support.js';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { nodeClients, textsOf } from '../support/chat.js';

const WAIT = { timeout: 15_000, interval: 20 };
const ROOMS = Array.from({ length: 50 }, (_, index) => `room-${index}`);

let momento: LocalMomento;
let uninstall: () => void;

beforeAll(() => {
  uninstall = installBrowserGlobals();
});
afterAll(() => uninstall());
beforeEach(async () => {
  momento = await startLocalMomento({ caches: ['chat'], limits: { subscriptions: 300 } });
});
afterEach(() => momento.close());

/** A real vendor behind HTTP, with users and an allow-list of rooms. */
async function startVendor() {
  const events: VendorEvent[] = [];
  const vendor = createTokenVendor({
    auth: { apiKey: momento.apiKey, endpoint: momento.url },
    rooms: ROOMS,
    authenticate: (request) => ({ userId: request.headers.get('x-user') ?? 'nobody' }),
    authorize: (_, rooms) => ({ rooms, role: 'member' }),
    mintLimit: { perSecond: 100, timeoutSeconds: 30 },
    onEvent: (event) => {
      events.push(event);
    },
  });
  const { url, close } = await serve(vendor);
  onTestFinished(close);
  return {
    minted: () => events.filter(({ type }) => type === 'minted').length,
    async token(rooms: readonly string[], reason: TokenRequest['reason']): Promise<VendedToken> {
      const query = new URLSearchParams(rooms.map((room) => ['room', room]));
      if (reason === 'rejected') query.set('reason', 'rejected');
      const response = await fetch(`${url}/token?${query}`, { headers: { 'x-user': 'ada' } });
      if (!response.ok) throw new Error(`the vendor answered ${response.status}`);
      return (await response.json()) as VendedToken;
    },
  };
}

/** One user in all of the rooms, with what was told. */
function enter(user: ChatUser, access: Pick<ChatRoomOptions, 'session' | 'clients'>) {
  const rooms = ROOMS.map((room) => new ChatRoom({ room, user, ...access }));
  const told: string[] = [];
  for (const room of rooms) room.on('message', ({ id }) => told.push(`${room.room} ${id}`));
  return { rooms, told };
}

const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

it('G1, G3, G4, G5: fifty rooms in one session join on ten tokens, chat, rotate, outlive a revocation, and leave nothing', {
  timeout: 90_000,
}, async () => {
  const warnings: string[] = [];
  const onWarning = ({ message }: Error) => warnings.push(message);
  process.on('warning', onWarning);
  onTestFinished(() => {
    process.off('warning', onWarning);
  });
  const vendor = await startVendor();
  const requests: { rooms: readonly string[]; reason: string; token: string }[] = [];
  const session = new ChatSession({
    token: async ({ rooms, reason }: TokenRequest) => {
      const vended = await vendor.token(rooms, reason);
      requests.push({ rooms, reason, token: vended.token });
      return vended;
    },
  });
  const before = timers();
  // Bob has no part in tokens.
  const ada = enter({ name: 'Ada' }, { session });
  const bob = enter({ id: 'bob', name: 'Bob' }, { clients: nodeClients(momento) });
  const last = ada.rooms.at(-1);
  const others = ada.rooms.filter((room) => room !== last);
  // Ten in one turn: jsdom has fifty streams' worth of work on this one thread.
  for (let first = 0; first < others.length; first += 10) {
    const some = [...others.slice(first, first + 10), ...bob.rooms.slice(first, first + 10)];
    await Promise.all(some.map((room) => room.join()));
  }
  expect(vendor.minted()).toBe(10);
  // Which of them is answered first is chance.
  expect(
    requests
      .map(({ rooms }) => rooms.length)
      .sort()
      .reverse(),
  ).toEqual([...Array<number>(9).fill(5), 4]);

  const spoken = new Map(ROOMS.map((room) => [room, 0]));
  /** Ada and Bob speak in each of these rooms, at once. */
  const speak = (names: readonly string[]) =>
    Promise.all(
      [ada, bob].map(({ rooms }) =>
        Promise.all(
          rooms
            .filter(({ room }) => names.includes(room))
            .map(async ({ room }, index) => {
              await rooms.find((other) => other.room === room)?.send(`${index}`);
              spoken.set(room, (spoken.get(room) ?? 0) + 1);
            }),
        ),
      ),
    );
  // The fiftieth room joins: its token is rotated by force, and four streams with it, while they speak.
  const rotated = requests[9]?.rooms ?? [];
  await Promise.all([last?.join(), speak(rotated)]);
  // Another token is revoked while they speak.
  const revoked = requests[3];
  const speaking = speak(revoked?.rooms ?? []);
  momento.faults.expireToken(revoked?.token ?? '');
  await speaking;
  await speak(ROOMS);
  await vi.waitFor(() => {
    for (const room of [...ada.rooms, ...bob.rooms]) {
      expect(textsOf(room)).toHaveLength(spoken.get(room.room) ?? 0);
      expect(room.status).toBe('joined');
    }
  }, WAIT);
  for (const [index, room] of ada.rooms.entries()) {
    const other = bob.rooms[index];
    expect(room.messages.map(({ id }) => id)).toEqual(other?.messages.map(({ id }) => id));
    // The identity is the same on every token.
    const own = (who: ChatRoom | undefined) => who?.messages.filter((message) => message.own).length;
    expect([own(room), own(other)]).toEqual(Array(2).fill((spoken.get(room.room) ?? 0) / 2));
    expect(new Set(room.messages.map(({ user }) => user.id))).toEqual(new Set(['ada', 'bob']));
  }
  for (const { told } of [ada, bob]) {
    expect(told).toHaveLength([...spoken.values()].reduce((sum, count) => sum + count, 0));
    expect(new Set(told).size).toBe(told.length);
  }
  expect(requests.slice(10).map(({ reason, rooms }) => [reason, rooms])).toEqual([
    ['join', [...rotated, ROOMS.at(-1)]],
    ['rejected', revoked?.rooms],
  ]);
  expect(vendor.minted()).toBe(12);

  await Promise.all([ada, bob].flatMap(({ rooms }) => rooms.map((room) => room.leave())));
  // Connections that the SDKs and the server keep open for a next call are theirs.
  momento.faults.dropConnections();
  await vi.waitFor(() => expect(timers(), 'fewer than a token each').toBeLessThan(before + 10), WAIT);
  expect(requests).toHaveLength(12);
  await session.close();
  expect(warnings).toEqual([]);
});
