import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { encodeMessage } from '../../src/messages/codec.js';
import { MessageIds } from '../../src/messages/message-id.js';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { nodeClients, Rooms, rootToken, textsOf } from '../support/chat.js';

let momento: LocalMomento;
let uninstall: () => void;
const rooms = new Rooms();

beforeAll(async () => {
  uninstall = installBrowserGlobals();
  momento = await startLocalMomento({ caches: ['chat'] });
  // Loads the SDK, which is not what is measured.
  await rooms.open({ room: 'first', token: rootToken(momento) }).join();
});
afterEach(() => rooms.leaveAll());
afterAll(async () => {
  await momento.close();
  uninstall();
});

/** Measures the longest stretch without a turn of the event loop, in milliseconds of work of this process. */
function watchBlocks(): () => number {
  let longest = 0;
  let last = process.cpuUsage();
  const timer = setInterval(() => {
    const { user, system } = process.cpuUsage(last);
    last = process.cpuUsage();
    longest = Math.max(longest, (user + system) / 1000);
  }, 1);
  return () => {
    clearInterval(timer);
    return longest;
  };
}

it('G6: a room joins a list of 50,000 hostile entries with two seconds of work and without a block', async () => {
  const { cache } = nodeClients(momento);
  const ids = new MessageIds({ now: () => Date.now(), random: () => 0.5 });
  const honest: string[] = [];
  const long = JSON.stringify({ username: 'Mallory', message: 'long '.repeat(700) });
  const entry = (index: number) => {
    if (index % 100 === 0 && index >= 49_000 + 100) {
      const id = ids.next();
      honest.push(id);
      return encodeMessage({ id, text: id, user: { name: 'Ada' }, sentAt: new Date() });
    }
    if (index % 10 === 1) return long;
    if (index % 10 === 2) return JSON.stringify({ username: 'Mallory', message: 'hi' });
    return index % 2 === 0 ? 'rubbish' : `j${index}`;
  };
  for (let start = 0; start < 50_000; start += 1000) {
    const entries = Array.from({ length: 1000 }, (_, index) => entry(start + index)).reverse();
    expect(await cache.listConcatenateFront('chat', 'hostile', entries)).toMatchObject({ type: 'Success' });
  }
  const room = rooms.open({ room: 'hostile', token: rootToken(momento) });
  const errors: string[] = [];
  room.on('error', ({ code }) => errors.push(code));
  const longest = watchBlocks();
  const before = process.cpuUsage();
  await room.join();
  const { user, system } = process.cpuUsage(before);
  const work = (user + system) / 1000;
  expect(work, 'milliseconds of work to join').toBeLessThan(2000);
  expect(longest(), 'the longest stretch of it without a turn').toBeLessThan(Math.max(100, work / 2));
  expect(errors.length).toBeLessThanOrEqual(2);
  for (let pages = 0; room.hasOlder; pages += 1) {
    expect(pages).toBeLessThan(100);
    await room.loadOlder();
  }
  expect(textsOf(room).filter((text) => honest.includes(text))).toEqual(honest);
  // A tenth of what is in reach are long messages, a tenth short ones, in the format of the article.
  expect(room.messages).toHaveLength(honest.length + 200);
});

it.each(['scalar', 'dictionary', 'set', 'sorted set'])(
  'G2: a room goes on when a member puts a %s in the place of its list',
  async (kind) => {
    const { cache } = nodeClients(momento);
    const name = `replaced by a ${kind}`;
    const ada = rooms.open({ room: name, token: rootToken(momento) });
    const gaps: boolean[] = [];
    ada.on('gap', ({ complete }) => gaps.push(complete));
    await ada.join();
    await ada.send('hello');
    await cache.delete('chat', name);
    if (kind === 'scalar') await cache.set('chat', name, 'x');
    else if (kind === 'dictionary') await cache.dictionarySetField('chat', name, 'x', 'y');
    else if (kind === 'set') await cache.setAddElement('chat', name, 'x');
    else await cache.sortedSetPutElement('chat', name, 'x', 1);
    const bob = rooms.open({ room: name, token: rootToken(momento) });
    await bob.join();
    window.dispatchEvent(new window.Event('online'));
    await vi.waitFor(() => expect(gaps).toContain(false));
    await expect(ada.send('unstored')).rejects.toMatchObject({ code: 'server', retryable: false });
    await vi.waitFor(() => expect(textsOf(bob)).toContain('unstored'));
    expect([ada.status, bob.status]).toEqual(['joined', 'joined']);
    expect(ada.messages.at(-1)).toMatchObject({ text: 'unstored', status: 'failed' });
  },
);

it('G2, G6: a room with the Node SDK, which takes no answer of more than 10 MB, joins a list of large entries', async () => {
  const clients = nodeClients(momento);
  const author = rooms.open({ room: 'large', clients, user: { name: 'Ada' } });
  await author.join();
  await author.send('hello');
  const entry = 'x'.repeat(131_000);
  for (let pushed = 0; pushed < 300; pushed += 1)
    expect(await clients.cache.listPushFront('chat', 'large', entry)).toMatchObject({ type: 'Success' });
  const room = rooms.open({ room: 'large', clients: nodeClients(momento) });
  await room.join();
  expect(textsOf(room)).toEqual(['hello']);
}, 60_000);
