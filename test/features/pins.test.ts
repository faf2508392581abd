import { afterEach, beforeEach, expect, it } from 'vitest';
import '../../src/features/pins.js';
import '../../src/features/revision-writer.js';
import type { ChatRoom } from '../../src/lite-room.js';
import { MessageIds } from '../../src/messages/message-id.js';
import type { ChatRoomOptions } from '../../src/room/options.js';
import { dictionaryFetch, dictionarySetFields } from '../../src/transport/operations/dictionaries.js';
import { listPushFront } from '../../src/transport/operations/lists.js';
import { publish } from '../../src/transport/operations/topics.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

const open = (id: string, options: Partial<ChatRoomOptions> = {}) => {
  const room = world.room({ room: 'r', user: { id, name: id }, ...options });
  room.on('pins', () => {});
  return room;
};
const send = (room: ChatRoom, text: string) => world.result(room.send(text));
const pinned = (room: ChatRoom) => room.pinned.map(({ text }) => text);

/** One takes a pin back while the other one does so and sets it again; the writing of `slow` is slow. */
async function expectAgreement(slow: ChatRoom, one: ChatRoom, other: ChatRoom, id: string): Promise<void> {
  world.clientOf(slow).link.fates = (rpc) => (rpc === 'DictionarySet' ? { thereMs: 3000 } : undefined);
  const unpinning = one.unpin(id);
  await world.run(200);
  await world.result(Promise.all([unpinning, other.unpin(id).then(() => other.pin(id))]));
  await world.run(60_000);
  const late = open('late');
  await world.join(late);
  await world.run(1000);
  expect([pinned(one), pinned(other)]).toEqual([pinned(late), pinned(late)]);
}

it('shows pins everywhere, the newest first, also of messages that are not in memory', async () => {
  const [ada, bob] = [open('ada'), open('bob')];
  await world.join(ada, bob);
  const [one, two] = [await send(ada, 'one'), await send(ada, 'two')];
  await world.run(500);
  await world.result(ada.pin(one.id));
  await world.result(bob.pin(two.id));
  await world.result(bob.pin(two.id));
  await world.run(1000);
  for (let index = 0; index < 5; index += 1) await send(ada, `${index}`);
  const late = open('late', { history: { pageSize: 2 } });
  await world.join(late);
  await world.run(1000);
  for (const room of [ada, bob, late]) expect(pinned(room)).toEqual(['two', 'one']);
  await world.result(ada.edit(one.id, 'one, edited'));
  await world.run(1000);
  for (const room of [ada, bob, late]) expect(pinned(room)).toEqual(['two', 'one, edited']);
  await world.result(bob.delete(one.id));
  await world.run(1000);
  for (const room of [ada, bob, late]) expect(pinned(room)).toEqual(['two']);
  await world.result(late.unpin(two.id));
  await world.run(1000);
  for (const room of [ada, bob, late]) expect(pinned(room)).toEqual([]);
  await expect(world.result(ada.pin(one.id))).rejects.toThrow('it was deleted');
});

it.each(['ada', 'bob'])(
  'agrees with storage when one pins while another unpins: the writing of %s is slow',
  async (slow) => {
    const [ada, bob] = [open('ada'), open('bob')];
    await world.join(ada, bob);
    const { id } = await send(ada, 'x');
    await world.result(ada.pin(id));
    await world.run(1000);
    await world.result(ada.unpin(id));
    await world.result(ada.pin(id));
    await world.run(1000);
    await expectAgreement(slow === 'ada' ? ada : bob, ada, bob, id);
  },
);

it('agrees with storage when two collide after many changes in one join', async () => {
  const [ada, bob] = [open('ada'), open('bob')];
  await world.join(ada, bob);
  const { id } = await send(ada, 'x');
  for (let times = 0; times < 12; times += 1) {
    await world.result(ada.pin(id));
    await world.run(25_000);
    await world.result(bob.unpin(id));
    await world.run(25_000);
  }
  await world.result(ada.pin(id));
  await world.run(25_000);
  await expectAgreement(ada, ada, bob, id);
});

it('a pin that took effect again, late, is put right', async () => {
  const [ada, bob] = [open('ada'), open('bob')];
  await world.join(ada, bob);
  const { id } = await send(ada, 'x');
  let first = true;
  world.clientOf(ada).link.fates = (rpc) => {
    if (rpc !== 'DictionarySet' || !first) return undefined;
    first = false;
    return { thereMs: 12_000 };
  };
  await world.result(ada.pin(id));
  await world.result(ada.unpin(id));
  await world.run(60_000);
  expect([pinned(ada), pinned(bob), await pinnedForNewcomer()]).toEqual([[], [], []]);
});

it('a pin that is written again is told again: another device may know only what storage had', async () => {
  const [one, two, bob] = [open('ada'), open('ada'), open('bob')];
  await world.join(one, two, bob);
  const { id } = await send(one, 'x');
  await world.result(one.pin(id));
  await world.run(1000);
  const { link } = world.clientOf(two);
  link.cut('silent');
  link.fates = (rpc) => (rpc === 'DictionarySet' ? { thereMs: 1000 } : undefined);
  const unpinning = two.unpin(id);
  await world.run(100);
  await world.result(one.unpin(id));
  await world.result(one.pin(id));
  await world.result(unpinning);
  world.engine.faults.resetTopic();
  link.cut('told');
  await world.run(60_000);
  for (const room of [one, two, bob]) expect(pinned(room)).toEqual(['x']);
  expect(await pinnedForNewcomer()).toEqual(['x']);
});

it('a pin that was stored as the room was left is told to everybody after the next join', async () => {
  const [ada, bob] = [open('ada'), open('bob')];
  await world.join(ada, bob);
  const { id } = await send(ada, 'x');
  const { link } = world.clientOf(ada);
  link.fates = (rpc) => (rpc === 'DictionarySet' ? { thereMs: 10, backMs: 2000 } : undefined);
  const failing = expect(ada.pin(id)).rejects.toMatchObject({ code: 'closed' });
  await world.run(500);
  await world.result(ada.leave());
  await failing;
  link.fates = undefined;
  await world.join(ada);
  await world.run(60_000);
  expect([pinned(ada), pinned(bob), await pinnedForNewcomer()]).toEqual([['x'], ['x'], ['x']]);
});

it('a pin that was rejected, and is stored all the same, is told to everybody', async () => {
  const [ada, bob] = [open('ada'), open('bob')];
  await world.join(ada, bob);
  const { id } = await send(ada, 'x');
  const { link } = world.clientOf(ada);
  link.fates = (rpc) => (rpc === 'DictionarySet' ? { outcome: 'answer-lost' } : undefined);
  await expect(world.result(ada.pin(id))).rejects.toMatchObject({ retryable: true });
  link.fates = undefined;
  await world.run(40_000);
  expect([pinned(ada), pinned(bob), await pinnedForNewcomer()]).toEqual([['x'], ['x'], ['x']]);
});

it('a pin that was given up, and lands after a later change was heard and mended, is put right', async () => {
  const [ada, bob] = [open('ada', { retry: { timeoutMs: 1000 } }), open('bob')];
  await world.join(ada, bob);
  const { id } = await send(ada, 'x');
  await world.run(1000);
  let given = 0;
  world.clientOf(ada).link.fates = (rpc) => {
    if (rpc !== 'DictionarySet') return undefined;
    given += 1;
    return given === 1 ? { thereMs: 19_500 } : undefined;
  };
  const pinning = expect(ada.pin(id)).rejects.toMatchObject({ retryable: true });
  await world.run(500);
  await world.result(bob.pin(id));
  await world.result(bob.unpin(id));
  await world.run(500);
  await world.result(bob.leave());
  await world.run(60_000);
  await pinning;
  expect([pinned(ada), await pinnedForNewcomer()]).toEqual([[], []]);
});

it('takes no harm of hostile values', async () => {
  const ada = open('ada');
  await world.join(ada);
  const { id } = await send(ada, 'x');
  const v = (n: number) => `0198${n.toString(16).padStart(4, '0')}-0000-7000-8000-000000000000`;
  const fields = new Map([
    [id, '{"v":1,"id":"ffffffff-0000-7000-8000-000000000000","by":{"name":"eve"}}'],
    ['__proto__', '{}'],
    [v(1), 'null'],
    [v(2), '['],
    [v(3), JSON.stringify({ v: 1, id: v(3), by: 'x' })],
  ]);
  for (let index = 10; index < 400; index += 1)
    fields.set(v(index), JSON.stringify({ v: 1, id: v(index), by: { name: 'eve' } }));
  const input = { cache: 'chat', dictionary: 'r:pins', fields, ttlSeconds: 60 };
  await world.result(world.transport().call(dictionarySetFields, input));
  const late = open('late');
  await world.join(late);
  await world.run(2000);
  expect(late.pinned).toEqual([]);
  await world.result(late.pin(id));
  expect(pinned(late)).toEqual(['x']);
  const other = world.room({ room: 'q', user: { id: 'a', name: 'a' } });
  other.on('pins', () => {});
  const list = { cache: 'chat', list: 'q:pins', value: 'x', ttlSeconds: 60 };
  await world.result(world.transport().call(listPushFront, list));
  await world.join(other);
  await world.run(1000);
  expect(other.status).toBe('joined');
});

it('a pin of a clock that is ten minutes ahead can be taken back, and set again, by everybody', async () => {
  const [ahead, ada, bob] = [open('ahead'), open('ada'), open('bob')];
  await world.join(ahead, ada, bob);
  // Ahead of what the server told: a clock that was so before would be set right by its token.
  world.clientOf(ahead).clock.jump(600_000);
  const { id } = await send(ada, 'x');
  await world.run(500);
  await world.result(ahead.pin(id));
  await world.run(1000);
  await world.result(bob.unpin(id));
  await world.run(1000);
  for (const room of [ahead, ada, bob]) expect(pinned(room)).toEqual([]);
  await world.result(ada.pin(id));
  await world.run(1000);
  const late = open('late');
  await world.join(late);
  await world.run(1000);
  for (const room of [ahead, ada, bob, late]) expect(pinned(room)).toEqual(['x']);
});

/** Ada pins while Bob, who pinned and unpinned later, is heard before her call lands. */
async function overtaken(
  lateMs: number,
): Promise<{ ada: ChatRoom; bob: ChatRoom; id: string; pinning: Promise<void> }> {
  const [ada, bob] = [open('ada'), open('bob')];
  await world.join(ada, bob);
  const { id } = await send(ada, 'x');
  await world.run(1000);
  const { link } = world.clientOf(ada);
  link.fates = (rpc) =>
    rpc === 'DictionarySet' ? { outcome: 'request-lost', learnsAfterMs: 100 } : undefined;
  world.time.after(lateMs, () => {
    link.fates = undefined;
  });
  const pinning = ada.pin(id);
  await world.run(500);
  await world.result(bob.pin(id));
  await world.result(bob.unpin(id));
  return { ada, bob, id, pinning };
}

async function pinnedForNewcomer(): Promise<string[]> {
  const late = open('late');
  await world.join(late);
  await world.run(1000);
  return pinned(late);
}

it('a pin that landed after a later change is put right by who made it, though nobody can be told of it', async () => {
  const { ada, bob, pinning } = await overtaken(30_000);
  await world.result(bob.leave());
  await world.run(29_000);
  const { link } = world.clientOf(ada);
  world.time.after(1000, () => {
    link.fates = (rpc) => (rpc === 'Publish' ? { outcome: 'request-lost' } : undefined);
  });
  pinning.catch(() => {});
  await world.run(40_000);
  expect([pinned(ada), await pinnedForNewcomer()]).toEqual([[], []]);
});

it('a pin that landed after a later change is put right by who made that one, though the other one has left', async () => {
  const { ada, bob, pinning } = await overtaken(2000);
  await world.result(pinning);
  await world.result(ada.leave());
  await world.run(30_000);
  expect([pinned(bob), await pinnedForNewcomer()]).toEqual([[], []]);
});

it('a change that was written over is written again by who meets that, and nothing else is', async () => {
  const { ada, bob, id, pinning } = await overtaken(2000);
  await world.result(pinning);
  await world.run(60_000);
  const input = { cache: 'chat', dictionary: 'r:pins' };
  const older = JSON.stringify({
    v: 1,
    id: new MessageIds(world.time.skewed(-120_000)).next(),
    by: { name: 'ada' },
  });
  const reader = open('reader');
  await world.join(reader);
  for (const room of [ada, bob]) await world.result(room.leave());
  const { id: other } = await send(reader, 'y');
  await world.result(reader.pin(other));
  await world.run(1000);
  await world.result(
    world
      .transport()
      .call(dictionarySetFields, { ...input, fields: new Map([[id, older]]), ttlSeconds: 3600 }),
  );
  const before = (await world.result(world.transport().call(dictionaryFetch, input))).get(other);
  world.clientOf(reader).link.cut('told');
  await world.run(60_000);
  expect([pinned(reader), await pinnedForNewcomer()]).toEqual([['y'], ['y']]);
  expect((await world.result(world.transport().call(dictionaryFetch, input))).get(other)).toBe(before);
});

it('a pin whose event comes after that of a later change changes nothing', async () => {
  const [ada, bob] = [open('ada'), open('bob')];
  await world.join(ada, bob);
  const { id } = await send(ada, 'x');
  await world.run(1000);
  const older = new MessageIds(world.time).next();
  await world.run(1000);
  await world.result(ada.pin(id));
  await world.result(ada.unpin(id));
  await world.run(1000);
  const value = JSON.stringify({ v: 1, id: older, type: 'pin', user: { name: 'ada' }, data: { of: id } });
  await world.result(world.transport().call(publish, { cache: 'chat', topic: 'r:events', value }));
  await world.run(1000);
  expect([pinned(ada), pinned(bob)]).toEqual([[], []]);
});

it('a message that is not in memory shows when it is pinned, and as it is now when its events were lost', async () => {
  const ada = open('ada');
  await world.join(ada);
  const { id } = await send(ada, 'one');
  for (let index = 0; index < 150; index += 1) await send(ada, `${index}`);
  const late = open('late', { history: { pageSize: 2 } });
  await world.join(late);
  await world.run(10_000);
  await world.result(ada.pin(id));
  await world.run(2000);
  expect(pinned(late)).toEqual(['one']);
  world.clientOf(late).link.goOffline(5000);
  await world.result(ada.edit(id, 'one, edited'));
  // Nothing of it is replayed to who comes back.
  world.engine.faults.resetTopic();
  await world.run(60_000);
  expect(pinned(late)).toEqual(['one, edited']);
});

it('G6: pins of messages that are not stored cost a search in five seconds, and hide no true one', async () => {
  const ada = open('ada', { history: { pageSize: 10 } });
  const bob = open('bob');
  await world.join(bob);
  const { id } = await send(bob, 'long ago');
  for (let index = 0; index < 450; index += 1) await send(bob, `${index}`);
  await world.join(ada);
  await world.run(5000);
  const before = world.clientOf(ada).link.calls.ListFetch ?? 0;
  const ids = new MessageIds(world.time);
  const eve = (of: string) =>
    world.result(
      world.transport().call(publish, {
        cache: 'chat',
        topic: 'r:events',
        value: JSON.stringify({ v: 1, id: ids.next(), type: 'pin', user: { name: 'eve' }, data: { of } }),
      }),
    );
  for (let index = 0; index < 40; index += 1) {
    await eve(ids.next());
    await world.run(250);
  }
  await eve(id);
  await world.run(6000);
  expect(pinned(ada)).toEqual(['long ago']);
  // Three windows to the end of the list, in each of four searches.
  expect((world.clientOf(ada).link.calls.ListFetch ?? 0) - before).toBeLessThanOrEqual(16);
});

/** A message that Ada and storage have, and Bob has not in memory; and one more. */
async function longAgo() {
  const [ada, bob] = [open('ada'), open('bob', { history: { pageSize: 2 } })];
  await world.join(ada);
  const { id } = await send(ada, 'long ago');
  const other = await send(ada, 'other');
  for (let index = 0; index < 5; index += 1) await send(ada, `${index}`);
  await world.join(bob);
  await world.run(10_000);
  return { ada, bob, id, other };
}

it('shows the own pin of a message that is not in memory, though another one is heard before it is stored', async () => {
  const { ada, bob, id, other } = await longAgo();
  const { link } = world.clientOf(bob);
  link.fates = (rpc) => (rpc === 'DictionarySet' ? { thereMs: 1500, backMs: 500 } : undefined);
  const pinning = bob.pin(id);
  await world.run(200);
  await world.result(ada.pin(other.id));
  await world.result(pinning);
  await world.run(6000);
  expect(pinned(ada)).toEqual(pinned(bob));
  expect([...pinned(bob)].sort()).toEqual(['long ago', 'other']);
});

it('refuses to pin a message that is deleted as it is looked up, though another pin is heard', async () => {
  const { ada, bob, id, other } = await longAgo();
  const { link } = world.clientOf(bob);
  link.fates = (rpc) => (rpc === 'DictionaryGet' ? { backMs: 1500 } : undefined);
  const pinning = bob.pin(id);
  pinning.catch(() => {});
  await world.run(300);
  await world.result(ada.delete(id));
  await world.run(300);
  await world.result(ada.pin(other.id));
  await expect(world.result(pinning)).rejects.toThrow('it was deleted');
});

it('G6: pins that somebody bloats are not fetched to their end, which is told of once; new ones show', async () => {
  const fields = new Map(Array.from({ length: 60 }, (_, index) => [`${index}`, 'x'.repeat(50_000)]));
  const bloat = { cache: 'chat', dictionary: 'r:pins', fields, ttlSeconds: 600 };
  await world.result(world.transport().call(dictionarySetFields, bloat));
  const [ada, bob] = [open('ada'), open('bob')];
  const errors: string[] = [];
  ada.on('error', ({ message }) => errors.push(message));
  await world.join(ada, bob);
  const { id } = await send(ada, 'one');
  await world.run(1000);
  await world.result(bob.pin(id));
  world.clientOf(ada).hints.give('visible');
  await world.run(60_000);
  for (const room of [ada, bob]) expect(pinned(room)).toEqual(['one']);
  expect(errors).toEqual([expect.stringMatching(/^unable to read pins; the answer exceeds /)]);
});

it('a pinned message stays pinned, however many that were pinned later are deleted', async () => {
  const [ada, bob] = [open('ada'), open('bob')];
  await world.join(ada, bob);
  await world.result(ada.pin((await send(ada, 'rules')).id));
  for (let index = 0; index < 50; index += 1) {
    const { id } = await send(ada, `${index}`);
    await world.result(ada.pin(id));
    await world.result(ada.delete(id));
  }
  await world.run(1000);
  expect([pinned(ada), pinned(bob), await pinnedForNewcomer()]).toEqual([['rules'], ['rules'], ['rules']]);
  await world.run(60_000);
  const stored = { cache: 'chat', dictionary: 'r:pins' };
  const left = await world.result(world.transport().call(dictionaryFetch, stored));
  expect(left.size, 'pins of deleted messages are forgotten').toBeLessThanOrEqual(2);
});

it('a pinned message stays pinned, however many that were pinned later are not stored; they are looked for once', async () => {
  const ada = open('ada');
  await world.join(ada);
  const { id } = await send(ada, 'rules');
  await world.result(ada.pin(id));
  for (let index = 0; index < 5; index += 1) await send(ada, `${index}`);
  const ids = new MessageIds(world.time);
  const fields = new Map<string, string>();
  for (let index = 0; index < 150; index += 1)
    fields.set(ids.next(), JSON.stringify({ v: 1, id: ids.next(), by: { name: 'eve' } }));
  const input = { cache: 'chat', dictionary: 'r:pins', fields, ttlSeconds: 3600 };
  await world.result(world.transport().call(dictionarySetFields, input));
  const late = open('late', { history: { pageSize: 2 } });
  await world.join(late);
  await world.run(10_000);
  expect(pinned(late)).toEqual(['rules']);
  const tell = async () => {
    const [of] = fields.keys();
    const value = JSON.stringify({ v: 1, id: ids.next(), type: 'pin', user: { name: 'eve' }, data: { of } });
    await world.result(world.transport().call(publish, { cache: 'chat', topic: 'r:events', value }));
    await world.run(10_000);
  };
  const { ListFetch } = world.clientOf(late).link.calls;
  for (let times = 0; times < 5; times += 1) await tell();
  expect(world.clientOf(late).link.calls.ListFetch).toBe(ListFetch);
  expect(pinned(late)).toEqual(['rules']);
});

it('a pinned message stays pinned when others are told of than can be kept, all of messages that are not stored', async () => {
  const [ada, bob] = [open('ada'), open('bob')];
  await world.join(ada, bob);
  await world.result(ada.pin((await send(ada, 'rules')).id));
  const ids = new MessageIds(world.time);
  for (let index = 0; index < 250; index += 1) {
    const of = ids.next();
    const value = JSON.stringify({ v: 1, id: ids.next(), type: 'pin', user: { name: 'eve' }, data: { of } });
    await world.result(world.transport().call(publish, { cache: 'chat', topic: 'r:events', value }));
    await world.run(100);
  }
  await world.run(10_000);
  expect([pinned(ada), pinned(bob)]).toEqual([['rules'], ['rules']]);
});

it('refuses a pin beyond fifty, and one more when one of them is deleted', async () => {
  const ada = open('ada');
  await world.join(ada);
  const sent = [];
  for (let index = 0; index < 51; index += 1) sent.push(await send(ada, `${index}`));
  for (const { id } of sent.slice(0, 50)) await world.result(ada.pin(id));
  const last = sent[50]?.id ?? '';
  await expect(world.result(ada.pin(last))).rejects.toThrow('50 are pinned already');
  await world.result(ada.delete(sent[7]?.id ?? ''));
  await world.result(ada.pin(last));
  await world.run(1000);
  expect(pinned(ada)).toHaveLength(50);
  expect(pinned(ada)).toContain('0');
});

it.each(['pin', 'unpin'] as const)(
  'of two changes in a row the last one counts, the first being to %s',
  async (first) => {
    const ada = open('ada');
    await world.join(ada);
    const { id } = await send(ada, 'rules');
    if (first === 'unpin') await world.result(ada.pin(id));
    const { link } = world.clientOf(ada);
    link.weather = { ...link.weather, latencyMs: 100 };
    const last = first === 'pin' ? 'unpin' : 'pin';
    const changing = ada[first](id);
    await world.run(50);
    await world.result(Promise.all([changing, ada[last](id)]));
    await world.run(60_000);
    expect(pinned(ada)).toEqual(last === 'pin' ? ['rules'] : []);
  },
);
