import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { nodeClients, Rooms, rootToken, textsOf, webClients } from '../support/chat.js';

const WAIT = { timeout: 20_000, interval: 20 };

let momento: LocalMomento;
let uninstall: () => void;
let rooms: Rooms;

beforeAll(() => {
  uninstall = installBrowserGlobals();
});
afterAll(() => uninstall());
beforeEach(async () => {
  rooms = new Rooms();
  momento = await startLocalMomento({ caches: ['chat'] });
});
afterEach(async () => {
  await rooms.leaveAll();
  await momento.close();
});

/** The stored messages, newest first. */
async function stored(room = 'r'): Promise<string[]> {
  const list = await webClients(momento).cache.listFetch('chat', room);
  return list.type === 'Hit' ? list.valueListString() : [];
}

describe.each([
  ['@gomomento/sdk-web', () => ({ token: rootToken(momento) })],
  ['@gomomento/sdk', () => ({ clients: nodeClients(momento) })],
])('send() through %s', (_, access) => {
  it('G3: tries again what may succeed, with the same bytes', async () => {
    const ada = rooms.open({ room: 'r', ...access() });
    const bob = rooms.open({ room: 'r', ...access() });
    await Promise.all([ada.join(), bob.join()]);
    momento.faults.failNext({ rpc: 'Publish', code: 'UNAVAILABLE', times: 2 });
    momento.faults.failNext({ rpc: 'ListPushFront', code: 'INTERNAL', times: 2 });
    const message = await ada.send('hello');
    expect(message.status).toBe('sent');
    await vi.waitFor(() => expect(textsOf(bob)).toEqual(['hello']), WAIT);
    expect(new Set(await stored()).size).toBe(1);
  });

  it('G3: that cannot succeed is `failed`, and can be tried again with the same id, or discarded', async () => {
    const ada = rooms.open({ room: 'r', ...access() });
    const bob = rooms.open({ room: 'r', ...access() });
    await Promise.all([ada.join(), bob.join()]);
    momento.faults.failNext({ rpc: 'Publish', code: 'PERMISSION_DENIED', times: 2 });
    await expect(ada.send('one')).rejects.toMatchObject({ code: 'permission-denied', retryable: false });
    await expect(ada.send('two')).rejects.toMatchObject({ code: 'permission-denied' });
    expect(ada.messages.map(({ text, status }) => [text, status])).toEqual([
      ['one', 'failed'],
      ['two', 'failed'],
    ]);
    const [one, two] = ada.messages.map(({ id }) => id);
    await expect(ada.retry(one ?? '')).resolves.toMatchObject({ id: one, status: 'sent' });
    ada.discard(two ?? '');
    expect(ada.messages.map(({ text, status }) => [text, status])).toEqual([['one', 'sent']]);
    await expect(ada.retry(two ?? '')).rejects.toMatchObject({ code: 'invalid-argument' });
    await vi.waitFor(() => expect(bob.messages.map(({ id }) => id)).toContain(one), WAIT);
  });
});

it('G3: an answer that is lost after the work was done makes no second message', async () => {
  const ada = rooms.open({ room: 'r', token: rootToken(momento) });
  const bob = rooms.open({ room: 'r', token: rootToken(momento) });
  const seen: string[] = [];
  bob.on('message', ({ text }) => seen.push(text));
  await Promise.all([ada.join(), bob.join()]);
  momento.faults.dropResponses({ rpc: 'Publish' });
  momento.faults.dropResponses({ rpc: 'ListPushFront' });
  await ada.send('hello');
  await bob.send('bye');
  await vi.waitFor(() => expect(seen).toEqual(['hello', 'bye']), WAIT);
  const late = rooms.open({ room: 'r', token: rootToken(momento) });
  await late.join();
  expect(textsOf(late)).toEqual(['hello', 'bye']);
});

it('G3: what is sent while the service is out of reach waits, and goes out in its order', async () => {
  const ada = rooms.open({ room: 'r', token: rootToken(momento) });
  const bob = rooms.open({ room: 'r', token: rootToken(momento) });
  await Promise.all([ada.join(), bob.join()]);
  const restore = momento.faults.goOffline();
  const sending = Array.from({ length: 20 }, (_, index) => ada.send(`message ${index}`));
  await vi.waitFor(() => expect(ada.status).toBe('reconnecting'), WAIT);
  expect(ada.messages.every(({ status }) => status === 'sending')).toBe(true);
  restore();
  await Promise.all(sending);
  await vi.waitFor(() => {
    expect(textsOf(bob)).toEqual(Array.from({ length: 20 }, (_, index) => `message ${index}`));
    expect(ada.status).toBe('joined');
  }, WAIT);
});

it('G3: a burst of 200 under a limit of operations slows down, and all of it goes out', async () => {
  const limited = await startLocalMomento({ caches: ['chat'], limits: { operationsPerSecond: 80 } });
  try {
    const ada = rooms.open({ room: 'r', token: rootToken(limited) });
    const errors: string[] = [];
    ada.on('error', ({ code }) => errors.push(code));
    await ada.join();
    const began = Date.now();
    const sent = await Promise.all(Array.from({ length: 200 }, (_, index) => ada.send(`message ${index}`)));
    // 400 calls at 80 a second.
    expect(Date.now() - began).toBeGreaterThan(4000);
    expect(sent.every(({ status }) => status === 'sent')).toBe(true);
    expect(textsOf(ada)).toEqual(Array.from({ length: 200 }, (_, index) => `message ${index}`));
    expect(ada.status).toBe('joined');
  } finally {
    await rooms.leaveAll();
    await limited.close();
  }
});

it('G3: leave() with unsent messages rejects them with `closed` and leaves them `failed`; a later visit can send them', async () => {
  const ada = rooms.open({ room: 'r', token: rootToken(momento) });
  await ada.join();
  const restore = momento.faults.delay({ rpc: 'ListPushFront', ms: 60_000 });
  const sending = ['one', 'two', 'three', 'four', 'five'].map((text) => ada.send(text));
  const outcomes = Promise.allSettled(sending);
  await vi.waitFor(() => expect(textsOf(ada)).toHaveLength(5), WAIT);
  const leaving = ada.leave();
  for (const outcome of await outcomes)
    expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'ChatError', code: 'closed' } });
  expect(ada.messages.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 'failed'));
  expect(ada.status).toBe('left');
  restore();
  await leaving;
  await ada.join();
  const unsent = ada.messages.filter(({ status }) => status === 'failed');
  await Promise.all(unsent.map(({ id }) => ada.retry(id)));
  expect(ada.messages.map(({ text, status }) => [text, status])).toEqual(
    ['one', 'two', 'three', 'four', 'five'].map((text) => [text, 'sent']),
  );
});
