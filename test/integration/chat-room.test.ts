import { ChatRoom, type JsonObject } from 'momento-chat';
import { ChatRoom as LiteRoom } from 'momento-chat/lite';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { nodeClients, Rooms, rootToken, textsOf, webClients } from '../support/chat.js';

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

describe.each([
  ['@gomomento/sdk-web', rooms, () => ({ token: rootToken(momento) })],
  ['@gomomento/sdk', rooms, () => ({ clients: nodeClients(momento) })],
  ['fetch (momento-chat/lite)', liteRooms, () => ({ token: rootToken(momento) })],
  ['@gomomento/sdk, in momento-chat/lite', liteRooms, () => ({ clients: nodeClients(momento) })],
])('a room through %s', (_, rooms, access) => {
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

  it("shows a user's own messages as own, live and in history, though nobody vouches for them", async () => {
    const room = crypto.randomUUID();
    const options = { room, user: { id: 'ada', name: 'Ada' } };
    const desk = rooms.open({ ...options, ...access() });
    const phone = rooms.open({ ...options, ...access() });
    const bob = rooms.open({ room, user: { id: 'bob', name: 'Bob' }, ...access() });
    await Promise.all([desk.join(), phone.join(), bob.join()]);
    await desk.send('from the desk');
    await vi.waitFor(() => expect(phone.messages).toMatchObject([{ own: true }]));
    await vi.waitFor(() => expect(bob.messages).toMatchObject([{ own: false }]));
    const later = rooms.open({ ...options, ...access() });
    await later.join();
    expect(later.messages).toMatchObject([{ own: true }]);
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

describe('bad input in a joined room is refused at once, and nothing is sent', () => {
  it.each([
    ['an empty text', '', {}, 'invalid-argument'],
    ['a blank text', ' \n ', {}, 'invalid-argument'],
    ['a text over the limit', 'x'.repeat(5000), {}, 'message-too-large'],
    ['a text over the limit in bytes only', '€'.repeat(1400), {}, 'message-too-large'],
    ['meta that is circular', 'hi', { meta: circular() }, 'invalid-argument'],
    ['meta that is no object', 'hi', { meta: [1] as never }, 'invalid-argument'],
    ['meta that is null', 'hi', { meta: null as never }, 'invalid-argument'],
    ['meta with a function', 'hi', { meta: { react: (() => {}) as never } }, 'invalid-argument'],
    ['meta that is not a number', 'hi', { meta: { deep: [Number.NaN] } }, 'invalid-argument'],
    ['meta that no JSON holds', 'hi', { meta: { big: 1n as never } }, 'invalid-argument'],
  ])('%s', async (_, text, options, code) => {
    const room = rooms.open({ room: crypto.randomUUID(), token: rootToken(momento) });
    await room.join();
    await expect(room.send(text, options as { meta?: JsonObject })).rejects.toMatchObject({
      name: 'ChatError',
      code,
    });
    expect(room.messages).toEqual([]);
  });

  it.each([0, -1, 1.5, Number.NaN])('a page of %d', async (count) => {
    const room = rooms.open({ room: crypto.randomUUID(), token: rootToken(momento) });
    await room.join();
    await expect(room.loadOlder(count)).rejects.toMatchObject({ code: 'invalid-argument' });
  });
});

describe('the life of a room', () => {
  it('join() is idempotent, and calls at once share one join', async () => {
    let asked = 0;
    const token = async () => {
      asked += 1;
      return rootToken(momento)();
    };
    const room = rooms.open({ room: crypto.randomUUID(), token });
    const statuses: string[] = [];
    room.on('status', (status) => statuses.push(status));
    await Promise.all([room.join(), room.join()]);
    await room.join();
    expect(statuses).toEqual(['joining', 'joined']);
    expect(asked).toBe(1);
  });

  it('leave() during a join ends it, and join() may follow', async () => {
    const room = rooms.open({ room: crypto.randomUUID(), token: rootToken(momento) });
    const joining = room.join();
    await room.leave();
    await joining;
    expect(room.status).toBe('left');
    await room.join();
    expect(room.status).toBe('joined');
  });

  it('G2: after leave() and join() it has what was said meanwhile, as new messages', async () => {
    const name = crypto.randomUUID();
    const ada = rooms.open({ room: name, token: rootToken(momento) });
    const bob = rooms.open({ room: name, token: rootToken(momento) });
    await Promise.all([ada.join(), bob.join()]);
    await bob.send('before');
    await vi.waitFor(() => expect(textsOf(ada)).toEqual(['before']));
    await ada.leave();
    await bob.send('meanwhile');
    const news: string[] = [];
    ada.on('message', ({ text }) => news.push(text));
    await ada.join();
    expect(textsOf(ada)).toEqual(['before', 'meanwhile']);
    expect(news).toEqual(['meanwhile']);
  });

  it('tells a change at most once per microtask, with an array that stays as it is', async () => {
    const room = rooms.open({ room: crypto.randomUUID(), token: rootToken(momento) });
    await room.join();
    const changes: (readonly unknown[])[] = [];
    room.on('change', (messages) => changes.push(messages));
    const sending = Promise.all([room.send('one'), room.send('two'), room.send('three')]);
    await Promise.resolve();
    expect(changes.map(({ length }) => length)).toEqual([3]);
    expect(changes[0]).toBe(room.messages);
    await sending;
    expect(changes[0]?.map((message) => (message as { status: string }).status)).toEqual([
      'sending',
      'sending',
      'sending',
    ]);
  });

  it('a listener that throws stops neither the room nor the other listeners', async () => {
    const room = rooms.open({ room: crypto.randomUUID(), token: rootToken(momento) });
    const surfaced: unknown[] = [];
    const onUncaught = (error: unknown) => surfaced.push(error);
    const before = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', onUncaught);
    const heard: string[] = [];
    room.on('message', () => {
      throw new Error('a bug of the app');
    });
    room.on('message', ({ text }) => heard.push(text));
    await room.join();
    await room.send('hello');
    await vi.waitFor(() => expect(surfaced).toHaveLength(1));
    process.off('uncaughtException', onUncaught);
    for (const listener of before) process.on('uncaughtException', listener);
    expect(heard).toEqual(['hello']);
  });
});

function circular() {
  const meta: Record<string, never> = {};
  (meta as Record<string, unknown>).self = meta;
  return meta;
}

it("G1: a message of the article's format stands after what it answers, and before what answers it", async () => {
  const name = crypto.randomUUID();
  const article = webClients(momento);
  const ada = rooms.open({ room: name, token: rootToken(momento) });
  await ada.join();
  const say = async (message: string) => {
    const payload = JSON.stringify({ username: 'Seed', message });
    await Promise.all([
      article.topics.publish('chat', `${name}-chat`, payload),
      article.cache.listPushFront('chat', name, payload),
    ]);
    await vi.waitFor(() => expect(textsOf(ada)).toContain(message));
  };
  await say('1');
  await ada.send('2');
  await say('3');
  await say('4');
  await ada.send('5');
  await say('6');
  const late = rooms.open({ room: name, token: rootToken(momento) });
  await late.join();
  // None of them is from 1970: without a time of their own they get a likely one.
  for (const { sentAt } of late.messages) expect(Date.now() - sentAt.getTime()).toBeLessThan(60_000);
  expect(textsOf(ada)).toEqual(['1', '2', '3', '4', '5', '6']);
  expect(late.messages.map(({ id }) => id)).toEqual(ada.messages.map(({ id }) => id));
});
