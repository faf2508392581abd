import { ChatRoom, type ChatRoomOptions } from 'momento-chat';
import { ChatRoom as LiteRoom } from 'momento-chat/lite';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { nodeClients, Rooms, rootToken } from '../support/chat.js';
import { MovedTime } from '../support/moved-time.js';

let momento: LocalMomento;
let uninstall: () => void;

beforeAll(async () => {
  uninstall = installBrowserGlobals();
  momento = await startLocalMomento({ caches: ['chat'] });
});
afterAll(async () => {
  await momento.close();
  uninstall();
});

const byToken = () => ({ token: rootToken(momento) });

describe.each([
  ['@gomomento/sdk-web', ChatRoom, 'web', byToken],
  ['@gomomento/sdk', ChatRoom, 'web', () => ({ clients: nodeClients(momento) })],
  ['lite', LiteRoom as unknown as typeof ChatRoom, 'lite', byToken],
] as const)('through %s', (_, Room, via, access) => {
  const rooms = new Rooms(Room);
  afterEach(() => rooms.leaveAll());
  const open = (room: string, id: string, options: Partial<ChatRoomOptions> = {}) =>
    rooms.open({ room, user: { id, name: id }, ...access(), ...options });
  const shown = (room: ChatRoom, id: string) =>
    room.messages
      .find((message) => message.id === id)
      ?.reactions.map(({ emoji, count, mine }) => `${emoji}${count}${mine ? '!' : ''}`)
      .join(' ');
  const names = ({ typing }: ChatRoom) => typing.users.map(({ name }) => name);
  const waits = { timeout: 15_000, interval: 20 };

  it('own reactions stay mine through others’ edits, reactions, a reconnect and a reload', async () => {
    const name = crypto.randomUUID();
    const [ada, bob] = [open(name, 'ada'), open(name, 'bob')];
    await Promise.all([ada.join(), bob.join()]);
    const { id } = await bob.send('hello');
    await vi.waitFor(() => expect(ada.messages).toHaveLength(1), waits);
    await ada.react(id, '👍');
    await vi.waitFor(() => expect(shown(bob, id)).toBe('👍1'), waits);
    await bob.edit(id, 'hello again');
    await vi.waitFor(() => expect(ada.messages[0]?.text).toBe('hello again'), waits);
    expect(shown(ada, id)).toBe('👍1!');
    await bob.react(id, '👍');
    await vi.waitFor(() => expect(shown(ada, id)).toBe('👍2!'), waits);
    momento.faults.dropConnections();
    await bob.react(id, '❤');
    await vi.waitFor(() => expect(shown(ada, id)).toBe('👍2! ❤️1'), waits);
    const reloaded = open(name, 'ada');
    await reloaded.join();
    expect(shown(reloaded, id)).toBe('👍2! ❤️1');
    await reloaded.unreact(id, '👍');
    await vi.waitFor(() => {
      expect(shown(ada, id)).toBe('👍1 ❤️1');
      expect(shown(bob, id)).toBe('👍1! ❤️1!');
    }, waits);
  }, 40_000);

  it('a typist who stops, sends or leaves is gone at once, and one whose stop is lost within 7 s', async () => {
    const name = crypto.randomUUID();
    const time = new MovedTime();
    const [ada, bob] = [open(name, 'ada'), open(name, 'bob', time.options(via))];
    bob.on('typing', () => {});
    await Promise.all([ada.join(), bob.join()]);
    const types = () =>
      vi.waitFor(() => {
        ada.typing.keystroke();
        expect(names(bob)).toEqual(['ada']);
      }, waits);
    const isGone = () => vi.waitFor(() => expect(names(bob)).toEqual([]), { timeout: 3000, interval: 20 });
    await types();
    ada.typing.stop();
    await isGone();
    await types();
    await ada.send('hello');
    await isGone();
    await types();
    await ada.leave();
    await isGone();
    await ada.join();
    await types();
    // Its tab is killed: no stop ever comes.
    time.advance(7000);
    expect(names(bob)).toEqual([]);
  }, 40_000);
});
