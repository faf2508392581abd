import { afterEach, beforeEach, describe, expect, it } from 'vitest';
// Loaded ahead: virtual time stands still meanwhile.
import '../../src/features/files.js';
import '../../src/features/message-search.js';
import '../../src/features/pins.js';
import '../../src/features/presence.js';
import '../../src/features/reaction-writer.js';
import '../../src/features/read.js';
import '../../src/features/revision-writer.js';
import '../../src/features/signals.js';
import '../../src/features/typing.js';
import '../../src/room/threads.js';
import type { ChatRoom } from '../../src/lite-room.js';
import { itemKey } from '../../src/local/rpc/rpc.js';
import { idTime, MessageIds } from '../../src/messages/message-id.js';
import { ChatError } from '../../src/shared/errors.js';
import { dictionaryGetFields, dictionarySetFields } from '../../src/transport/operations/dictionaries.js';
import { itemSet } from '../../src/transport/operations/items.js';
import { listPushFront } from '../../src/transport/operations/lists.js';
import { setAdd } from '../../src/transport/operations/sets.js';
import { sortedSetPut } from '../../src/transport/operations/sorted-sets.js';
import { publish } from '../../src/transport/operations/topics.js';
import type { Transport } from '../../src/transport/transport.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

const ROOM = 'lobby';
const TTL = { cache: 'chat', ttlSeconds: 3600 };
const TWO_YEARS_MS = 2 * 365 * 86_400_000;
const MEGABYTE = 'x'.repeat(1_000_000);

let world: InProcessWorld;
let ids: MessageIds;
beforeEach(() => {
  world = inProcessWorld();
  ids = new MessageIds(world.time);
});
afterEach(() => world.end());

const call: Transport['call'] = (...args) => world.result(world.transport().call(...args));
const future = () => new MessageIds(world.time.skewed(TWO_YEARS_MS)).next();

/** Somebody in whose room every feature runs; `errors` are those that it was told of. */
function open(name: string): { room: ChatRoom; errors: string[] } {
  const room = world.room({ room: ROOM, user: { id: name, name } });
  const errors: string[] = [];
  room.on('error', ({ message }) => errors.push(message));
  for (const event of ['pins', 'presence', 'read', 'signal', 'typing'] as const) room.on(event, () => {});
  return { room, errors };
}

async function withRoot(...people: { room: ChatRoom }[]): Promise<string> {
  await world.join(...people.map(({ room }) => room));
  const [first] = people;
  const root = await world.result((first as { room: ChatRoom }).room.send('root'));
  await world.run(1000);
  return root.id;
}

/** Whether everything works between the two of them. */
async function expectGoesOn(ada: ChatRoom, bob: ChatRoom): Promise<void> {
  const message = await world.result(bob.send('on we go'));
  await world.run(1000);
  await world.result(bob.edit(message.id, 'on we go!'));
  await world.result(ada.react(message.id, '🎉'));
  await world.result(ada.pin(message.id));
  await world.result(ada.presence.enter({ here: true }));
  await world.result(ada.read.mark(message.id));
  await world.result(bob.thread(message.id).send('reply'));
  ada.typing.keystroke();
  await world.run(5000);
  for (const room of [ada, bob]) {
    expect(room.status).toBe('joined');
    const shown = room.messages.find(({ id }) => id === message.id);
    expect(shown).toMatchObject({
      text: 'on we go!',
      reactions: [{ emoji: '🎉', count: 1, users: ['ada'] }],
    });
    expect(shown?.thread?.replyCount).toBe(1);
    expect(room.pinned.map(({ id }) => id)).toEqual([message.id]);
    expect(room.presence.members.map(({ userId }) => userId)).toEqual(['ada']);
  }
  expect(bob.read.receipts.get('ada')).toBe(message.id);
  expect(bob.typing.users.map(({ id }) => id)).toEqual(['ada']);
}

/** Values that stand where another is expected. */
const strange = (): unknown[] => [
  null,
  7,
  -1,
  1e300,
  true,
  '',
  '__proto__',
  'constructor',
  [],
  [[]],
  {},
  { toString: 1, length: 1e9 },
  'x'.repeat(3000),
  future(),
  // Of a message that does not exist.
  ids.next(),
];

/** Each event's data as it may be sent: of each property there is one after the other something strange. */
const EVENTS: Record<string, (root: string) => Record<string, unknown>> = {
  edit: (of) => ({ of, text: 'bad', meta: {}, mentions: [] }),
  delete: (of) => ({ of }),
  swept: (of) => ({ ids: [of] }),
  reaction: (id) => ({ id, emoji: '👍', on: true, rank: 0 }),
  typing: (thread) => ({ on: true, thread }),
  presence: () => ({ do: 'enter', c: ids.next(), s: world.time.now(), d: {}, e: world.time.now() + 60_000 }),
  read: (id) => ({ id, at: world.time.now(), version: '', read: id, scope: id }),
  pin: (of) => ({ of, off: true }),
  thread: (root) => ({
    root,
    message: { v: 1, id: ids.next(), username: 'eve', message: 'x' },
    mark: { v: 1, count: 1, lastAt: 0, who: [], newest: [], from: '', version: ids.next() },
    deleted: ids.next(),
  }),
  signal: () => ({ type: 'dice', data: {} }),
  'no such type': () => ({ any: 1 }),
};

describe('hostile events', () => {
  const say = (value: string) => call(publish, { cache: 'chat', topic: `${ROOM}:events`, value });

  it.each(Object.keys(EVENTS))(
    'of type %s cost one error for each kind of rubbish at most, and the room goes on',
    async (type) => {
      const [ada, bob] = [open('ada'), open('bob')];
      const root = await withRoot(ada, bob);
      const eve = { id: 'eve', name: 'eve' };
      const good = EVENTS[type]?.(root) ?? {};
      const payloads: object[] = [{}];
      for (const key of Object.keys(good)) {
        const { [key]: _, ...without } = good;
        // Everybody may send an event about a message that is there: the root is left alone.
        if (Object.values(without).includes(root)) continue;
        payloads.push(without);
        for (const value of strange()) payloads.push({ ...good, [key]: value });
      }
      const events: unknown[] = payloads.map((data) => ({ id: ids.next(), type, user: eve, data }));
      for (const value of strange()) {
        const data = { __proto__: null, constructor: value };
        events.push({ id: value, type, user: eve, data }, { id: ids.next(), type, user: eve, data: value });
        for (const user of [value, { name: value }, { id: value, name: 'eve' }])
          events.push({ id: ids.next(), type, user, data: {} });
      }
      for (const event of events) await say(JSON.stringify({ v: 1, ...(event as object) }));
      await say(
        `{"v":1,"id":"${ids.next()}","type":"${type}","user":{"name":"e"},"data":{"__proto__":{"of":1}}}`,
      );
      for (const value of ['{', 'null', '[]', MEGABYTE]) await say(value);
      // A claim to be present is believed for a lease. Where there are many, those who left are missed within a quarter of an hour.
      await world.run(type === 'presence' ? 16 * 60_000 : 70_000);
      // One for what is no event, and one for what is none of this type.
      for (const { errors } of [ada, bob]) expect(errors.length, errors.join('\n')).toBeLessThanOrEqual(2);
      expect(ada.room.messages.map(({ text }) => text)).toEqual(['root']);
      expect(({} as Record<string, unknown>).of).toBeUndefined();
      await expectGoesOn(ada.room, bob.room);
    },
  );

  it('with objects in the place of texts break no stream of who has edited and deleted', async () => {
    const [ada, bob] = [open('ada'), open('bob')];
    const id = await withRoot(ada, bob);
    await world.result(ada.room.edit(id, 'root'));
    await world.run(60_000);
    const subscriptions = world.calls.Subscribe;
    // Making a text of it throws.
    const evil = { toString: 1, valueOf: 1 };
    const user = { id: 'eve', name: 'eve' };
    for (const [type, data] of Object.entries({
      swept: { ids: [evil] },
      read: { id, at: world.time.now(), version: [evil], read: [evil] },
      presence: { do: 'timeout', c: [evil] },
      pin: { of: [evil], off: [evil] },
      typing: { on: true, thread: [evil] },
      thread: { root: id, mark: { count: 1, who: [evil], newest: [evil], gone: [evil] }, deleted: [evil] },
      edit: { of: id, text: 'x', meta: evil, mentions: [evil] },
      signal: { type: 'x', data: evil },
    }))
      await say(JSON.stringify({ v: 1, id: ids.next(), type, user, data }));
    await world.run(60_000);
    expect(world.calls.Subscribe).toBe(subscriptions);
    expect([...ada.errors, ...bob.errors]).toEqual([]);
    await expectGoesOn(ada.room, bob.room);
  });

  it('thousands of reactions of one user, and revisions of messages that do not exist, harm nobody', async () => {
    const [ada, bob] = [open('ada'), open('bob')];
    const id = await withRoot(ada, bob);
    const user = { id: 'eve', name: 'eve' };
    for (let index = 0; index < 2400; index += 1) {
      const data =
        index % 2 ? { id, emoji: `:${index}:`, on: true, rank: 63 } : { of: ids.next(), text: 'x' };
      const type = index % 2 ? 'reaction' : 'edit';
      void world
        .transport()
        .call(publish, {
          cache: 'chat',
          topic: `${ROOM}:events`,
          value: JSON.stringify({ v: 1, id: ids.next(), type, user, data }),
        })
        .catch(() => {});
    }
    await world.run(30_000);
    expect(ada.room.messages[0]?.reactions.length).toBeLessThanOrEqual(50);
    for (const { errors } of [ada, bob]) expect(errors.length).toBeLessThanOrEqual(1);
    await expectGoesOn(ada.room, bob.room);
  });
});

describe('hostile values in storage', () => {
  /** Texts that are no value of any feature. */
  const rubbish = (id: string): string[] => [
    '{',
    '"',
    MEGABYTE,
    '{"__proto__":{"of":1}}',
    ...strange().map((value) => JSON.stringify(value)),
    ...strange().flatMap((value) =>
      ['id', 'of', 'type', 'user', 'data', 'by', 'at', 'version', 'read', 'count', 'who', 'c', 'r', 'u'].map(
        (key) =>
          JSON.stringify({
            ...{ v: 1, id, of: id, type: 'edit', user: { name: 'eve' }, by: { name: 'eve' } },
            ...{ data: { of: ids.next(), text: 'bad' }, at: 1, c: id, r: id, u: { name: 'eve' }, s: 1 },
            [key]: value,
          }),
      ),
    ),
  ];

  const inDictionary = (dictionary: string) => async (root: string) => {
    const fields = new Map<string, string>();
    for (const value of rubbish(future())) fields.set(ids.next(), value);
    for (const field of ['__proto__', 'constructor', 'toString', 'x'.repeat(5000), future(), root])
      fields.set(
        field,
        JSON.stringify({ v: 1, id: future(), of: root, at: 1, by: { name: 'eve' }, user: {} }),
      );
    fields.set(`${root}/thread`, JSON.stringify({ v: 1, count: 1e9, version: future(), who: 7, newest: {} }));
    await call(dictionarySetFields, { ...TTL, dictionary: `${ROOM}:${dictionary}`, fields });
  };
  const inSortedSet =
    (set: string, element: (value: string, root: string) => string) => async (root: string) => {
      const elements = new Map<string, number>();
      const scores = [idTime(root), world.time.now() + 50_000, world.time.now() + TWO_YEARS_MS, 0, -1, 1e300];
      for (const [index, value] of rubbish(ids.next()).entries())
        elements.set(element(value, root), scores[index % scores.length] ?? 0);
      for (let index = 0; index < 3000; index += 1)
        elements.set(element(`:${index}: eve`, root), idTime(root) + 0.5);
      await call(sortedSetPut, { ...TTL, set: `${ROOM}:${set}`, elements });
    };

  const STORED: Record<string, (root: string) => Promise<void>> = {
    revisions: inDictionary('revisions'),
    pins: inDictionary('pins'),
    read: inDictionary('read'),
    reactions: inSortedSet('reactions', (value, root) => `${root} ${value}`),
    'reactions of no message': inSortedSet('reactions', (value) => value),
    presence: inSortedSet('presence', (value) => value),
    'the list of a thread': async (root) => {
      for (const value of rubbish(future()))
        await call(listPushFront, { ...TTL, list: `${ROOM}:thread:${root}`, value });
    },
  };

  it.each(Object.keys(STORED))('in %s cost one error at most, and the room goes on', async (key) => {
    const bob = open('bob');
    const root = await withRoot(bob);
    await STORED[key]?.(root);
    const ada = open('ada');
    await world.join(ada.room);
    const thread = ada.room.thread(root);
    await world.result(thread.open());
    await world.run(60_000);
    expect(ada.errors.length, ada.errors.join('\n')).toBeLessThanOrEqual(1);
    expect(ada.room.messages.filter(({ user }) => user.id === 'bob').map(({ text }) => text)).toEqual([
      'root',
    ]);
    await expectGoesOn(ada.room, bob.room);
    await world.result(thread.send('still'));
    expect(thread.messages.map(({ text }) => text)).toContain('still');
  });
});

describe('another kind under a key', () => {
  const KINDS: Record<string, (key: string) => Promise<unknown>> = {
    'a list': (list) => call(listPushFront, { ...TTL, list, value: 'x' }),
    'a dictionary': (dictionary) =>
      call(dictionarySetFields, { ...TTL, dictionary, fields: new Map([['x', 'x']]) }),
    'a sorted set': (set) => call(sortedSetPut, { ...TTL, set, elements: new Map([['x', 1]]) }),
    'a set': (set) => call(setAdd, { ...TTL, set, values: ['x'] }),
    'an item': (key) => call(itemSet, { ...TTL, key, value: 'x' }),
  };
  const KEYS: Record<string, string> = {
    revisions: 'a dictionary',
    pins: 'a dictionary',
    read: 'a dictionary',
    reactions: 'a sorted set',
    presence: 'a sorted set',
    thread: 'a list',
  };
  const cases = Object.entries(KEYS).flatMap(([key, right]) =>
    Object.keys(KINDS)
      .filter((kind) => kind !== right)
      .map((kind) => [key, kind] as const),
  );

  it.each(cases)(
    '%s: with %s there the room goes on without, and one error at most is told',
    async (key, kind) => {
      const bob = open('bob');
      const root = await withRoot(bob);
      if (key !== 'thread')
        world.engine.engine.caches.get('chat').delete(itemKey(Buffer.from(`${ROOM}:${key}`)));
      await KINDS[kind]?.(key === 'thread' ? `${ROOM}:thread:${root}` : `${ROOM}:${key}`);
      const ada = open('ada');
      await world.join(ada.room);
      await world.run(60_000);
      expect(ada.room.messages.map(({ text }) => text)).toEqual(['root']);
      const { room } = ada;
      const attempts = [
        room.react(root, '🎉'),
        room.pin(root),
        room.presence.enter(),
        room.read.mark(root),
        room.thread(root).open(),
        room.thread(root).send('reply'),
        room.delete(root),
      ].map((attempt) => attempt.catch((problem: unknown) => problem));
      const outcomes = await world.result(Promise.all(attempts));
      for (const outcome of outcomes.filter((one) => one instanceof Error))
        expect(outcome).toBeInstanceOf(ChatError);
      const { id } = await world.result(bob.room.send('on we go'));
      await world.run(2000);
      expect(room.messages.some((message) => message.id === id)).toBe(true);
      expect(room.status).toBe('joined');
      expect(ada.errors.length, ada.errors.join('\n')).toBeLessThanOrEqual(1);
    },
  );
});

it('hides no edit from those who are there by an event of somebody else that has its id', async () => {
  const [{ room: ada }, { room: bob }] = [open('ada'), open('bob')];
  const root = await withRoot({ room: ada }, { room: bob });
  world.clientOf(ada).link.fates = (rpc) => (rpc === 'Publish' ? { thereMs: 2000 } : undefined);
  const editing = ada.edit(root, 'edited');
  await world.run(500);
  // It is stored, and not told yet.
  const stored = await call(dictionaryGetFields, { ...TTL, dictionary: `${ROOM}:revisions`, fields: [root] });
  const { id } = JSON.parse(stored.get(root) ?? '{}');
  const noise = { v: 1, id, type: 'noise', user: { id: 'eve', name: 'eve' }, data: {} };
  world.publish(`${ROOM}:events`, JSON.stringify(noise));
  await world.result(editing);
  await world.run(5000);
  expect(bob.messages[0]?.text).toBe('edited');
});
