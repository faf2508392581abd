import { ChatRoom } from 'momento-chat';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { nodeClients, Rooms, rootToken, textsOf, webClients } from '../support/chat.js';

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
])('a room through %s', (_, access) => {
  it('G1: what one sends, both show once, in the same order', async () => {
    const room = crypto.randomUUID();
    const ada = rooms.open({ room, user: { name: 'Ada' }, ...access() });
    const bob = rooms.open({ room, user: { name: 'Bob' }, ...access() });
    await Promise.all([ada.join(), bob.join()]);
    await ada.send('one');
    await bob.send('two');
    await Promise.all([ada.send('three'), bob.send('four'), ada.send('five')]);
    await vi.waitFor(() => {
      expect(ada.messages).toHaveLength(5);
      expect(bob.messages.map(({ id }) => id)).toEqual(ada.messages.map(({ id }) => id));
    });
    expect(textsOf(ada).slice(0, 2)).toEqual(['one', 'two']);
    expect(ada.messages[0]).toMatchObject({ own: true, status: 'sent', user: { name: 'Ada' }, room });
    expect(bob.messages[0]).toMatchObject({ own: false, status: 'sent' });
  });

  it('shows who joins later what was said before, page by page', async () => {
    const room = crypto.randomUUID();
    const ada = rooms.open({ room, ...access() });
    await ada.join();
    for (let index = 0; index < 25; index += 1) await ada.send(`message ${index}`);
    const late = rooms.open({ room, history: { pageSize: 10 }, ...access() });
    await late.join();
    expect(textsOf(late)).toEqual(textsOf(ada).slice(-10));
    expect(late.hasOlder).toBe(true);
    const page = await late.loadOlder();
    expect(page.map(({ text }) => text)).toEqual(textsOf(ada).slice(5, 15));
    await late.loadOlder();
    expect(late.hasOlder).toBe(false);
    expect(late.messages.map(({ id }) => id)).toEqual(ada.messages.map(({ id }) => id));
    expect(await late.loadOlder()).toEqual([]);
  });
});

it('seed compatibility: a client of the article and a room see each other, live and in history', async () => {
  const room = crypto.randomUUID();
  const article = webClients(momento);
  const seen: string[] = [];
  const subscription = await article.topics.subscribe('chat', `${room}-chat`, {
    onItem: (item) => seen.push(item.valueString()),
  });
  const ada = rooms.open({ room, user: { name: 'Ada' }, token: rootToken(momento) });
  await ada.join();

  const payload = JSON.stringify({ username: 'Seed', message: 'from the article' });
  await article.topics.publish('chat', `${room}-chat`, payload);
  await article.cache.listPushFront('chat', room, payload);
  await vi.waitFor(() => expect(textsOf(ada)).toEqual(['from the article']));

  await ada.send('from the library');
  await vi.waitFor(() => expect(seen).toHaveLength(2));
  expect(JSON.parse(seen[1] ?? '')).toMatchObject({ username: 'Ada', message: 'from the library' });
  const list = await article.cache.listFetch('chat', room);
  expect(list.type === 'Hit' && list.valueListString()[0]).toBe(seen[1]);

  const late = rooms.open({ room, token: rootToken(momento) });
  await late.join();
  expect(late.messages.map(({ id, text }) => [id, text])).toEqual(
    ada.messages.map(({ id, text }) => [id, text]),
  );
  if (subscription.type === 'Subscription') subscription.unsubscribe();
});

it('a room that cannot be had says why', async () => {
  const room = new ChatRoom({
    room: 'a',
    user: { name: 'Ada' },
    token: rootToken(momento),
    cache: 'nowhere',
  });
  await expect(room.join()).rejects.toMatchObject({ name: 'ChatError', code: 'cache-not-found' });
  expect(room.status).toBe('failed');
});
