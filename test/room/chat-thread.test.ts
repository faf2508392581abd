import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { MomentoError } from '../../src/local/status.js';
import type { Message } from '../../src/messages/message.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

/** Ada's room and Bob's, and the root of a thread. */
async function withRoot(): Promise<{ ada: ChatRoom; bob: ChatRoom; root: string }> {
  const [ada, bob] = ['ada', 'bob'].map((id) => world.room({ room: 'lobby', user: { id, name: id } })) as [
    ChatRoom,
    ChatRoom,
  ];
  await world.join(ada, bob);
  const { id } = await world.result(ada.send('root'));
  await world.run(1000);
  return { ada, bob, root: id };
}

const failure = { status: 'failed' };

it('G3: a failed reply is sent again, once, and one that is dropped is sent never', async () => {
  const { ada, bob, root } = await withRoot();
  const [ours, theirs] = [ada.thread(root), bob.thread(root)];
  await world.result(Promise.all([ours.open(), theirs.open()]));
  const { link } = world.clientOf(ada);
  link.fates = (rpc) =>
    ['Publish', 'ListPushFront'].includes(rpc) ? { outcome: 'request-lost', learnsAfterMs: 10 } : undefined;
  const sending = [ours.send('kept'), ours.send('dropped')].map((sent) => sent.catch((error) => error.code));
  expect(await world.result(Promise.all(sending))).toEqual(['network', 'network']);
  expect(ours.messages).toMatchObject([failure, failure]);
  link.fates = undefined;
  const [kept, dropped] = ours.messages as readonly [Message, Message];
  ours.discard(dropped.id);
  const again = await world.result(ours.retry(kept.id));
  expect(again).toMatchObject({ id: kept.id, status: 'sent' });
  await world.run(20_000);
  expect(world.list(`lobby:thread:${root}`).filter((entry) => entry.includes(kept.id))).toHaveLength(1);
  expect(ours.messages.map(({ text }) => text)).toEqual(['kept']);
  expect(ada.messages[0]?.thread?.replyCount).toBe(1);
  expect(() => ours.discard(kept.id)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
});

it('takes back a reaction to a reply, for all who have it open', async () => {
  const { ada, bob, root } = await withRoot();
  const [ours, theirs] = [ada.thread(root), bob.thread(root)];
  await world.result(theirs.open());
  const { id } = await world.result(ours.send('reply'));
  await world.result(ours.react(id, '👍'));
  await world.run(5000);
  expect(theirs.messages[0]?.reactions).toMatchObject([{ emoji: '👍', count: 1 }]);
  await world.result(ours.unreact(id, '👍'));
  await world.run(5000);
  expect([ours.messages[0]?.reactions, theirs.messages[0]?.reactions]).toEqual([[], []]);
});

it('refuses to drop a reply of a thread that is closed', async () => {
  const { ada, root } = await withRoot();
  expect(() => ada.thread(root).discard(root)).toThrow(
    expect.objectContaining({ code: 'invalid-argument', message: expect.stringContaining('not open') }),
  );
});

it('is one object as long as somebody holds it or listens, however many others are asked for', async () => {
  const { ada, bob, root } = await withRoot();
  const held = bob.thread(root);
  const id = (n: number) => root.slice(0, -4) + n.toString(16).padStart(4, '0');
  bob.thread(id(0)).on('error', () => {});
  for (let n = 1; n < 300; n += 1) bob.thread(id(n));
  expect(bob.thread(id(0)).listenerCount('error')).toBe(1);
  const again = bob.thread(root);
  expect(again).toBe(held);
  await world.result(Promise.all([held.open(), again.open()]));
  await world.result(ada.thread(root).send('reply'));
  await world.run(1000);
  expect(held.messages.map(({ text }) => text)).toEqual(['reply']);
});

it('is held for who listens, though it was dropped before', async () => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const { bob, root } = await withRoot();
  const id = (n: number) => root.slice(0, -4) + n.toString(16).padStart(4, '0');
  let changes = 0;
  const listen = () => {
    const thread = bob.thread(root);
    for (let n = 0; n < 400; n += 1) bob.thread(id(n));
    thread.on('change', () => {
      changes += 1;
    });
  };
  listen();
  // What a turn has looked at is held until it ends.
  await new Promise(setImmediate);
  gc();
  await world.result(bob.thread(root).send('reply'));
  expect(changes).toBeGreaterThan(0);
});

it('is not opened again by the end of typing', async () => {
  const { ada, bob, root } = await withRoot();
  const thread = bob.thread(root);
  await world.result(thread.open());
  thread.close();
  thread.typing.stop();
  await world.run(1000);
  await world.result(ada.thread(root).send('reply'));
  await world.run(1000);
  expect([thread.isOpen, thread.messages]).toEqual([false, []]);
});

it('tells at once that typing has ended which began while it was being opened', async () => {
  const { ada, bob, root } = await withRoot();
  const ours = ada.thread(root);
  await world.result(ours.open());
  const { typing } = bob.thread(root);
  typing.keystroke();
  typing.stop();
  await world.run(5000);
  expect(ours.typing.users).toEqual([]);
});

it('G5: Node warns of no leak where twenty threads are open, and as many files are sent with one signal', async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error) => void warnings.push(name);
  process.on('warning', note);
  const { ada, root } = await withRoot();
  const signal = new AbortController().signal;
  const later = root.slice(0, -12);
  const threads = Array.from({ length: 20 }, (_, n) => ada.thread(later + String(n).padStart(12, '0')));
  await world.result(Promise.all(threads.map((thread) => thread.open())));
  await world.result(
    Promise.all(threads.map(() => ada.files.upload(new Blob(['text']), { name: 'a.txt', signal }))),
  );
  // Node tells of warnings in a turn of its own.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', note);
  for (const thread of threads) thread.close();
  expect(warnings).toEqual([]);
});

it('says once of each event that it never emits, whenever that was listened for', async () => {
  const { ada, root } = await withRoot();
  const thread = ada.thread(root);
  const errors: string[] = [];
  thread.on('error', ({ message }) => errors.push(message));
  thread.on('messages' as 'message', () => {});
  await world.result(thread.open());
  thread.on('gap' as 'message', () => {});
  thread.on('gap' as 'message', () => {});
  for (const event of ['message', 'update', 'history', 'change', 'read', 'typing'] as const)
    thread.on(event, () => {});
  expect(errors).toEqual([
    'unable to listen for `messages`; there is no such event',
    'unable to listen for `gap`; there is no such event',
  ]);
});

it.each([
  ['is rejected', undefined, 'permission-denied'],
  ['is asked for with what is no id', 'nonsense', 'invalid-argument'],
])('a deletion of a reply that %s is not told of later on', async (_, given, code) => {
  const { ada, root } = await withRoot();
  const thread = ada.thread(root);
  const { id } = await world.result(thread.send('reply'));
  await world.run(60_000);
  const { link } = world.clientOf(ada);
  link.fates = (rpc) => {
    if (rpc === 'DictionarySet') throw new MomentoError('PERMISSION_DENIED', 'no');
    return undefined;
  };
  await expect(world.result(thread.delete(given ?? id))).rejects.toMatchObject({ code });
  link.fates = undefined;
  const { ListFetch, DictionarySet, Publish } = link.calls;
  await world.run(60_000);
  expect(link.calls).toMatchObject({ ListFetch, DictionarySet, Publish });
  expect(thread.messages.map(({ text }) => text)).toEqual(['reply']);
});

it('a deletion of a reply is told of where it was stored, though the list may not be written', async () => {
  const { ada, bob, root } = await withRoot();
  const thread = ada.thread(root);
  const { id } = await world.result(thread.send('reply'));
  await world.run(60_000);
  const { link } = world.clientOf(ada);
  link.fates = (rpc) => {
    if (rpc === 'ListRemove') throw new MomentoError('PERMISSION_DENIED', 'no');
    return undefined;
  };
  await expect(world.result(thread.delete(id))).rejects.toMatchObject({ code: 'permission-denied' });
  await world.run(60_000);
  expect(bob.messages[0]?.thread?.replyCount).toBe(0);
});

it('replies that the first opening loads count as read, though the thread was closed before it had loaded', async () => {
  const { ada, bob, root } = await withRoot();
  const ours = ada.thread(root);
  for (const text of ['1', '2', '3']) await world.result(ours.send(text));
  await world.run(5000);
  const { link } = world.clientOf(bob);
  link.fates = (rpc) => (rpc === 'ListFetch' ? { thereMs: 3000 } : undefined);
  const theirs = bob.thread(root);
  theirs.open().catch(() => {});
  await world.run(200);
  theirs.close();
  await world.result(theirs.open());
  expect(theirs.messages).toHaveLength(3);
  expect(theirs.read.unread.count).toBe(0);
  await world.result(ours.send('4'));
  await world.run(1000);
  expect(theirs.read.unread.count).toBe(1);
});
