import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
// Loaded ahead: virtual time stands still meanwhile.
import '../../src/room/threads.js';
import '../../src/features/reaction-writer.js';
import '../../src/features/revision-writer.js';
import { MessageIds } from '../../src/messages/message-id.js';
import { dictionarySetFields } from '../../src/transport/operations/dictionaries.js';
import { itemSet } from '../../src/transport/operations/items.js';
import { publish } from '../../src/transport/operations/topics.js';
import { type InProcessWorld, inProcessWorld, type WorldRoomOptions } from '../support/in-process-rooms.js';
import { FAIR } from '../support/weather.js';

let world: InProcessWorld;
afterEach(() => world.end());

const textsOf = ({ messages }: { messages: readonly { text: string }[] }) => messages.map(({ text }) => text);
const repliesOf = (room: ChatRoom, id: string) =>
  room.messages.find((message) => message.id === id)?.thread?.replyCount;

function open(name: string, options: Partial<WorldRoomOptions> = {}): ChatRoom {
  return world.room({ room: 'lobby', user: { id: name, name }, ...options });
}

async function joined(...names: string[]): Promise<ChatRoom[]> {
  const rooms = names.map((name) => open(name));
  await world.join(...rooms);
  return rooms;
}

async function withRoot(...names: string[]) {
  world = inProcessWorld();
  const rooms = await joined(...names);
  const [first] = rooms;
  if (first === undefined) throw new Error('unable to begin; nobody is there');
  const root = await world.result(first.send('root'));
  await world.run(1000);
  return { rooms: rooms as [ChatRoom, ChatRoom, ChatRoom], root: root.id };
}

describe('a thread', () => {
  it('G1, G2: brings each reply once to all who have it open, and none to the room', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms;
    const [ours, theirs] = [ada.thread(root), bob.thread(root)];
    const seen: string[] = [];
    theirs.on('message', ({ text }) => seen.push(text));
    await world.result(Promise.all([ours.open(), theirs.open()]));
    await world.result(ours.send('one'));
    await world.result(theirs.send('two'));
    await world.run(10_000);
    expect(textsOf(ours)).toEqual(['one', 'two']);
    expect(textsOf(theirs)).toEqual(['one', 'two']);
    expect([...seen].sort()).toEqual(['one', 'two']);
    expect(textsOf(ada)).toEqual(['root']);
    expect([repliesOf(ada, root), repliesOf(bob, root)]).toEqual([2, 2]);
    const summary = bob.messages[0]?.thread;
    expect(summary?.participants).toEqual([
      { id: 'bob', name: 'bob' },
      { id: 'ada', name: 'ada' },
    ]);
    expect(summary?.lastReplyAt).toBeInstanceOf(Date);
  });

  it('shows a reply in the turn of the call where it is open, with `meta` as it was then', async () => {
    const { rooms, root } = await withRoot('ada');
    const thread = rooms[0].thread(root);
    await world.result(thread.open());
    const meta = { n: 0 };
    const replies = [1, 2].map((n) => {
      meta.n = n;
      return thread.send(`${n}`, { meta });
    });
    expect(textsOf(thread)).toEqual(['1', '2']);
    await world.result(Promise.all(replies));
    expect(thread.messages.map(({ meta }) => meta?.n)).toEqual([1, 2]);
  });

  it('tells of the same last reply to all, whoever summed it up, with a clock 90 s ahead', async () => {
    const { rooms, root } = await withRoot('ada');
    const [ada] = rooms;
    const bob = open('bob', { skewMs: 90_000 });
    await world.join(bob);
    await world.result(bob.thread(root).send('one'));
    await world.run(20_000);
    await world.result(ada.thread(root).send('two'));
    await world.run(20_000);
    const [late] = (await joined('late')) as [ChatRoom];
    const told = [ada, bob, late].map(({ messages }) => messages[0]?.thread?.lastReplyAt);
    expect(told).toEqual(told.map(() => told[0]));
  });

  it('G2: shows what was said before it was opened, and while the stream was lost', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms;
    await world.result(ada.thread(root).send('before'));
    const theirs = bob.thread(root);
    await world.result(theirs.open());
    expect(textsOf(theirs)).toEqual(['before']);
    world.clientOf(bob).link.cut('told');
    await world.result(ada.thread(root).send('meanwhile'));
    await world.run(20_000);
    expect(textsOf(theirs)).toEqual(['before', 'meanwhile']);
    expect(repliesOf(bob, root)).toBe(2);
  });

  it('G2: finds a reply that was published before it was opened and stored after it was read', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms;
    const theirs = bob.thread(root);
    // Loads the code first.
    await world.result(theirs.open());
    theirs.close();
    await world.run(5000);
    world.clientOf(ada).link.fates = (rpc) => (rpc === 'ListPushFront' ? { thereMs: 1500 } : undefined);
    const sending = ada.thread(root).send('late');
    await world.run(900);
    await world.result(theirs.open());
    await world.result(sending);
    await world.run(5000);
    expect(textsOf(theirs)).toEqual(['late']);
  });

  it('counts for who joins later, and for who never opened it, from what is stored', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada] = rooms;
    for (const text of ['one', 'two', 'three']) await world.result(ada.thread(root).send(text));
    await world.run(10_000);
    const [late] = await joined('cyd');
    expect(late && repliesOf(late, root)).toBe(3);
  });

  it('counts for all what a device replied whose clock the server set right', async () => {
    world = inProcessWorld();
    const wrong = world.client({ skewMs: -600_000 });
    // The answer takes a fraction of a millisecond, as every answer does; so what is learned from it has one.
    const token = async (request: { rooms: readonly string[] }) => {
      await new Promise<void>((resolve) => world.time.after(20.7, resolve));
      return wrong.tokens.source(request);
    };
    const ada = wrong.room({ room: 'lobby', user: { id: 'ada', name: 'ada' }, token });
    const bob = open('bob', { skewMs: 60_000 });
    await world.join(ada, bob);
    // A reply to what a clock ahead of ours wrote comes after it.
    const { id: root } = await world.result(bob.send('root'));
    await world.run(1000);
    await world.result(ada.thread(root).send('reply'));
    await world.run(10_000);
    const late = open('carol');
    await world.join(late);
    expect([ada, bob, late].map((room) => repliesOf(room, root))).toEqual([1, 1, 1]);
  });

  it('is the same for a reply of a reply, and the same object while it is in use', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada] = rooms;
    const thread = ada.thread(root);
    const reply = await world.result(thread.send('one', { alsoInRoom: true }));
    expect(ada.thread(reply.id)).toBe(thread);
    expect(ada.thread(root)).toBe(thread);
    expect(thread.root?.text).toBe('root');
  });

  it('shows a reply in the room as well when asked to, and counts it once', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms;
    const reply = await world.result(ada.thread(root).send('for all', { alsoInRoom: true }));
    await world.run(10_000);
    expect(textsOf(bob)).toEqual(['root', 'for all']);
    expect(bob.messages[1]).toMatchObject({ id: reply.id, threadId: root });
    expect([repliesOf(ada, root), repliesOf(bob, root)]).toEqual([1, 1]);
    // A reply in the room leads to its thread, also for who has not opened it.
    const thread = bob.thread(reply.id);
    await world.result(thread.open());
    expect(textsOf(thread)).toEqual(['for all']);
    expect(thread.rootId).toBe(root);
  });

  it('counts a reply once whose answers were lost, so that it came and was stored twice', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms;
    await world.result(ada.thread(root).open());
    world.clientOf(ada).link.weather = { ...FAIR, loseResponse: 1 };
    const sending = ada.thread(root).send('twice');
    await world.run(7000);
    world.clientOf(ada).link.weather = FAIR;
    await world.result(sending);
    await world.run(20_000);
    expect(world.list(`lobby:thread:${root}`).length).toBeGreaterThan(1);
    expect([repliesOf(ada, root), repliesOf(bob, root)]).toEqual([1, 1]);
    const [late] = await joined('cyd');
    expect(late && repliesOf(late, root)).toBe(1);
  });

  it('converges when several reply at once: the summary that is stored holds them all', async () => {
    const { rooms, root } = await withRoot('ada', 'bob', 'cyd');
    await world.result(Promise.all(rooms.map((room) => room.thread(root).open())));
    // The first to know writes last: an older truth lands on the newer ones.
    for (const [index, room] of rooms.entries())
      world.clientOf(room).link.fates = (rpc) => ({
        thereMs: rpc === 'DictionarySet' ? 1500 - index * 700 : index * 200,
      });
    await world.result(Promise.all(rooms.map((room, index) => room.thread(root).send(`${index}`))));
    await world.run(30_000);
    expect(rooms.map((room) => repliesOf(room, root))).toEqual([3, 3, 3]);
    const [late] = await joined('dan');
    expect(late && repliesOf(late, root)).toBe(3);
  });

  it('counts what others wrote as unread until it is marked as read, own replies never', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms;
    await world.result(ada.thread(root).send('before'));
    const thread = bob.thread(root);
    await world.result(thread.open());
    expect(thread.read.unread.count).toBe(0);
    await world.result(ada.thread(root).send('one'));
    await world.result(thread.send('own'));
    await world.result(ada.thread(root).send('two'));
    await world.run(3000);
    expect(thread.read.unread).toMatchObject({ count: 2, capped: false });
    expect(bob.messages[0]?.thread?.unread).toBe(2);
    await world.result(thread.read.mark());
    expect(thread.read.unread.count).toBe(0);
    thread.close();
    await world.result(ada.thread(root).send('three'));
    await world.run(3000);
    expect(bob.messages[0]?.thread?.unread).toBe(1);
    await world.result(thread.open());
    expect(thread.read.unread.count).toBe(1);
  });

  it('shows the replies and the root that a reply quotes, and follows their edits and deletions', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms;
    const [ours, theirs] = [ada.thread(root), bob.thread(root)];
    await world.result(theirs.open());
    const first = await world.result(ours.send('first'));
    await world.result(ours.send('to the first', { replyTo: first.id }));
    await world.result(ours.send('to the root', { replyTo: root }));
    await world.run(1000);
    const quotes = (thread: typeof ours) => thread.messages.slice(1).map(({ replyTo }) => replyTo?.text);
    for (const thread of [ours, theirs]) expect(quotes(thread)).toEqual(['first', 'root']);
    await world.result(ours.edit(first.id, 'first, edited'));
    await world.result(ada.edit(root, 'root, edited'));
    await world.run(1000);
    for (const thread of [ours, theirs]) expect(quotes(thread)).toEqual(['first, edited', 'root, edited']);
    for (let index = 0; index < 4; index += 1) await world.result(ours.send('later'));
    const [late] = [open('late', { history: { pageSize: 6 } })];
    await world.join(late);
    await world.result(late.thread(root).open());
    await world.run(5000);
    const quoted = late.thread(root).messages.flatMap(({ replyTo }) => replyTo?.text ?? []);
    expect(quoted).toEqual(['first, edited', 'root, edited']);
    await world.result(ours.delete(first.id));
    await world.result(ada.delete(root));
    await world.run(1000);
    for (const thread of [ours, theirs]) expect(quotes(thread).slice(0, 2)).toEqual(['', '']);
    expect(JSON.stringify(late.thread(root).messages)).not.toContain('edited');
  });

  it('deletes a reply that the room is asked to delete', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms;
    const theirs = bob.thread(root);
    await world.result(theirs.open());
    const reply = await world.result(ada.thread(root).send('in the thread only'));
    await world.run(1000);
    await world.result(ada.delete(reply.id));
    await world.run(1000);
    expect(theirs.messages).toMatchObject([{ text: '', deletedBy: 'ada' }]);
    expect(world.list(`lobby:thread:${root}`)).toEqual([]);
  });

  it('deletes for all a failed reply that was published but not stored', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms;
    const [ours, theirs] = [ada.thread(root), bob.thread(root)];
    await world.result(Promise.all([ours.open(), theirs.open()]));
    const { link } = world.clientOf(ada);
    link.fates = (rpc) => (rpc === 'ListPushFront' ? { outcome: 'refused' } : undefined);
    await expect(world.result(ours.send('half'))).rejects.toMatchObject({ code: 'server' });
    link.fates = undefined;
    await world.run(1000);
    expect(textsOf(theirs)).toEqual(['half']);
    await world.result(ours.delete(ours.messages[0]?.id ?? ''));
    await world.run(1000);
    expect(textsOf(ours)).toEqual([]);
    expect(textsOf(theirs)).toEqual(['']);
  });

  it('counts a mention in a reply no more once an edit took it away', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms;
    const thread = bob.thread(root);
    await world.result(thread.open());
    const told: number[] = [];
    thread.on('read', ({ mentions }) => told.push(mentions));
    const reply = await world.result(ada.thread(root).send('you there?', { mentions: ['bob'] }));
    await world.run(1000);
    expect(thread.read.unread).toMatchObject({ count: 1, mentions: 1 });
    await world.result(ada.thread(root).edit(reply.id, 'anybody there?', { mentions: [] }));
    await world.run(1000);
    expect(thread.read.unread).toMatchObject({ count: 1, mentions: 0 });
    expect(told).toEqual([1, 0]);
  });

  it('marks no further than the newest reply that is shown, and nothing for what is no id', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms;
    const thread = bob.thread(root);
    await world.result(thread.open());
    await expect(world.result(thread.read.mark('zzz'))).rejects.toMatchObject({ code: 'invalid-argument' });
    await world.result(thread.read.mark('ffffffff-ffff-7fff-bfff-ffffffffffff'));
    await world.result(ada.thread(root).send('new'));
    await world.run(1000);
    expect(thread.read.unread.count).toBe(1);
  });

  it('G5: sends no reply that was asked for as the room was left, now or after the next join', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms;
    const thread = ada.thread(root);
    const sending = thread.send('too late');
    const refused = expect(world.result(sending)).rejects.toMatchObject({ code: 'not-joined' });
    await world.result(ada.leave());
    await refused;
    await world.join(ada);
    await world.run(5000);
    expect(textsOf(thread)).toEqual([]);
    expect(repliesOf(bob, root)).toBeUndefined();
  });

  it('G5: leaves nothing behind in the join when it is closed, however often it is opened', async () => {
    const { rooms, root } = await withRoot('ada');
    const thread = rooms[0].thread(root);
    await world.result(thread.open());
    thread.close();
    const held = new Map<AbortSignal, number>();
    const note = (signal: AbortSignal, by: number) => held.set(signal, (held.get(signal) ?? 0) + by);
    const { addEventListener, removeEventListener } = AbortSignal.prototype;
    const adds = vi.spyOn(AbortSignal.prototype, 'addEventListener');
    adds.mockImplementation(function (this: AbortSignal, ...args: Parameters<typeof addEventListener>) {
      note(this, 1);
      addEventListener.apply(this, args);
    });
    const removes = vi.spyOn(AbortSignal.prototype, 'removeEventListener');
    removes.mockImplementation(function (this: AbortSignal, ...args: Parameters<typeof removeEventListener>) {
      note(this, -1);
      removeEventListener.apply(this, args);
    });
    for (let round = 0; round < 5; round += 1) {
      await world.result(thread.open());
      thread.close();
    }
    await world.run(10_000);
    for (const spy of [adds, removes]) spy.mockRestore();
    const left = [...held].filter(([signal, count]) => !signal.aborted && count > 0);
    expect(left.map(([, count]) => count)).toEqual([]);
  });

  it('goes on after leave() and join()', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms;
    const thread = bob.thread(root);
    await world.result(thread.open());
    await world.result(bob.leave());
    await expect(thread.send('not now')).rejects.toMatchObject({ code: 'not-joined' });
    await world.result(ada.thread(root).send('meanwhile'));
    await world.join(bob);
    await world.run(5000);
    expect(textsOf(thread)).toEqual(['meanwhile']);
  });

  it('that is opened while the room is being joined again is read, though that takes longer than the join', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms;
    await world.result(ada.thread(root).send('reply'));
    const other = await world.result(ada.send('another root'));
    await world.result(bob.thread(other.id).open());
    await world.result(bob.leave());
    const { link } = world.clientOf(bob);
    link.fates = (rpc) => (rpc === 'ListFetch' ? { thereMs: 0, backMs: 1000 } : undefined);
    const joining = bob.join();
    await world.run(900);
    const thread = bob.thread(root);
    const opening = thread.open();
    await world.result(joining);
    await world.result(opening);
    expect(textsOf(thread)).toEqual(['reply']);
  });

  it('refuses what does not fit an event, before anything is sent', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms;
    const thread = ada.thread(root);
    await expect(world.result(thread.send('x'.repeat(3900), { alsoInRoom: true }))).rejects.toMatchObject({
      code: 'message-too-large',
    });
    await expect(world.result(thread.send(' '))).rejects.toMatchObject({ code: 'invalid-argument' });
    expect(() => ada.thread('root')).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    const room = world.list('lobby').length;
    expect(room).toBe(1);
    let longest = 3000;
    const fits = (length: number) =>
      world.result(thread.send('x'.repeat(length))).then(
        () => true,
        (error: { code: string }) => {
          expect(error.code).toBe('message-too-large');
          return false;
        },
      );
    while (await fits(longest + 16)) longest += 16;
    expect(longest).toBeGreaterThan(3500);
    await world.run(3000);
    expect(repliesOf(bob, root)).toBe(world.list(`lobby:thread:${root}`).length);
  });
});

describe('a reply', () => {
  it('is edited and deleted for all, and counts follow', async () => {
    const { rooms, root } = await withRoot('ada', 'bob', 'cyd');
    const [ada, bob, cyd] = rooms;
    const [ours, theirs] = [ada.thread(root), bob.thread(root)];
    await world.result(theirs.open());
    const first = await world.result(ours.send('frist'));
    const second = await world.result(ours.send('secret', { alsoInRoom: true }));
    await world.run(3000);
    await world.result(ours.edit(first.id, 'first'));
    await world.result(ours.delete(second.id));
    await world.run(10_000);
    expect(textsOf(theirs)).toEqual(['first', '']);
    expect(theirs.messages[0]?.editedAt).toBeInstanceOf(Date);
    expect(theirs.messages[1]?.deletedAt).toBeInstanceOf(Date);
    expect([ada, bob, cyd].map((room) => repliesOf(room, root))).toEqual([1, 1, 1]);
    expect(cyd.messages.some(({ text }) => text === 'secret')).toBe(false);
    expect(JSON.stringify([world.list('lobby'), world.list(`lobby:thread:${root}`)])).not.toContain('secret');
    const [late] = await joined('dan');
    expect(late && repliesOf(late, root)).toBe(1);
    const thread = late?.thread(root);
    await world.result(thread?.open() ?? Promise.reject());
    expect(
      thread?.messages.filter(({ deletedAt }) => deletedAt === undefined).map(({ text }) => text),
    ).toEqual(['first']);
  });

  it('is deleted in its thread too when the room deletes its copy, and a deleted root still opens its thread', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms;
    const { id } = await world.result(ada.thread(root).send('secret', { alsoInRoom: true }));
    await world.result(ada.thread(root).send('stays'));
    await world.run(3000);
    await world.result(bob.delete(id));
    await world.result(ada.delete(root));
    await world.run(10_000);
    expect(JSON.stringify([world.list('lobby'), world.list(`lobby:thread:${root}`)])).not.toContain('secret');
    expect([repliesOf(ada, root), repliesOf(bob, root)]).toEqual([1, 1]);
    expect(bob.messages[0]?.deletedAt).toBeInstanceOf(Date);
    const [late] = await joined('cyd');
    const thread = late?.thread(root);
    await world.result(thread?.open() ?? Promise.reject());
    expect(thread && textsOf(thread)).toContain('stays');
    expect(thread && textsOf(thread)).not.toContain('secret');
  });
});

describe('hostile members', () => {
  const other = '01890000-0000-7000-8000-000000000001';
  const valid = { v: 1, id: other, username: 'eve', message: 'x' };
  const mark = { v: 1, count: 5, lastAt: 0, who: [], newest: [], from: '' };

  it.each<[string, object]>([
    ['no root', { message: valid }],
    ['another root', { root: other, message: valid }],
    ['a root that is no id', { root: 'x', message: valid }],
    ['no message', { root: 'ROOT' }],
    ['a message that is none', { root: 'ROOT', message: { id: other } }],
    ['a message without an id', { root: 'ROOT', message: { username: 'eve', message: 'x' } }],
    ['a message that is an array', { root: 'ROOT', message: [valid] }],
    ['a mark of an absurd count', { root: 'ROOT', mark: { ...mark, count: 1e9, version: 'NEW' } }],
    ['a mark of a negative count', { root: 'ROOT', mark: { ...mark, count: -1, version: 'NEW' } }],
    [
      'a mark from the future',
      { root: 'ROOT', mark: { ...mark, version: 'fff00000-0000-7000-8000-000000000001' } },
    ],
    ['a mark without a version', { root: 'ROOT', mark }],
    [
      'a mark that names too many',
      { root: 'ROOT', mark: { ...mark, version: 'NEW', who: Array(50).fill({ name: 'x' }) } },
    ],
    ['the deletion of what was never there', { root: 'ROOT', deleted: other }],
    ['a prototype', { root: 'ROOT', __proto__: null, mark: { constructor: 1 } }],
  ])('change nothing with %s', async (_, data) => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms;
    const thread = bob.thread(root);
    await world.result(ada.thread(root).send('one'));
    await world.result(thread.open());
    await world.run(10_000);
    await publishEvent(root, data);
    await world.run(1000);
    expect(textsOf(thread)).toEqual(['one']);
    expect([repliesOf(ada, root), repliesOf(bob, root)]).toEqual([1, 1]);
    expect(bob.status).toBe('joined');
  });

  it.each([
    ['of a megabyte', JSON.stringify({ ...mark, version: other, pad: 'x'.repeat(100_000) })],
    ['that is no JSON', '{'],
    ['that is a number', '7'],
    ['of another shape', JSON.stringify({ ...mark, version: other, newest: 'x', who: 7 })],
  ])('change nothing with a stored mark %s, which a reply puts right', async (_, value) => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada] = rooms;
    await world.transport().call(dictionarySetFields, {
      cache: 'chat',
      dictionary: 'lobby:revisions',
      fields: new Map([[`${root}/thread`, value]]),
      ttlSeconds: 3600,
    });
    const [late] = await joined('cyd');
    expect(late && repliesOf(late, root)).toBeUndefined();
    await world.result(ada.thread(root).send('one'));
    await world.run(10_000);
    const [later] = await joined('dan');
    expect(later && repliesOf(later, root)).toBe(1);
  });

  it('are put right by whoever opens a thread whose stored summary lies', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms;
    await world.result(ada.thread(root).send('one'));
    await world.run(10_000);
    await publishEvent(root, { root: 'ROOT', mark: { ...mark, version: 'NEW' } });
    await world.run(1000);
    expect(repliesOf(bob, root)).toBe(5);
    await world.transport().call(dictionarySetFields, {
      cache: 'chat',
      dictionary: 'lobby:revisions',
      fields: new Map([[`${root}/thread`, JSON.stringify({ ...mark, version: root })]]),
      ttlSeconds: 3600,
    });
    await world.result(bob.thread(root).open());
    await world.run(10_000);
    expect([repliesOf(ada, root), repliesOf(bob, root)]).toEqual([1, 1]);
    const [late] = await joined('cyd');
    expect(late && repliesOf(late, root)).toBe(1);
  });

  it('cannot make a client grow or fail with thousands of events and a list of another kind', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [, bob] = rooms;
    const errors: string[] = [];
    const thread = bob.thread(root);
    thread.on('error', ({ code }) => errors.push(code));
    bob.on('error', ({ code }) => errors.push(code));
    await world.transport().call(itemSet, {
      cache: 'chat',
      key: `lobby:thread:${root}`,
      value: 'x',
      ttlSeconds: 3600,
    });
    await world.result(thread.open());
    for (let index = 0; index < 3000; index += 1) {
      const id = `01890000-0000-7000-8000-${index.toString(16).padStart(12, '0')}`;
      await publishEvent(root, { root: id, message: { ...valid, id } });
    }
    await world.run(10_000);
    expect(thread.messages).toEqual([]);
    expect(repliesOf(bob, root)).toBeUndefined();
    expect(errors.length).toBeLessThan(3);
    await expect(world.result(thread.send('no place'))).rejects.toMatchObject({ code: 'server' });
  });

  async function publishEvent(root: string, data: object): Promise<void> {
    const ids = new MessageIds(world.time);
    const text = JSON.stringify({ v: 1, id: ids.next(), type: 'thread', user: { name: 'eve' }, data });
    const value = text.replaceAll('"ROOT"', `"${root}"`).replaceAll('"NEW"', `"${ids.next()}"`);
    await world.transport().call(publish, { cache: 'chat', topic: 'lobby:events', value });
  }
});

it('a thread counts replies that came live also when an older page is loaded later', async () => {
  world = inProcessWorld();
  const history = { pageSize: 5 };
  const [ada, bob] = ['ada', 'bob'].map((name) =>
    world.room({ room: 'lobby', user: { id: name, name }, history }),
  );
  if (!ada || !bob) throw new Error();
  await world.join(ada, bob);
  const { id } = await world.result(ada.send('root'));
  const ours = ada.thread(id);
  await world.result(ours.open());
  for (let i = 0; i < 12; i += 1) await world.result(ours.send(`r${i}`));
  const theirs = bob.thread(id);
  await world.result(theirs.open());
  await world.run(20_000);
  await world.result(ours.send('live'));
  await world.run(15_000);
  while (theirs.hasOlder) await world.result(theirs.loadOlder(5));
  await world.result(theirs.send('last'));
  await world.run(2000);
  const counts = [ada, bob].map((room) => room.messages[0]?.thread?.replyCount);
  ours.close();
  theirs.close();
  expect(counts).toEqual([14, 14]);
});
