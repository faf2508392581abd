import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import '../../src/features/reaction-writer.js';
import type { ChatRoom } from '../../src/lite-room.js';
import { encodeMessage } from '../../src/messages/codec.js';
import { idTime, MessageIds } from '../../src/messages/message-id.js';
import { listPushFront } from '../../src/transport/operations/lists.js';
import { sortedSetFetchByRank, sortedSetPut } from '../../src/transport/operations/sorted-sets.js';
import { publish } from '../../src/transport/operations/topics.js';
import type { Transport } from '../../src/transport/transport.js';
import { type InProcessWorld, inProcessWorld, type WorldRoomOptions } from '../support/in-process-rooms.js';

let world: InProcessWorld;
const once = { signal: new AbortController().signal };
const SET = { cache: 'chat', set: 'lobby:reactions' };

beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

const open = (name: string, options: Partial<WorldRoomOptions> = {}) =>
  world.room({ room: 'lobby', user: { id: name, name }, ...options });

async function joined(...names: string[]): Promise<ChatRoom[]> {
  const rooms = names.map((name) => open(name));
  await world.join(...rooms);
  return rooms;
}

/** Two rooms and a message in both. */
async function pair(): Promise<[ada: ChatRoom, bob: ChatRoom, id: string]> {
  const [ada, bob] = (await joined('ada', 'bob')) as [ChatRoom, ChatRoom];
  const { id } = await world.result(ada.send('hello'));
  await world.run(1000);
  return [ada, bob, id];
}

const reactionsIn = (room: ChatRoom, id: string) =>
  room.messages.find((message) => message.id === id)?.reactions ?? [];
/** Such as `👍2!`: the emoji, how many, and whether one's own. */
const shown = (room: ChatRoom, id: string) =>
  reactionsIn(room, id)
    .map(({ emoji, count, mine }) => `${emoji}${count}${mine ? '!' : ''}`)
    .join(' ');
const call: Transport['call'] = (...args) => world.result(world.transport().call(...args));
const stored = async () => (await call(sortedSetFetchByRank, SET, once)).map(({ value }) => value);
const put = (value: string, score: number) =>
  call(sortedSetPut, { ...SET, elements: new Map([[value, score]]), ttlSeconds: 3600 }, once);
const say = (event: object) =>
  call(publish, { cache: 'chat', topic: 'lobby:events', value: JSON.stringify({ v: 1, ...event }) }, once);
const event = (id: string, user: object, data: object) =>
  say({ id, type: 'reaction', user: { name: 'x', ...user }, data });

describe('a reaction', () => {
  it('shows at once as mine, comes to others, and is there after a reload', async () => {
    const [ada, bob, id] = await pair();
    const reacting = ada.react(id, '👍');
    await world.run(0);
    expect(shown(ada, id)).toBe('👍1!');
    await world.result(reacting);
    await world.run(1000);
    expect(shown(bob, id)).toBe('👍1');
    await world.result(bob.react(id, '👍'));
    await world.run(1000);
    expect(shown(ada, id)).toBe('👍2!');
    expect(reactionsIn(ada, id)[0]).toEqual({
      emoji: '👍',
      count: 2,
      mine: true,
      users: ['ada', 'bob'],
      clipped: false,
    });
    const [again] = (await joined('ada')) as [ChatRoom];
    expect(shown(again, id)).toBe('👍2!');
    await world.result(again.unreact(id, '👍'));
    await world.run(1000);
    expect([shown(ada, id), shown(bob, id), shown(again, id)]).toEqual(['👍1', '👍1!', '👍1']);
    expect(await stored()).toEqual([`${id} 👍 =bob`]);
  });

  it('costs one call and one publish, and a page costs one range read', async () => {
    const [ada, , id] = await pair();
    const { SortedSetPut = 0, Publish = 0, SortedSetFetch = 0 } = world.calls;
    await world.result(ada.react(id, '👍'));
    expect(world.calls).toMatchObject({ SortedSetPut: SortedSetPut + 1, Publish: Publish + 1 });
    await joined('cy');
    expect(world.calls.SortedSetFetch).toBe(SortedSetFetch + 1);
  });

  it('done and undone at once costs nothing; of many changes in a row the last one counts', async () => {
    const [ada, bob, id] = await pair();
    await world.result(ada.react(id, '👍'));
    await world.result(ada.unreact(id, '👍'));
    const before = { ...world.calls };
    await world.result(Promise.all([ada.react(id, '👍'), ada.unreact(id, '👍')]));
    expect(world.calls).toEqual(before);
    const changes = [ada.react(id, '👍')];
    await world.run(1);
    for (let i = 0; i < 10; i += 1) changes.push(ada.unreact(id, '👍'), ada.react(id, '👍'));
    await world.result(Promise.all(changes));
    await world.run(1000);
    expect([shown(ada, id), shown(bob, id)]).toEqual(['👍1!', '👍1']);
    expect(world.calls.SortedSetPut).toBe((before.SortedSetPut ?? 0) + 1);
    expect(world.calls.SortedSetRemove).toBe(before.SortedSetRemove);
    expect(world.calls.Publish).toBe((before.Publish ?? 0) + 1);
  });

  it('goes back with a rejection when it could not be stored', async () => {
    const [ada, bob, id] = await pair();
    await world.result(bob.react(id, '👍'));
    await world.run(500);
    world.clientOf(ada).link.fates = (rpc) => (rpc === 'SortedSetPut' ? { outcome: 'refused' } : undefined);
    const reacting = ada.react(id, '👍');
    await world.run(10);
    expect(shown(ada, id)).toBe('👍2!');
    await expect(world.result(reacting)).rejects.toMatchObject({ retryable: true });
    expect(shown(ada, id)).toBe('👍1');
    world.clientOf(ada).link.fates = undefined;
  });

  it('whose answers were all lost is shown to everybody once it was found in storage', async () => {
    const [ada, bob, id] = await pair();
    world.clientOf(ada).link.fates = (rpc) =>
      rpc === 'SortedSetPut' ? { outcome: 'answer-lost' } : undefined;
    await expect(world.result(ada.react(id, '👍'))).rejects.toMatchObject({ retryable: true });
    world.clientOf(ada).link.fates = undefined;
    await world.run(40_000);
    expect(await stored()).toEqual([`${id} 👍 =ada`]);
    expect([shown(ada, id), shown(bob, id)]).toEqual(['👍1!', '👍1']);
  });

  it('that others were not told of is told when that can be done', async () => {
    const [ada, bob, id] = await pair();
    world.clientOf(ada).link.fates = (rpc) => (rpc === 'Publish' ? { outcome: 'refused' } : undefined);
    await world.result(ada.react(id, '👍'));
    expect(shown(bob, id)).toBe('');
    world.clientOf(ada).link.fates = undefined;
    await world.run(20_000);
    expect(shown(bob, id)).toBe('👍1');
  });

  it('undone stays undone when the first try to store it arrives last', async () => {
    const [ada, bob, id] = await pair();
    let first = true;
    world.clientOf(ada).link.fates = (rpc) => {
      if (rpc !== 'SortedSetPut' || !first) return undefined;
      first = false;
      return { thereMs: 12_000 };
    };
    await world.result(ada.react(id, '👍'));
    await world.result(ada.unreact(id, '👍'));
    await world.run(60_000);
    expect(await stored()).toEqual([]);
    const [cy] = (await joined('cy')) as [ChatRoom];
    expect([ada, bob, cy].map((room) => shown(room, id))).toEqual(['', '', '']);
  });

  it.each([
    ['❤', '❤️'],
    ['👁\u200d🗨', '👁️\u200d🗨️'],
    ['1\u20e3', '1️⃣'],
    ['🏳\u200d🌈', '🏳️\u200d🌈'],
  ])('%s is one with and without U+FE0F', async (bare, whole) => {
    const [ada, bob, id] = await pair();
    await world.result(ada.react(id, bare));
    await world.result(bob.react(id, whole));
    await world.run(1000);
    expect(shown(ada, id)).toBe(`${whole}2!`);
    await world.result(ada.unreact(id, whole));
    expect(shown(ada, id)).toBe(`${whole}1`);
  });

  it('of another skin tone is another one, and the order is that of the first use on all clients', async () => {
    const [ada, bob, id] = await pair();
    for (const emoji of ['👍🏿', ':+1:', '👍', '👩🏽\u200d❤️\u200d💋\u200d👨🏿', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🇩🇪'])
      await world.result(ada.react(id, emoji));
    await world.run(1000);
    await world.result(bob.react(id, '👍'));
    await world.run(1000);
    const [cy] = (await joined('cy')) as [ChatRoom];
    for (const room of [ada, bob, cy])
      expect(reactionsIn(room, id).map(({ emoji }) => emoji)).toEqual([
        '👍🏿',
        ':+1:',
        '👍',
        '👩🏽\u200d❤️\u200d💋\u200d👨🏿',
        '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
        '🇩🇪',
      ]);
  });

  it.each([
    '',
    ' ',
    '\u200b',
    '\ufe0f',
    'so good',
    '👍👍',
    '1👍',
    'x'.repeat(33),
    '\u202ea',
    'a\nb',
    7 as never,
  ])('with %j is refused', async (emoji) => {
    const [ada, , id] = await pair();
    await expect(world.result(ada.react(id, emoji))).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('to an unknown message is refused, and so is the 51st emoji', async () => {
    const [ada, , id] = await pair();
    await expect(world.result(ada.react('nothing', '👍'))).rejects.toMatchObject({
      code: 'invalid-argument',
    });
    const code = { code: 'invalid-argument' };
    await expect(world.result(ada.react(id.replace(/^./, '1'), '👍'))).rejects.toMatchObject(code);
    await world.result(Promise.all(Array.from({ length: 50 }, (_, index) => ada.react(id, `:${index}:`))));
    await expect(world.result(ada.react(id, '👍'))).rejects.toMatchObject(code);
    await world.result(ada.react(id, ':7:'));
    expect(reactionsIn(ada, id)).toHaveLength(50);
  });

  it('of users who have no id is theirs by name, and no id passes for it', async () => {
    const room = world.room({ room: 'lobby', user: { name: 'Ada' } });
    const fake = open('~Ada');
    await world.join(room, fake);
    const { id } = await world.result(room.send('hello'));
    await world.run(1000);
    await world.result(room.react(id, '👍'));
    await world.result(fake.react(id, '👍'));
    await world.run(1000);
    expect([shown(room, id), shown(fake, id)]).toEqual(['👍2!', '👍2!']);
  });

  it('stays mine through reactions of others, a reconnect, and leave and join without news', async () => {
    const [ada, bob, id] = await pair();
    await world.result(ada.react(id, '👍'));
    await world.result(bob.react(id, '👍'));
    world.clientOf(ada).link.cut('told');
    await world.run(10_000);
    expect(shown(ada, id)).toBe('👍2!');
    await world.result(ada.leave());
    await world.result(bob.react(id, '🎉'));
    await world.result(bob.unreact(id, '👍'));
    await world.join(ada);
    await world.run(1000);
    expect(shown(ada, id)).toBe('👍1! 🎉1');
  });
});

describe('events of reactions', () => {
  it('that are old never undo a newer one, and one that was missed is found', async () => {
    const [ada, bob, id] = await pair();
    const old = bob.messages[0]?.id ?? '';
    await world.result(ada.react(id, '👍'));
    await world.result(ada.unreact(id, '👍'));
    await world.run(1000);
    const late = `${old.slice(0, -1)}${old.endsWith('0') ? '1' : '0'}`;
    await event(late, { id: 'ada' }, { id, emoji: '👍', on: true });
    await world.run(20);
    expect(shown(bob, id)).toBe('');
    await world.run(10_000);
    expect(shown(bob, id)).toBe('');
    const [cy] = (await joined('cy')) as [ChatRoom];
    await event(
      late.replace(/.$/, (end) => (end === 'a' ? 'b' : 'a')),
      { id: 'ada' },
      { id, emoji: '👍', on: true },
    );
    await world.run(10_000);
    expect(shown(cy, id)).toBe('');
  });

  it('that come while a page is read are not undone by it', async () => {
    const [ada, bob, id] = await pair();
    const cy = open('cy');
    world.clientOf(cy).link.fates = (rpc) =>
      rpc === 'SortedSetFetch' ? { thereMs: 0, backMs: 2000 } : undefined;
    const joining = cy.join();
    await world.run(1000);
    await world.result(ada.react(id, '👍'));
    await world.result(joining);
    await world.run(100);
    expect([shown(bob, id), shown(cy, id)]).toEqual(['👍1', '👍1']);
  });

  it('of a device whose clock is far ahead are taken back by the other one', async () => {
    const [ada, bob, id] = await pair();
    const ahead = open('ada');
    await world.join(ahead);
    world.clientOf(ahead).clock.jump(600_000);
    await world.result(ahead.react(id, '👍'));
    await world.run(1000);
    await world.result(ada.unreact(id, '👍'));
    await world.run(60_000);
    expect([ada, ahead, bob].map((room) => shown(room, id))).toEqual(['', '', '']);
    expect(await stored()).toEqual([]);
  });

  it('of two devices of a user stand at the place that all were told of, though a call that is under way says another', async () => {
    const [ada, bob, id] = await pair();
    const other = open('ada');
    await world.join(other);
    const [first, second] = [ada, other].map((room) => world.clientOf(room).link);
    if (first === undefined || second === undefined)
      throw new Error('unable to begin; there are two devices');
    first.fates = (rpc) =>
      rpc === 'SortedSetPut' ? { thereMs: 1500 } : rpc === 'Publish' ? { thereMs: 3000 } : undefined;
    second.fates = (rpc) => (rpc === 'SortedSetPut' ? { thereMs: 4600 } : undefined);
    const reacting = [ada.react(id, '👍'), ada.react(id, ':+1:')];
    await world.run(100);
    await world.result(other.react(id, ':+1:'));
    await world.result(Promise.all(reacting));
    for (const link of [first, second]) link.fates = undefined;
    await world.run(60_000);
    const [cy] = (await joined('cy')) as [ChatRoom];
    const orders = [ada, other, bob, cy].map((room) => reactionsIn(room, id).map(({ emoji }) => emoji));
    expect(orders).toEqual(orders.map(() => orders[0]));
    expect(orders[0]).toHaveLength(2);
  });

  it('of two devices of a user leave storage and all clients with the last intention', async () => {
    const [ada, bob, id] = await pair();
    const other = open('ada');
    await world.join(other);
    world.clientOf(ada).link.fates = (rpc) => (rpc === 'SortedSetPut' ? { thereMs: 3000 } : undefined);
    const first = ada.react(id, '👍');
    await world.run(500);
    // The other one does not know of it yet.
    const second = other.react(id, '👍').then(() => other.unreact(id, '👍'));
    await world.result(Promise.all([first, second]));
    world.clientOf(ada).link.fates = undefined;
    await world.run(60_000);
    const [cy] = (await joined('cy')) as [ChatRoom];
    expect(await stored()).toEqual([]);
    expect([ada, other, bob, cy].map((room) => shown(room, id))).toEqual(['', '', '', '']);
  });

  it.each([
    ['nothing', {}],
    ['an id that is none', { id: '__proto__', emoji: '👍', on: true }],
    ['no emoji', { emoji: '', on: true }],
    ['a long emoji', { emoji: 'x'.repeat(65), on: true }],
    ['space in the emoji', { emoji: '👍 =ada', on: true }],
    ['an emoji that is none', { emoji: ['👍'], on: true }],
    ['no direction', { emoji: '👍', on: 1 }],
  ])('with %s are ignored', async (_, data) => {
    const [ada, , id] = await pair();
    const version = id.replace(/^./, (digit) => digit).replace(/....$/, 'ffff');
    await event(version, { id: 'eve' }, { id, ...data });
    await event(version.replace(/f$/, 'e'), { id: 'x'.repeat(300) }, { id, emoji: '👍', on: true });
    await world.run(1000);
    expect(shown(ada, id)).toBe('');
  });

  it('in the name of somebody else than Momento vouches for are ignored', async () => {
    const [ada, bob, id] = await pair();
    const mallory = world.room({ room: 'lobby', user: { id: 'ada', name: 'ada' }, userId: 'mallory' });
    await world.join(mallory);
    await world.result(mallory.react(id, '👍'));
    await world.run(1000);
    expect([shown(ada, id), shown(bob, id)]).toEqual(['', '']);
  });
});

describe('stored reactions', () => {
  it('that are malformed, misplaced or too many are bounded and harm nobody', async () => {
    const [ada, , id] = await pair();
    const errors: unknown[] = [];
    await world.result(ada.react(id, '👍'));
    const score = idTime(id);
    for (const value of ['x', id, `${id} `, `${id} 👍`, `${id} 👍 eve`, `${id}  =eve`, `${id} ❤️ =eve`])
      await put(value, score);
    await put(`${id} 👍 =somewhere else`, score + 1);
    await put(`${id} 👍 =${'x'.repeat(300)}`, score);
    const many = new Map(Array.from({ length: 3000 }, (_, index) => [`${id} :${index}: =eve`, score + 0.5]));
    await call(sortedSetPut, { ...SET, elements: many, ttlSeconds: 3600 }, once);
    const cy = open('cy');
    cy.on('error', (error) => errors.push(error));
    await world.join(cy);
    expect(reactionsIn(cy, id)).toHaveLength(50);
    expect(reactionsIn(cy, id)[0]).toMatchObject({ emoji: '👍', count: 1, users: ['ada'] });
    expect(errors).toEqual([]);
  });

  it('of which there are none for an entry of another kind cost one error, and no page', async () => {
    const [ada, , id] = await pair();
    const key = { cache: 'chat', list: 'lobby:reactions', value: 'x', truncateTo: 10, ttlSeconds: 3600 };
    await call(listPushFront, key, once);
    const errors: unknown[] = [];
    const cy = open('cy');
    cy.on('error', (error) => errors.push(error));
    await world.join(cy);
    expect(cy.messages).toHaveLength(1);
    expect(errors).toHaveLength(1);
    await expect(world.result(ada.react(id, '👍'))).rejects.toThrow('unable to add the reaction');
    expect(shown(ada, id)).toBe('');
  });

  it('name twenty users and count all', async () => {
    const [, , id] = await pair();
    const users = Array.from({ length: 30 }, (_, index): [string, number] => [
      `${id} 👍 =u${index + 10}`,
      idTime(id),
    ]);
    await call(sortedSetPut, { ...SET, elements: new Map(users), ttlSeconds: 3600 }, once);
    const [cy] = (await joined('cy')) as [ChatRoom];
    const [reaction] = reactionsIn(cy, id);
    expect(reaction).toMatchObject({ count: 30, clipped: true, mine: false });
    expect(reaction?.users).toHaveLength(20);
  });

  it('of thousands of others leave the own one in its place, which can be taken back', async () => {
    const [ada, , id] = await pair();
    const others = Array.from({ length: 6000 }, (_, n): [string, number] => [`${id} 👍 =u${n}`, idTime(id)]);
    await call(sortedSetPut, { ...SET, elements: new Map(others), ttlSeconds: 3600 }, once);
    await world.result(ada.leave());
    await world.join(ada);
    await world.run(5000);
    expect(shown(ada, id)).toBe('👍6000');
    await world.result(ada.react(id, '👍'));
    expect(shown(ada, id)).toBe('👍6001!');
    await world.result(ada.unreact(id, '👍'));
    await world.run(1000);
    expect([shown(ada, id), (await stored()).filter((value) => value.endsWith('=ada'))]).toEqual([
      '👍6000',
      [],
    ]);
  });

  it('of thousands of others leave the one of another own device in its place, which can be taken back', async () => {
    const [ada, bob, id] = await pair();
    const others = Array.from({ length: 6000 }, (_, n): [string, number] => [`${id} 👍 =u${n}`, idTime(id)]);
    await call(sortedSetPut, { ...SET, elements: new Map(others), ttlSeconds: 3600 }, once);
    await world.result(ada.leave());
    await world.result(bob.leave());
    const [phone] = await joined('ada');
    await world.join(ada);
    await world.run(5000);
    await world.result((phone as ChatRoom).react(id, '👍'));
    await world.run(1000);
    expect(shown(ada, id)).toBe('👍6001!');
    await world.result(ada.unreact(id, '👍'));
    expect((await stored()).filter((value) => value.endsWith('=ada'))).toEqual([]);
  });

  it('of a message that came late is found, though its event was before', async () => {
    const [ada] = (await joined('ada')) as [ChatRoom];
    const id = new MessageIds(world.time).next();
    await put(`${id} 👍 =bob`, idTime(id));
    const value = encodeMessage({
      id,
      text: 'late',
      user: { name: 'eve' },
      sentAt: new Date(world.time.now()),
    });
    await world.run(10_000);
    world.publish('lobby-chat', value);
    await world.run(3000);
    expect(shown(ada, id)).toBe('👍1');
  });

  it('are shown under all messages of a page, though reading them took too long at first', async () => {
    const [ada, bob, first] = await pair();
    for (let said = 0; said < 9; said += 1) await world.say(ada, `said ${said}`);
    const ids = ada.messages.map(({ id }) => id);
    expect(ids[0]).toBe(first);
    for (const id of ids) for (const room of [ada, bob]) await world.result(room.react(id, '👍'));
    const cy = open('cy');
    let slow = 2;
    world.clientOf(cy).link.fates = (rpc) => {
      if (rpc !== 'SortedSetFetch' || slow === 0) return undefined;
      slow -= 1;
      return { backMs: 20_000 };
    };
    await world.join(cy);
    await world.run(60_000);
    expect(ids.map((id) => shown(cy, id))).toEqual(ids.map(() => '👍2'));
  });

  it('are shown under all messages of a page, however long it is', async () => {
    const COUNT = 2500;
    const ids = new MessageIds(world.time);
    const messages = Array.from({ length: COUNT }, () => ids.next());
    const elements = new Map<string, number>();
    for (const id of messages) {
      const message = { id, text: 'hello', user: { id: 'bob', name: 'bob' }, sentAt: new Date(idTime(id)) };
      const push = { cache: 'chat', list: 'lobby', value: encodeMessage(message), truncateTo: 9999 };
      await call(listPushFront, { ...push, ttlSeconds: 3600 }, once);
      elements.set(`${id} 👍 =bob`, idTime(id));
    }
    await call(sortedSetPut, { ...SET, elements, ttlSeconds: 3600 }, once);
    const ada = open('ada', { history: { maxStored: 9999 } });
    await world.join(ada);
    await world.result(ada.loadOlder(COUNT));
    expect(ada.messages.filter(({ reactions }) => reactions.length === 0)).toEqual([]);
    expect(ada.messages).toHaveLength(COUNT);
  });
});
