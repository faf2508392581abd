import type { Signal } from 'momento-chat';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { nodeClients, Rooms, rootToken, textsOf } from '../support/chat.js';

let momento: LocalMomento;
let uninstall: () => void;
const rooms = new Rooms();

beforeAll(async () => {
  uninstall = installBrowserGlobals();
  momento = await startLocalMomento({ caches: ['chat'] });
});
afterEach(() => rooms.leaveAll());
afterAll(async () => {
  await momento.close();
  uninstall();
});

describe.each([
  ['@gomomento/sdk-web', () => ({ token: rootToken(momento) })],
  ['@gomomento/sdk', () => ({ clients: nodeClients(momento) })],
])('signals through %s', (_, access) => {
  const open = (room: string, name: string) => rooms.open({ room, user: { id: name, name }, ...access() });

  it('come to whoever listens, as they were sent, and are stored nowhere', async () => {
    const name = crypto.randomUUID();
    const [ada, bob] = [open(name, 'ada'), open(name, 'bob')];
    const heard: Signal[] = [];
    const own: boolean[] = [];
    bob.on('signal', (signal) => heard.push(signal));
    ada.on('signal', (signal) => own.push(signal.own));
    await Promise.all([ada.join(), bob.join()]);
    await vi.waitFor(async () => {
      await ada.signal('dice', { pips: 4 });
      expect(heard.length).toBeGreaterThan(0);
      expect(own.length).toBeGreaterThan(0);
    });
    expect(heard[0]).toMatchObject({
      type: 'dice',
      data: { pips: 4 },
      user: { id: 'ada', name: 'ada' },
      own: false,
    });
    expect(new Set(own)).toEqual(new Set([true]));
    const later = open(name, 'later');
    await later.join();
    expect(textsOf(later)).toEqual([]);
    expect(textsOf(ada)).toEqual([]);
  });

  it('begin with the first listener, end with the last, and outlive a lost connection', async () => {
    const name = crypto.randomUUID();
    const [ada, bob] = [open(name, 'ada'), open(name, 'bob')];
    await Promise.all([ada.join(), bob.join()]);
    let heard = 0;
    const listener = () => {
      heard += 1;
    };
    const hears = () =>
      vi.waitFor(
        async () => {
          const before = heard;
          await ada.signal('a', {});
          await vi.waitFor(() => expect(heard).toBeGreaterThan(before), { timeout: 200, interval: 10 });
        },
        { timeout: 20_000 },
      );
    bob.on('signal', listener);
    await hears();
    momento.faults.dropConnections();
    await hears();
    bob.off('signal', listener);
    const before = heard;
    await ada.signal('a', {});
    await ada.send('after it');
    await vi.waitFor(() => expect(textsOf(bob)).toEqual(['after it']));
    expect(heard).toBe(before);
  });

  it('are refused, and said to be dropped, outside of a join', async () => {
    const ada = open(crypto.randomUUID(), 'ada');
    await expect(ada.signal('a', {})).rejects.toMatchObject({ code: 'not-joined' });
    await ada.join();
    await expect(ada.signal('', {})).rejects.toMatchObject({ code: 'invalid-argument' });
    await expect(ada.signal('a', { text: 'x'.repeat(4000) })).rejects.toMatchObject({
      code: 'message-too-large',
    });
  });
});
