import { ChatSession } from 'momento-chat';
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
const ofClients = (momento: LocalMomento) => ({ clients: nodeClients(momento) });

async function withMomento(play: (momento: LocalMomento, rooms: Rooms) => Promise<void>, heartbeatMs = 5000) {
  const momento = await startLocalMomento({ caches: ['chat'], heartbeatMs });
  const rooms = new Rooms();
  try {
    await play(momento, rooms);
  } finally {
    await rooms.leaveAll();
    await momento.close();
  }
}

describe.concurrent('an outage of a second and twenty drops in a row', { timeout: 120_000 }, () => {
  it.each([
    [10, '@gomomento/sdk-web', ofSession],
    [20, '@gomomento/sdk-web', ofSession],
    [50, '@gomomento/sdk-web', ofSession],
    [50, '@gomomento/sdk', ofClients],
  ])('G1, G2: are survived by %i rooms on one %s, with all that was said', (count, _, access) =>
    withMomento(async (momento, rooms) => {
      const many = await manyRooms(momento, { rooms, count, access: access(momento) });
      await outage(momento, many, 1000);
      await many.allThere(40_000);
      await drops(momento, many, 20);
      await many.sayEverywhere('at last');
      await many.allThere(40_000);
    }),
  );
});

it('G2: a stream that the web SDK gives up without a word is missed at once', () =>
  // Heartbeats so rare that nothing else tells of the loss within the time of this test.
  withMomento(async (momento, rooms) => {
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
  }, 60_000));
