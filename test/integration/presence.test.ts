import { ChatRoom as WebRoom } from 'momento-chat';
import { ChatRoom as LiteRoom } from 'momento-chat/lite';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { nodeClients, Rooms, rootToken } from '../support/chat.js';

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

const patience = { timeout: 10_000, interval: 20 };

describe.each([
  ['@gomomento/sdk-web', WebRoom, () => ({ token: rootToken(momento) })],
  ['@gomomento/sdk', WebRoom, () => ({ clients: nodeClients(momento) })],
  ['momento-chat/lite', LiteRoom as unknown as typeof WebRoom, () => ({ token: rootToken(momento) })],
])('through %s', (_, Room, access) => {
  const rooms = new Rooms(Room);
  afterEach(() => rooms.leaveAll());
  const open = (room: string, name: string) => rooms.open({ room, user: { id: name, name }, ...access() });

  it('ten presence updates and a re-sync are ten update events and nothing else', async () => {
    const name = crypto.randomUUID();
    const [ada, bob] = [open(name, 'ada'), open(name, 'bob')];
    const heard: string[] = [];
    bob.on('presence', ({ type, member }) => heard.push(`${type} ${member.userId}`));
    await Promise.all([ada.join(), bob.join()]);
    await ada.presence.enter({ mood: 'new' });
    await vi.waitFor(() => expect(heard).toEqual(['enter ada']), patience);
    for (let pips = 1; pips <= 10; pips += 1) {
      await ada.presence.update({ pips });
      await vi.waitFor(() => expect(bob.presence.members[0]?.data).toEqual({ pips }), patience);
    }
    momento.faults.dropConnections();
    await vi.waitFor(() => expect(bob.status).toBe('joined'), { ...patience, timeout: 20_000 });
    const again = open(name, 'carl');
    await again.join();
    await again.presence.enter();
    await vi.waitFor(() => expect(bob.presence.count).toBe(2), patience);
    expect(heard).toEqual(['enter ada', ...Array(10).fill('update ada'), 'enter carl']);
    await ada.leave();
    await vi.waitFor(() => expect(heard.at(-1)).toBe('leave ada'), patience);
    expect(bob.presence.members.map(({ userId }) => userId)).toEqual(['carl']);
  }, 40_000);

  it('what is unread is cleared on the other device, and others see the receipt', async () => {
    const name = crypto.randomUUID();
    const [ada, tab, bob] = [open(name, 'ada'), open(name, 'ada'), open(name, 'bob')];
    for (const room of [ada, tab, bob]) room.on('read', () => {});
    await Promise.all([ada, tab, bob].map((room) => room.join()));
    await vi.waitFor(() => expect([ada, tab].every(({ read }) => read.unread !== undefined)).toBe(true));
    const first = await bob.send('hello', { mentions: ['ada'] });
    const last = await bob.send('there');
    const unread = { count: 2, mentions: 1, firstId: first.id, capped: false };
    for (const room of [ada, tab]) await vi.waitFor(() => expect(room.read.unread).toEqual(unread), patience);
    await ada.read.mark();
    expect(ada.read.unread.count).toBe(0);
    await vi.waitFor(() => expect(tab.read.unread.count).toBe(0), patience);
    await vi.waitFor(() => expect(bob.read.receipts.get('ada')).toBe(last.id), patience);
    expect(bob.read.everyoneReadUpTo).toBe(last.id);
    await tab.read.markUnread(last.id);
    await vi.waitFor(() => expect(ada.read.unread).toMatchObject({ count: 1, firstId: last.id }), patience);
    const reloaded = open(name, 'ada');
    reloaded.on('read', () => {});
    await reloaded.join();
    await vi.waitFor(() => expect(reloaded.read.unread.count).toBe(1), patience);
    expect(bob.read.receipts.get('ada')).toBe(last.id);
  }, 40_000);
});
