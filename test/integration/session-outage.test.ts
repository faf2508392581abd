import { type ChatRoom, type ChatRoomOptions, ChatSession } from 'momento-chat';
import { ChatRoom as LiteRoom, ChatSession as LiteSession } from 'momento-chat/lite';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { nodeClients, Rooms, rootToken } from '../support/chat.js';
import { drops, manyRooms, outage } from '../support/many-rooms.js';

let uninstall: () => void;
beforeAll(() => {
  uninstall = installBrowserGlobals();
});
afterAll(() => uninstall());

const ofSession = (momento: LocalMomento) => ({ session: new ChatSession({ token: rootToken(momento) }) });
const ofLite = (momento: LocalMomento) => ({ session: new LiteSession({ token: rootToken(momento) }) });
const ofClients = (momento: LocalMomento) => ({ clients: nodeClients(momento) });

async function withMomento(
  play: (momento: LocalMomento, rooms: Rooms) => Promise<void>,
  { heartbeatMs = 5000, rooms = new Rooms() } = {},
) {
  const momento = await startLocalMomento({ caches: ['chat'], heartbeatMs });
  try {
    await play(momento, rooms);
  } finally {
    await rooms.leaveAll();
    await momento.close();
  }
}

const survived =
  (
    count: number,
    access: (momento: LocalMomento) => Partial<ChatRoomOptions>,
    times: number,
    Room?: typeof ChatRoom,
  ) =>
  () =>
    withMomento(
      async (momento, rooms) => {
        // The largest scenes are about messages: their streams of events would double what the two cores of a test machine do.
        const plain = count > 20 ? { events: false } : {};
        const many = await manyRooms(momento, { rooms, count, access: { ...access(momento), ...plain } });
        await outage(momento, many, 1000);
        await many.allThere(60_000);
        await drops(momento, many, times);
        await many.sayEverywhere('at last');
        await many.allThere(60_000);
      },
      { rooms: new Rooms(Room) },
    );

// Two at a time: they mostly wait for the SDKs, which pause for half a second after each drop.
describe.concurrent('G1, G2: an outage of a second and drops in a row', { timeout: 120_000 }, () => {
  it('are survived by 10 rooms on one @gomomento/sdk-web', survived(10, ofSession, 10));
  it('are survived by 50 rooms on one @gomomento/sdk', survived(50, ofClients, 20));
});
describe.concurrent('G1, G2: an outage of a second and drops in a row again', { timeout: 120_000 }, () => {
  it('are survived by 20 rooms on one @gomomento/sdk-web', survived(20, ofSession, 10));
  it('are survived by 50 rooms on one @gomomento/sdk-web', survived(50, ofSession, 20));
  it('are survived by 50 rooms of one session of momento-chat/lite', survived(50, ofLite, 20, LiteRoom));
});

it('G2: a stream that the web SDK gives up without a word is missed at once', () =>
  // Heartbeats so rare that nothing else tells of the loss within the time of this test.
  withMomento(
    async (momento, rooms) => {
      const many = await manyRooms(momento, { rooms, count: 1, access: ofSession(momento) });
      const [room] = many.rooms;
      // Past the settle window no reading is due that could tell either.
      const joinedAt = performance.now();
      await vi.waitFor(() => expect(performance.now() - joinedAt).toBeGreaterThan(2500), { timeout: 5000 });
      const restore = momento.faults.goOffline();
      await vi.waitFor(() => expect(room?.status).toBe('reconnecting'), { timeout: 6000 });
      restore();
      await many.say(0, 'unheard');
      await many.allThere(8000);
    },
    { heartbeatMs: 60_000 },
  ));
