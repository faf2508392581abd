import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeMark, unreadOf } from '../../src/features/read-state.js';
import type { ChatRoom } from '../../src/lite-room.js';
import type { Message } from '../../src/messages/message.js';
import { MessageIds } from '../../src/messages/message-id.js';
import type { ChatRoomOptions } from '../../src/room/options.js';
import {
  dictionaryFetch,
  dictionaryGetFields,
  dictionarySetFields,
} from '../../src/transport/operations/dictionaries.js';
import { publish } from '../../src/transport/operations/topics.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import { VirtualTime } from '../support/virtual-time.js';
import '../../src/features/read.js';

const READ = { cache: 'chat', dictionary: 'lobby:read' };

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

function room(name: string, withId = true, options: Partial<ChatRoomOptions> = {}): ChatRoom {
  const user = withId ? { id: name, name } : { name };
  const made = world.room({ room: 'lobby', user, ...options });
  made.on('read', () => {});
  return made;
}

async function open(name: string, withId = true): Promise<ChatRoom> {
  const made = room(name, withId);
  await world.join(made);
  await world.run(2000);
  return made;
}

async function say(who: ChatRoom, text: string, mentions: string[] = []): Promise<string> {
  const { id } = await world.result(who.send(text, { mentions }));
  await world.run(500);
  return id;
}

const mark = async (who: ChatRoom, id?: string) => {
  await world.result(who.read.mark(id));
  await world.run(1500);
};
const writes = () => world.calls.DictionarySet ?? 0;
const stored = () => world.result(world.transport().call(dictionaryFetch, READ));

describe('read', () => {
  it('at a first visit nothing is unread, however the loading of its code falls into the join', async () => {
    const bob = await open('bob');
    await say(bob, 'before anybody else came');
    const ada = world.room({ room: 'lobby', user: { id: 'ada', name: 'Ada' } });
    const { link } = world.clientOf(ada);
    // The state of the first page comes late, and the feature is started meanwhile.
    link.fates = (rpc) => (rpc === 'DictionaryGet' ? { backMs: 3000 } : undefined);
    const joining = ada.join();
    await world.run(1000);
    expect(ada.status).toBe('joining');
    const before = ada.read.unread;
    ada.on('read', () => {});
    await expect.poll(() => ada.read.unread).not.toBe(before);
    await world.run(1000);
    await world.result(joining);
    await world.run(2000);
    expect(ada.read.unread).toEqual({ count: 0, mentions: 0, capped: false });
  });

  it('counts messages of others and mentions after the marker, and clears them on all devices', async () => {
    const [ada, tab, bob] = [await open('ada'), await open('ada'), await open('bob')];
    const first = await say(bob, 'one');
    await say(bob, 'two', ['ada']);
    await say(ada, 'own');
    expect(ada.read.unread).toEqual({ count: 2, mentions: 1, firstId: first, capped: false });
    expect(tab.read.unread.count).toBe(2);
    expect(bob.read.unread.count).toBe(1);
    await mark(ada);
    for (const each of [ada, tab]) expect(each.read.unread).toEqual({ count: 0, mentions: 0, capped: false });
    const reloaded = await open('ada');
    expect(reloaded.read.unread.count).toBe(0);
    await say(bob, 'three');
    expect((await open('ada')).read.unread.count).toBe(1);
  });

  it('a first visit has nothing unread, and is no receipt', async () => {
    const bob = await open('bob');
    for (const text of ['1', '2', '3']) await say(bob, text);
    const ada = await open('ada');
    expect(ada.read.unread.count).toBe(0);
    expect(bob.read.receipts.size).toBe(0);
    await say(bob, 'after it');
    expect((await open('ada')).read.unread.count, 'after a reload').toBe(1);
  });

  it('who was in the empty room has all that follows unread', async () => {
    const ada = await open('ada');
    await world.result(ada.leave());
    await say(await open('bob'), 'hello');
    expect((await open('ada')).read.unread.count).toBe(1);
  });

  it('a look at it is enough, however late', async () => {
    const ada = world.room({ room: 'lobby', user: { id: 'ada', name: 'ada' } });
    await world.join(ada);
    await say(await open('bob'), 'hello');
    expect(ada.read.unread.count).toBe(0);
    await world.run(2000);
    expect(ada.read.unread.count).toBe(1);
  });

  it('receipts go forward only; markUnread takes back what is unread, and no receipt', async () => {
    const [ada, bob] = [await open('ada'), await open('bob')];
    const one = await say(bob, 'one');
    const two = await say(bob, 'two');
    await mark(ada);
    expect(bob.read.receipts.get('ada')).toBe(two);
    expect(bob.read.everyoneReadUpTo).toBe(two);
    await mark(ada, one);
    expect(ada.read.unread.count).toBe(0);
    await world.result(ada.read.markUnread(two));
    await world.run(1500);
    expect(ada.read.unread).toMatchObject({ count: 1, firstId: two });
    expect((await open('ada')).read.unread.count).toBe(1);
    for (const who of [bob, await open('carl')]) expect(who.read.receipts.get('ada')).toBe(two);
    await mark(ada);
    expect(ada.read.unread.count).toBe(0);
    expect((await open('ada')).read.unread.count).toBe(0);
  });

  it('a hidden page sends nothing, and marks what it was told to when it is seen', async () => {
    const [ada, bob] = [await open('ada'), await open('bob')];
    const { page } = world.clientOf(ada);
    page.becomes('hidden');
    const one = await say(bob, 'one');
    await mark(ada);
    await say(bob, 'two');
    await world.run(60_000);
    expect(bob.read.receipts.has('ada')).toBe(false);
    expect(ada.read.unread.count).toBe(2);
    page.becomes('visible');
    await world.run(1500);
    expect(bob.read.receipts.get('ada')).toBe(one);
    expect(ada.read.unread.count).toBe(1);
  });

  it.each([
    ['hidden', 'visible'],
    ['hidden', 'hidden'],
    ['deleted', 'visible'],
  ] as const)(
    'mark() leaves nothing unread, and is no receipt, where all that is in memory is %s (page: %s)',
    async (what, page) => {
      const [ada, bob, eve] = [await open('ada'), await open('bob'), await open('eve')];
      const one = await say(bob, 'one');
      await mark(ada);
      await world.result(ada.leave());
      const spam: string[] = [];
      for (let index = 0; index < 8; index += 1) spam.push(await say(eve, `${index}`));
      const again = room('ada', true, { history: { pageSize: 5 } });
      if (what === 'hidden') again.hide('eve');
      world.clientOf(again).page.becomes(page);
      await world.join(again);
      for (const id of what === 'deleted' ? spam : []) await world.result(eve.delete(id));
      await world.run(2000);
      expect(again.read.unread).toEqual({ count: 0, mentions: 0, capped: true });
      await mark(again);
      world.clientOf(again).page.becomes('visible');
      await world.run(5000);
      expect(again.read.unread).toEqual({ count: 0, mentions: 0, capped: false });
      expect([eve, bob].map(({ read }) => read.receipts.get('ada'))).toEqual([one, one]);
    },
  );

  it('what a hidden page was told to mark is no receipt, where all was hidden then', async () => {
    const [ada, bob, eve] = [await open('ada'), await open('bob'), await open('eve')];
    const one = await say(bob, 'one');
    await mark(ada);
    await world.result(ada.leave());
    for (let index = 0; index < 8; index += 1) await say(eve, `${index}`);
    const again = room('ada', true, { history: { pageSize: 5 } });
    again.hide('eve');
    world.clientOf(again).page.becomes('hidden');
    await world.join(again);
    await mark(again);
    const two = await say(bob, 'two');
    world.clientOf(again).page.becomes('visible');
    await world.run(5000);
    expect(bob.read.receipts.get('ada')).toBe(one);
    expect(again.read.unread).toMatchObject({ count: 1, firstId: two });
  });

  it('mark() leaves unread what comes before an own message that is being sent', async () => {
    const [ada, bob] = [await open('ada'), await open('bob')];
    const lag = (who: ChatRoom, thereMs: number) => {
      world.clientOf(who).link.fates = (rpc) => (/Publish|List/.test(rpc) ? { thereMs } : undefined);
    };
    lag(bob, 1500);
    lag(ada, 4000);
    const before = bob.send('before');
    await world.run(100);
    const sending = ada.send('own');
    await world.run(100);
    expect(ada.messages.map(({ text }) => text)).toEqual(['own']);
    await world.result(ada.read.mark());
    const { id } = await world.result(before);
    await world.run(500);
    expect(ada.messages.map(({ status }) => status)).toEqual(['sent', 'sending']);
    expect(ada.read.unread).toMatchObject({ count: 1, firstId: id });
    await world.result(sending);
  });

  it('stores once a second at most, the newest last, and nothing when nothing changes', async () => {
    const [ada, bob] = [await open('ada'), await open('bob')];
    const before = writes();
    let last = '';
    for (let index = 0; index < 20; index += 1) {
      last = await say(bob, `${index}`);
      void ada.read.mark();
      void ada.read.mark();
    }
    await world.run(3000);
    expect(writes() - before).toBeLessThanOrEqual(14);
    expect(bob.read.receipts.get('ada')).toBe(last);
    const after = writes();
    await mark(ada);
    await mark(bob, last);
    await world.run(5000);
    expect(writes() - after, "bob's own first mark").toBe(1);
  });

  it('what waits for its turn is stored at leave()', async () => {
    const [ada, bob] = [await open('ada'), await open('bob')];
    await say(bob, 'one');
    void ada.read.mark();
    await say(bob, 'two');
    void ada.read.mark();
    await world.run(10);
    await world.result(ada.leave());
    expect((await open('ada')).read.unread.count).toBe(0);
  });

  it('a user without an id has a marker here, and tells nobody', async () => {
    const [ada, bob] = [await open('ada', false), await open('bob')];
    await say(bob, 'one');
    expect(ada.read.unread.count).toBe(1);
    const before = writes();
    await mark(ada);
    expect(ada.read.unread.count).toBe(0);
    expect(writes()).toBe(before);
  });

  it('G6: hostile marks are inert, and told of once', async () => {
    const errors: string[] = [];
    const ids = new MessageIds(world.time);
    const future = new MessageIds(world.time.skewed(9 * 86_400_000)).next();
    const bob = await open('bob');
    const fields = new Map<string, string>([
      ['ada', 'x'.repeat(1_000_000)],
      ['a', 'null'],
      ['b', '{"v":1,"id":"x","at":1}'],
      ['c', JSON.stringify({ v: 1, id: future, at: 1 })],
      ['d', JSON.stringify({ v: 1, id: ids.next(), at: 1, version: future })],
      ['__proto__', '{"v":1,"id":{},"at":1}'],
      ['x'.repeat(300), JSON.stringify({ v: 1, id: ids.next(), at: 1 })],
    ]);
    for (let index = 0; index < 1500; index += 1)
      fields.set(`u${index}`, JSON.stringify({ v: 1, id: ids.next(), at: 1 }));
    await world.result(world.transport().call(dictionarySetFields, { ...READ, fields, ttlSeconds: 600 }));
    const ada = room('ada');
    ada.on('error', ({ message }) => errors.push(message));
    await world.join(ada);
    await world.run(2000);
    expect(ada.read.receipts.size).toBeLessThanOrEqual(1000);
    expect(['a', 'b', 'c', 'd', '__proto__'].filter((id) => ada.read.receipts.has(id))).toEqual([]);
    const send = (user: object, data: object) => {
      const value = JSON.stringify({ v: 1, id: ids.next(), type: 'read', user, data });
      return world.result(world.transport().call(publish, { cache: 'chat', topic: 'lobby:events', value }));
    };
    for (const data of [{}, { id: 'x', at: 1 }, { id: future, at: 1 }, { id: ids.next(), at: 'x' }])
      await send({ id: 'u1', name: 'u1' }, data);
    await say(bob, 'one');
    expect(ada.read.unread.count).toBe(1);
    expect(errors).toHaveLength(1);
    await mark(ada);
    expect(decodeMark((await stored()).get('ada') ?? '', world.time.now())).toBeDefined();
  });
});

it('G6: read state that somebody bloats is not fetched to its end, is told of once, and own marks go on', async () => {
  const [ada, bob] = [await open('ada'), await open('bob')];
  await say(bob, 'one');
  await mark(ada);
  const bloat = new Map(Array.from({ length: 60 }, (_, index) => [`u${index}`, 'x'.repeat(50_000)]));
  await world.result(
    world.transport().call(dictionarySetFields, { ...READ, fields: bloat, ttlSeconds: 600 }),
  );
  const two = await say(bob, 'two');
  const tab = room('ada');
  const errors: string[] = [];
  tab.on('error', ({ code, message }) => code === 'server' && errors.push(message));
  await world.join(tab);
  await world.run(2000);
  expect(tab.read.unread, 'of the own marker').toMatchObject({ count: 1, firstId: two });
  for (let times = 0; times < 3; times += 1) {
    world.clientOf(tab).link.cut('told');
    await world.run(10_000);
  }
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(/^unable to read who has read what; the answer exceeds /);
  expect(world.clientOf(tab).link.calls.DictionaryFetch, 'not again in this join').toBe(1);
  await mark(bob);
  expect(tab.read.receipts.get('bob'), 'told live').toBe(two);
  await mark(tab);
  const own = await world.result(world.transport().call(dictionaryGetFields, { ...READ, fields: ['ada'] }));
  expect(own.get('ada')).toContain(two);
});

it('of a user without an id, where all marks cannot be read, none is asked for', async () => {
  const bloat = new Map(Array.from({ length: 60 }, (_, index) => [`u${index}`, 'x'.repeat(50_000)]));
  await world.result(
    world.transport().call(dictionarySetFields, { ...READ, fields: bloat, ttlSeconds: 600 }),
  );
  const ada = await open('ada', false);
  const { calls } = world.clientOf(ada).link;
  expect(calls).toMatchObject({ DictionaryFetch: 1 });
  expect(calls.DictionaryGet ?? 0).toBe(0);
});

describe('what is unread', () => {
  const ids = new MessageIds(new VirtualTime());
  const message = (changes: Partial<Message> = {}): Message => ({
    ...{ id: ids.next(), room: 'r', text: 't', user: { name: 'x' }, sentAt: new Date(0) },
    ...{ status: 'sent', own: false, reactions: [], mentionsMe: false },
    ...changes,
  });
  const before = ids.next();

  it.each<[string, Partial<Message>, number, number]>([
    ['a message of somebody else', {}, 1, 0],
    ['one that mentions the user', { mentionsMe: true }, 1, 1],
    ['an own one', { own: true }, 0, 0],
    ['a deleted one', { deletedAt: new Date(0), mentionsMe: true }, 0, 0],
    ['one that is not sent', { status: 'failed', own: true }, 0, 0],
    ['a reply of a thread that is shown in the room', { threadId: before }, 1, 0],
  ])('%s', (_, changes, count, mentions) => {
    expect(unreadOf([message(changes)], before, false, before)).toMatchObject({
      count,
      mentions,
      capped: false,
    });
  });

  it('is capped at 999, and where memory ends above the marker', () => {
    const many = Array.from({ length: 1200 }, () => message());
    const [oldest, second] = many.map(({ id }) => id);
    const few = many.slice(1, 9);
    expect(unreadOf(many, before, false, oldest)).toMatchObject({
      count: 999,
      capped: true,
      firstId: oldest,
    });
    expect(unreadOf(few, before, true, oldest)).toMatchObject({ count: 8, capped: true });
    expect(unreadOf(few, second ?? '', true, second)).toMatchObject({ count: 7, capped: false });
    expect(unreadOf([], second ?? '', true, oldest)).toMatchObject({ count: 0, capped: false });
  });
});

it('of a marker that may not be stored it is said so, whichever way it was to go', async () => {
  const ada = await open('ada');
  const id = await say(ada, 'hello');
  const bob = world.room({ room: 'lobby', user: { id: 'bob', name: 'bob' } });
  world.clientOf(bob).tokens.readOnly = true;
  await world.join(bob);
  await world.run(2000);
  const refused = {
    code: 'permission-denied',
    message: expect.stringMatching(/^unable to store the read marker; /),
  };
  await expect(world.result(bob.read.markUnread(id))).rejects.toMatchObject(refused);
  await expect(world.result(bob.read.mark(id))).rejects.toMatchObject(refused);
});
