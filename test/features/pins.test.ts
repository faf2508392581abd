import { afterEach, beforeEach, expect, it } from 'vitest';
import '../../src/features/pins.js';
import '../../src/features/revision-writer.js';
import type { ChatRoom } from '../../src/lite-room.js';
import type { ChatRoomOptions } from '../../src/room/options.js';
import { dictionarySetFields } from '../../src/transport/operations/dictionaries.js';
import { listPushFront } from '../../src/transport/operations/lists.js';
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
    world.clientOf(slow === 'ada' ? ada : bob).link.fates = (rpc) =>
      rpc === 'DictionarySet' ? { thereMs: 3000 } : undefined;
    const unpinning = ada.unpin(id);
    await world.run(200);
    const other = bob.unpin(id).then(() => bob.pin(id));
    await world.result(Promise.all([unpinning, other]));
    await world.run(60_000);
    const late = open('late');
    await world.join(late);
    await world.run(1000);
    expect([pinned(ada), pinned(bob)]).toEqual([pinned(late), pinned(late)]);
  },
);

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
  const ahead = open('ahead', { skewMs: 600_000 } as Partial<ChatRoomOptions>);
  const [ada, bob] = [open('ada'), open('bob')];
  await world.join(ahead, ada, bob);
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
