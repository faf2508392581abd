import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
// Loaded ahead: virtual time stands still meanwhile.
import '../../src/room/threads.js';
import '../../src/features/revision-writer.js';
import { tailOf } from '../../src/features/thread-mark.js';
import { MessageIds } from '../../src/messages/message-id.js';
import type { ChatThread } from '../../src/room/chat-thread.js';
import { dictionaryGetFields, dictionarySetFields } from '../../src/transport/operations/dictionaries.js';
import { publish } from '../../src/transport/operations/topics.js';
import { type InProcessWorld, inProcessWorld, type WorldRoomOptions } from '../support/in-process-rooms.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

const open = (name: string, options: Partial<WorldRoomOptions> = {}) =>
  world.room({ room: 'lobby', user: { id: name, name }, ...options });

/** They are in a room with one message, and have its thread open long enough for all looks at it to be over. */
async function opened(names: string[], options: Partial<WorldRoomOptions> = {}) {
  const rooms = names.map((name) => open(name, options));
  await world.join(...rooms);
  const { id: root } = await world.result((rooms[0] as ChatRoom).send('root'));
  await world.run(1000);
  const threads = rooms.map((room) => room.thread(root));
  for (const thread of threads) await world.result(thread.open());
  await world.run(30_000);
  return { rooms, threads, root } as {
    rooms: [ChatRoom, ChatRoom];
    threads: [ChatThread, ChatThread];
    root: string;
  };
}

const countIn = (room: ChatRoom, root: string) =>
  room.messages.find(({ id }) => id === root)?.thread?.replyCount ?? 0;

/** The count that is shown to whoever joins now. */
async function countOfNewcomer(root: string): Promise<number> {
  const room = open('newcomer');
  await world.join(room);
  return countIn(room, root);
}

const SUMMARY = { v: 1, lastAt: 0, who: [], newest: [], from: '' };

/** An id made so many milliseconds from now. */
const idIn = (ms: number) => new MessageIds(world.time.skewed(ms)).next();

/** Tells something of the thread in an event that was made a while ago. */
async function tell(root: string, data: object, ageMs = 0): Promise<void> {
  const user = { id: 'bob', name: 'bob' };
  const value = JSON.stringify({ v: 1, id: idIn(-ageMs), type: 'thread', user, data: { root, ...data } });
  await world.result(world.transport().call(publish, { cache: 'chat', topic: 'lobby:events', value }));
  await world.run(100);
}

const reply = (id: string) => ({ message: { v: 1, id, username: 'bob', message: 'x' } });

async function store(root: string, summary: object): Promise<void> {
  const fields = new Map([[`${root}/thread`, JSON.stringify(summary)]]);
  const input = { cache: 'chat', dictionary: 'lobby:revisions', fields, ttlSeconds: 3600 };
  await world.result(world.transport().call(dictionarySetFields, input));
}

async function stored(root: string): Promise<number | undefined> {
  const field = `${root}/thread`;
  const input = { cache: 'chat', dictionary: 'lobby:revisions', fields: [field] };
  const found = await world.result(world.transport().call(dictionaryGetFields, input));
  return found.has(field) ? (JSON.parse(found.get(field) ?? '') as { count: number }).count : undefined;
}

async function withRoot(...names: string[]): Promise<{ rooms: ChatRoom[]; root: string }> {
  const rooms = names.map((name) => open(name));
  await world.join(...rooms);
  const { id: root } = await world.result((rooms[0] as ChatRoom).send('root'));
  await world.run(1000);
  return { rooms, root };
}

/** A thread of twelve replies on pages of five, the newest stored twice; cyd comes later. */
async function storedTwice() {
  const { rooms, threads, root } = await opened(['ada', 'bob'], { history: { pageSize: 5 } });
  for (let n = 0; n < 12; n += 1) await world.result(threads[0].send('reply'));
  const list = `lobby:thread:${root}`;
  const [newest = '', ...others] = world.list(list);
  world.setList(list, [newest, newest, ...others]);
  await world.run(20_000);
  const cyd = open('cyd', { history: { pageSize: 5 } });
  await world.join(cyd);
  return { rooms, threads, root, list, newest, others, cyd };
}

describe('the summary of a thread', () => {
  it('takes a reply along no more that came late and was never stored, without any other reading', async () => {
    const { rooms, root } = await withRoot('ada');
    const [ada] = rooms as [ChatRoom];
    await tell(root, { mark: { ...SUMMARY, count: 3, version: idIn(0) } });
    await tell(root, reply(idIn(-5000)), 5000);
    expect(countIn(ada, root)).toBe(4);
    await world.run(20_000);
    expect(countIn(ada, root)).toBe(3);
  });

  it('of a message that is not in memory costs no call, though its replies come live', async () => {
    const { rooms } = await withRoot('ada');
    const { calls } = world.clientOf(rooms[0] as ChatRoom).link;
    const unknown = idIn(-100_000);
    await tell(unknown, { mark: { ...SUMMARY, count: 3, version: idIn(0) } });
    await tell(unknown, reply(idIn(-5000)), 5000);
    const before = calls.DictionaryGet;
    await world.run(60_000);
    expect(calls.DictionaryGet).toBe(before);
  });

  it('is without a reply that it names as deleted, though the event of that one is late', async () => {
    const { rooms, root } = await withRoot('ada');
    const [ada] = rooms as [ChatRoom];
    const id = idIn(-1000);
    await tell(root, { mark: { ...SUMMARY, count: 3, gone: [tailOf(id)], version: idIn(0) } });
    await tell(root, reply(id), 1000);
    expect(countIn(ada, root)).toBe(3);
  });

  it('counts a reply that is older than those it names, though the event of that one is late', async () => {
    const { rooms, root } = await withRoot('ada');
    const [ada] = rooms as [ChatRoom];
    const id = idIn(-1000);
    await tell(root, { mark: { ...SUMMARY, count: 30, from: idIn(-500), version: idIn(0) } });
    await tell(root, reply(id), 1000);
    expect(countIn(ada, root)).toBe(30);
  });

  it('that comes while an older one is read is not undone by that reading', async () => {
    const { rooms, root } = await withRoot('ada');
    const [ada] = rooms as [ChatRoom];
    const older = { ...SUMMARY, count: 1, version: idIn(0) };
    await store(root, older);
    await tell(root, { mark: older });
    const { link } = world.clientOf(ada);
    link.fates = (rpc) => (rpc === 'DictionaryGet' ? { thereMs: 0, backMs: 4000 } : undefined);
    link.cut('told');
    await world.run(3000);
    const newer = { ...SUMMARY, count: 2, version: idIn(0) };
    await store(root, newer);
    await tell(root, { mark: newer });
    const counts: number[] = [];
    ada.on('change', () => counts.push(countIn(ada, root)));
    await world.run(20_000);
    expect([...counts, countIn(ada, root)]).not.toContain(1);
    expect(countIn(ada, root)).toBe(2);
  });

  it('that could not be stored before the room was left is stored and told when it is joined again', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms as [ChatRoom, ChatRoom];
    const { link } = world.clientOf(ada);
    link.fates = (rpc) => (rpc === 'DictionarySet' ? { outcome: 'request-lost' } : undefined);
    const thread = ada.thread(root);
    await world.result(thread.send('reply'));
    await world.run(100);
    thread.close();
    await world.result(ada.leave());
    link.fates = undefined;
    await world.run(15_000);
    world.clientOf(bob).link.cut('told');
    await world.run(15_000);
    expect([await stored(root), countIn(bob, root)]).toEqual([undefined, 0]);
    await world.join(ada);
    await world.run(5000);
    expect([await stored(root), countIn(bob, root)]).toEqual([1, 1]);
  });

  it('is stored again when the first call was lost', async () => {
    const { rooms, threads, root } = await opened(['ada', 'bob']);
    let calls = 0;
    world.clientOf(rooms[0]).link.fates = (rpc) => {
      if (rpc !== 'DictionarySet') return undefined;
      calls += 1;
      return calls === 1 ? { outcome: 'request-lost', learnsAfterMs: 100 } : undefined;
    };
    await world.result(threads[0].send('reply'));
    await world.run(2000);
    expect(await stored(root)).toBe(1);
  });

  it('counts all that is stored, be it in memory or not', async () => {
    const { rooms, threads, root } = await opened(['ada', 'bob'], { history: { pageSize: 5 } });
    threads[1].close();
    for (let n = 0; n < 12; n += 1) await world.result(threads[0].send('reply'));
    await world.run(20_000);
    const again = rooms[1].thread(root);
    await world.result(again.open());
    expect(again.messages.length).toBeLessThan(12);
    await world.result(again.send('the thirteenth'));
    await world.run(500);
    expect([...rooms.map((room) => countIn(room, root)), await stored(root)]).toEqual([13, 13, 13]);
  });

  it('counts a reply once that is stored twice, as its push was repeated, also where not all are in memory', async () => {
    const { rooms, root, cyd } = await storedTwice();
    await world.result(cyd.thread(root).open());
    await world.run(20_000);
    expect([...rooms, cyd].map((room) => countIn(room, root))).toEqual([12, 12, 12]);
    await world.result(cyd.thread(root).send('the thirteenth'));
    await world.run(1000);
    expect([...rooms, cyd].map((room) => countIn(room, root))).toEqual([13, 13, 13]);
    expect(await stored(root)).toBe(13);
  });

  it('is compared with the length of the list where that is enough: it is not read to its end for each reply', async () => {
    const { rooms, threads, root } = await opened(['ada', 'bob'], { history: { pageSize: 5 } });
    for (let n = 0; n < 12; n += 1) await world.result(threads[0].send('reply'));
    const [cyd, dan] = [open('cyd', { history: { pageSize: 5 } }), open('dan', { history: { pageSize: 5 } })];
    await world.join(cyd, dan);
    for (const room of [cyd, dan]) await world.result(room.thread(root).open());
    await world.run(20_000);
    await world.result(cyd.thread(root).send('from who looks after it'));
    const { calls } = world.clientOf(cyd).link;
    const before = calls.ListFetch;
    await world.run(1000);
    await world.result(dan.thread(root).send('and from another'));
    await world.run(20_000);
    expect(calls.ListFetch).toBe(before);
    expect([...rooms, cyd, dan].map((room) => countIn(room, root))).toEqual([14, 14, 14, 14]);
    expect(await stored(root)).toBe(14);
  });

  it('counts a reply once whose push was repeated, as soon as its sender has looked, with all others silent', async () => {
    const { rooms, threads, root } = await opened(['ada', 'bob'], { history: { pageSize: 5 } });
    for (let n = 0; n < 12; n += 1) await world.result(threads[0].send('reply'));
    const cyd = open('cyd', { history: { pageSize: 5 } });
    await world.join(cyd);
    await world.result(cyd.thread(root).open());
    await world.run(20_000);
    let pushes = 0;
    world.clientOf(cyd).link.fates = (rpc) => {
      if (rpc !== 'ListPushFront') return undefined;
      pushes += 1;
      return pushes === 1 ? { outcome: 'answer-lost', learnsAfterMs: 1000 } : undefined;
    };
    await world.result(cyd.thread(root).send('the thirteenth'));
    await world.run(20_000);
    expect(world.list(`lobby:thread:${root}`)).toHaveLength(14);
    expect([...rooms, cyd].map((room) => countIn(room, root))).toEqual([13, 13, 13]);
    expect(await stored(root)).toBe(13);
  });

  it('counts right where a reply was stored twice, as who looks after it knows, and is so no more', async () => {
    const { rooms, threads, root, list, newest, others, cyd } = await storedTwice();
    const thread = cyd.thread(root);
    await world.result(thread.open());
    await world.run(20_000);
    world.setList(list, [newest, ...others]);
    await world.result(thread.send('the thirteenth'));
    await world.run(1000);
    await world.result(threads[0].send('the fourteenth'));
    await world.run(20_000);
    expect([...rooms, cyd].map((room) => countIn(room, root))).toEqual([14, 14, 14]);
    expect(await stored(root)).toBe(14);
  });

  it('replaces one that a clock ten minutes ahead made, and that everybody has read', async () => {
    const { rooms, threads, root } = await opened(['ada', 'bob', 'cyd']);
    world.clientOf(rooms[1]).clock.jump(600_000);
    await world.result(threads[1].send('from the clock ahead'));
    for (const { link } of world.clients) link.cut('told');
    await world.run(30_000);
    await world.result(threads[0].send('from the right one'));
    await world.run(1000);
    expect(rooms.map((room) => countIn(room, root))).toEqual([2, 2, 2]);
    expect(await countOfNewcomer(root)).toBe(2);
  });

  it('that lies with a version from a clock ahead is put right for those as well who read it', async () => {
    const { rooms, root } = await withRoot('ada', 'bob');
    const [ada, bob] = rooms as [ChatRoom, ChatRoom];
    await world.result(ada.thread(root).send('one'));
    await world.run(20_000);
    await store(root, { ...SUMMARY, count: 5, version: idIn(600_000) });
    const cyd = open('cyd');
    await world.join(cyd);
    expect(countIn(cyd, root)).toBe(5);
    await world.result(bob.thread(root).open());
    await world.run(10_000);
    expect([ada, bob, cyd].map((room) => countIn(room, root))).toEqual([1, 1, 1]);
  });

  it('that overtook another one in storage is put right by who wrote it', async () => {
    const { rooms, threads, root } = await opened(['ada', 'bob']);
    world.clientOf(rooms[0]).link.fates = (rpc) => (rpc === 'DictionarySet' ? { thereMs: 1500 } : undefined);
    await world.result(threads[0].send('one'));
    await world.run(100);
    await world.result(threads[1].send('two'));
    await world.run(500);
    expect(await stored(root)).toBe(2);
    await world.run(1500);
    expect(await stored(root)).toBe(1);
    world.clientOf(rooms[0]).link.fates = undefined;
    await world.run(20_000);
    expect(await stored(root)).toBe(2);
  });

  it('counts a reply that was published first and stored long after', async () => {
    const { rooms, threads, root } = await opened(['ada', 'bob'], { retry: { maxAttempts: 100 } });
    const { link } = world.clientOf(rooms[0]);
    link.fates = (rpc) =>
      rpc === 'ListPushFront' ? { outcome: 'request-lost', learnsAfterMs: 100 } : undefined;
    const sending = threads[0].send('one');
    await world.run(15_000);
    // Now it is taken for one that will never be stored.
    world.clientOf(rooms[1]).link.cut('told');
    await world.run(15_000);
    link.fates = undefined;
    await world.result(sending);
    await world.run(10_000);
    threads[0].close();
    world.clientOf(rooms[1]).link.cut('told');
    await world.run(15_000);
    await world.result(threads[1].send('two'));
    await world.run(1000);
    expect(await stored(root)).toBe(2);
  });

  it('is without a deleted reply as soon as delete() resolves', async () => {
    const { rooms, threads, root } = await opened(['ada', 'bob']);
    const cyd = open('cyd');
    await world.join(cyd);
    const { id } = await world.result(threads[0].send('one'));
    await world.run(30_000);
    await world.result(threads[0].delete(id));
    await world.run(100);
    expect([...rooms, cyd].map((room) => countIn(room, root))).toEqual([0, 0, 0]);
    expect(await stored(root)).toBe(0);
  });
});

describe('an open thread', () => {
  it('G2: finds the replies, and the changes of replies, whose events are lost for good', async () => {
    const { rooms, threads } = await opened(['ada', 'bob']);
    const { id } = await world.result(threads[0].send('frist'));
    await world.run(30_000);
    world.clientOf(rooms[1]).link.goOffline(5000);
    await world.result(threads[0].edit(id, 'first'));
    await world.result(threads[0].send('second'));
    // Nothing of it is replayed to who comes back.
    world.engine.faults.resetTopic();
    await world.run(60_000);
    expect(threads[1].messages.map(({ text }) => text)).toEqual(['first', 'second']);
  });

  it('counts a reply of others that was deleted as unread no more', async () => {
    const { threads } = await opened(['ada', 'bob']);
    const { id } = await world.result(threads[0].send('one'));
    await world.result(threads[0].send('two'));
    await world.run(1000);
    expect(threads[1].read.unread.count).toBe(2);
    await world.result(threads[0].delete(id));
    await world.run(1000);
    expect(threads[1].read.unread.count).toBe(1);
  });
});

it('a thread that was closed counts the replies of others as unread, and own ones of another device never', async () => {
  const { rooms, threads, root } = await opened(['ada', 'bob']);
  const device = open('bob');
  await world.join(device);
  threads[1].close();
  await world.result(device.thread(root).send('own'));
  await world.result(threads[0].send('of others'));
  await world.run(1000);
  expect(rooms[1].messages[0]?.thread?.unread).toBe(1);
});

describe('what becomes of a reply that fails', () => {
  const GIVING_UP = { retry: { timeoutMs: 3000 } };
  type Link = ReturnType<InProcessWorld['clientOf']>['link'];

  /** Ada's reply fails while `fates` are hers; then all goes well again. */
  async function failing(fates: NonNullable<Link['fates']>) {
    const { rooms, threads, root } = await opened(['ada', 'bob'], GIVING_UP);
    const { link } = world.clientOf(rooms[0]);
    link.fates = fates;
    const sending = threads[0].send('reply');
    await expect(world.result(sending)).rejects.toMatchObject({ code: 'timeout' });
    link.fates = undefined;
    return { rooms, threads, root };
  }

  it('one that others heard and that is not stored is counted by nobody', async () => {
    const { rooms, root } = await failing((rpc) =>
      rpc === 'ListPushFront' ? { outcome: 'request-lost' } : undefined,
    );
    expect(countIn(rooms[1], root)).toBe(1);
    await world.run(60_000);
    expect(rooms.map((room) => countIn(room, root))).toEqual([0, 0]);
    expect(await countOfNewcomer(root)).toBe(0);
  });

  it('one that nobody heard makes no thread of a message', async () => {
    const { rooms, root } = await failing((rpc) =>
      rpc === 'ListPushFront' || rpc === 'Publish' ? { outcome: 'request-lost' } : undefined,
    );
    await world.run(60_000);
    for (const room of rooms) expect(room.messages.find(({ id }) => id === root)?.thread).toBeUndefined();
  });

  it('one that fails while others are told of one before is looked after as well', async () => {
    const { rooms, threads, root } = await failing((rpc) =>
      rpc === 'ListPushFront' ? { outcome: 'request-lost' } : undefined,
    );
    const { link } = world.clientOf(rooms[0]);
    await world.run(9000);
    // Telling of the first takes so long that the second fails meanwhile.
    link.fates = (rpc) =>
      rpc === 'ListPushFront'
        ? { outcome: 'request-lost' }
        : rpc === 'Publish'
          ? { thereMs: 2500 }
          : undefined;
    await expect(world.result(threads[0].send('another'))).rejects.toMatchObject({ retryable: true });
    link.fates = undefined;
    await world.run(60_000);
    expect(rooms.map((room) => countIn(room, root))).toEqual([0, 0]);
  });

  it('one that is stored all the same is counted by all, and in the mark', async () => {
    const { rooms, root } = await failing((rpc) =>
      rpc === 'ListPushFront' ? { outcome: 'answer-lost' } : undefined,
    );
    await world.run(60_000);
    expect(await stored(root)).toBe(1);
    expect(rooms.map((room) => countIn(room, root))).toEqual([1, 1]);
    expect(await countOfNewcomer(root)).toBe(1);
  });

  it('one that is sent again is in the mark', async () => {
    const { threads, rooms, root } = await failing((rpc) =>
      rpc === 'ListPushFront' || rpc === 'Publish' ? { outcome: 'request-lost' } : undefined,
    );
    const failed = threads[0].messages.at(-1);
    await world.result(threads[0].retry(failed?.id ?? ''));
    await world.run(500);
    expect(await stored(root)).toBe(1);
    expect(rooms.map((room) => countIn(room, root))).toEqual([1, 1]);
  });
});

it('a mark that nobody could be told of is told in a while', async () => {
  const { rooms, threads, root } = await opened(['ada', 'bob'], { retry: { timeoutMs: 3000 } });
  const { link } = world.clientOf(rooms[0]);
  link.fates = (rpc) => (rpc === 'DictionarySet' ? { thereMs: 3000 } : undefined);
  await world.result(threads[0].send('reply'));
  // Who joins now has not heard the reply, and finds no mark.
  const cyd = open('cyd');
  await world.join(cyd);
  link.fates = (rpc) => (rpc === 'Publish' ? { outcome: 'request-lost' } : undefined);
  await world.run(120_000);
  expect([await stored(root), countIn(cyd, root)]).toEqual([1, 0]);
  link.fates = undefined;
  await world.run(60_000);
  expect(countIn(cyd, root)).toBe(1);
});

it('participants whose name is long show no half of a character', async () => {
  const ada = world.room({ room: 'lobby', user: { id: 'ada', name: `${'a'.repeat(63)}😀` } });
  await world.join(ada);
  const { id: root } = await world.result(ada.send('root'));
  await world.result(ada.thread(root).send('reply'));
  await world.run(1000);
  expect(ada.messages[0]?.thread?.participants).toEqual([{ id: 'ada', name: 'a'.repeat(63) }]);
});

it('a reply that is stored late counts also for who read the thread before that', async () => {
  const { rooms, threads, root } = await opened(['ada', 'bob'], { retry: { timeoutMs: 3000 } });
  const { link } = world.clientOf(rooms[0]);
  link.fates = (rpc) =>
    rpc === 'ListPushFront' ? { outcome: 'request-lost', learnsAfterMs: 100 } : undefined;
  await expect(world.result(threads[0].send('reply'))).rejects.toMatchObject({ retryable: true });
  link.fates = undefined;
  await world.run(12_000);
  // Bob's thread is read again.
  world.clientOf(rooms[1]).link.cut('told');
  await world.run(30_000);
  await world.result(threads[0].retry(threads[0].messages.at(-1)?.id ?? ''));
  await world.run(15_000);
  await world.result(threads[1].send('answer'));
  await world.run(60_000);
  expect([await stored(root), ...rooms.map((room) => countIn(room, root))]).toEqual([2, 2, 2]);
});
