import { ChatRoom } from 'momento-chat';
import { ChatRoom as LiteRoom } from 'momento-chat/lite';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { nodeClients, Rooms, rootToken, webClients } from '../support/chat.js';

const SIZE = 1_000_000;
const content = Uint8Array.from({ length: SIZE }, (_, index) => index % 251);

let momento: LocalMomento;
let uninstall: () => void;
let rooms: Rooms;

beforeAll(async () => {
  uninstall = installBrowserGlobals();
  momento = await startLocalMomento({ caches: ['chat'] });
});
afterEach(() => rooms.leaveAll());
afterAll(async () => {
  await momento.close();
  uninstall();
});

describe('a file of a megabyte', () => {
  it.each([
    ['a token, over sdk-web', ChatRoom, () => ({ token: rootToken(momento) })],
    ['a token, over lite', LiteRoom, () => ({ token: rootToken(momento) })],
    ['clients of the Node SDK', ChatRoom, () => ({ clients: nodeClients(momento) })],
  ] as const)('goes up and comes down as it was, with %s', async (_, Room, access) => {
    rooms = new Rooms(Room);
    const room = rooms.open({ room: crypto.randomUUID(), ...access() });
    await room.join();
    const copy = await room.files.download(await room.files.upload(new Blob([content])));
    expect(Buffer.from(await copy.arrayBuffer()).equals(content)).toBe(true);
  });

  it('is refused at once with clients of the web SDK, which take no value so large', async () => {
    rooms = new Rooms();
    const room = rooms.open({ room: crypto.randomUUID(), clients: webClients(momento) });
    await room.join();
    await expect(room.files.upload(new Blob([content]))).rejects.toMatchObject({
      code: 'message-too-large',
      retryable: false,
      message: 'unable to upload the file; it is too large for the SDK',
    });
    // Smaller ones go up.
    const file = await room.files.upload(new Blob([content.subarray(0, 60_000)]));
    expect((await room.files.download(file)).size).toBe(60_000);
  });
});
