import { ChatSession } from 'momento-chat';
import { ChatRoom as LiteRoom, ChatSession as LiteSession } from 'momento-chat/lite';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { nodeClients, Rooms, rootToken } from '../support/chat.js';
import { drops, manyRooms, outage } from '../support/many-rooms.js';

let momento: LocalMomento;
let uninstall: () => void;
const rooms = new Rooms();
const liteRooms = new Rooms(LiteRoom);

beforeAll(async () => {
  uninstall = installBrowserGlobals();
  momento = await startLocalMomento({ caches: ['chat'] });
});
afterEach(() => Promise.all([rooms.leaveAll(), liteRooms.leaveAll()]));
afterAll(async () => {
  await momento.close();
  uninstall();
});

it.each([
  ['@gomomento/sdk-web', rooms, () => ({ session: new ChatSession({ token: rootToken(momento) }) })],
  ['@gomomento/sdk', rooms, () => ({ clients: nodeClients(momento) })],
  ['fetch (lite)', liteRooms, () => ({ session: new LiteSession({ token: rootToken(momento) }) })],
])(
  'G1, G2: fifty rooms on one %s outlive 30 s offline and a hundred drops in a row',
  async (sdk, rooms, access) => {
    const many = await manyRooms(momento, { rooms, count: 50, access: access() });
    await outage(momento, many, 30_000);
    const back = performance.now();
    await many.allThere(120_000);
    const seconds = (since: number) => ((performance.now() - since) / 1000).toFixed(1);
    console.log(`${sdk}: fifty rooms back ${seconds(back)} s after 30 s offline`);
    const before = performance.now();
    await drops(momento, many, 100);
    await many.sayEverywhere('at last');
    await many.allThere(120_000);
    console.log(`${sdk}: a hundred drops in ${seconds(before)} s, all fifty there`);
    expect(many.rooms.every(({ status }) => status === 'joined')).toBe(true);
  },
);
