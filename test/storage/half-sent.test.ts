import { memoryStorage } from 'momento-chat/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
// Loaded ahead, so that nothing waits for the disk while virtual time stands still.
import '../../src/features/presence.js';
import '../../src/features/revision-writer.js';
import '../../src/room/room-log.js';
import { adaTabs, send, shown } from './ada-tabs.js';
import { type WatchedStorage, watchedStorage } from './watched-storage.js';

let world: InProcessWorld;
let storage: WatchedStorage;
beforeEach(() => {
  world = inProcessWorld();
  storage = watchedStorage(memoryStorage());
});
afterEach(() => world.end());
const { open, openBob } = adaTabs(() => ({ world, storage }));
const text = (room: ChatRoom, id: string) => room.messages.find((one) => one.id === id)?.text;

/** Bob, Ada's phone, and a message that both have and the list has not. */
async function halfSent(options: Parameters<typeof open>[0] = {}) {
  const [first, bob] = [open(options), openBob()];
  const phone = world.room({ room: 'r', user: { id: 'ada', name: 'Ada' } });
  await world.join(first.room, bob, phone);
  first.client.link.fates = (rpc) => (rpc === 'ListPushFront' ? { outcome: 'request-lost' } : undefined);
  const id = send(first, 'secret');
  return { first, bob, phone, id };
}

describe('a message that arrived in part, and that was changed elsewhere before the page is opened again', () => {
  it.each(['at once', 'after readings that failed'] as const)(
    'by delete() is not sent again, which is read %s',
    async (when) => {
      const { first, bob, phone, id } = await halfSent();
      await world.run(500);
      first.die();
      await world.run(500);
      await world.result(phone.delete(id));
      await world.run(60_000);
      const next = open();
      let failures = when === 'at once' ? 0 : 5;
      next.client.link.fates = (rpc) =>
        rpc === 'DictionaryGet' && failures-- > 0 ? { outcome: 'refused' } : undefined;
      await world.join(next.room);
      await world.run(120_000);
      expect([shown(bob), shown(next.room), world.list('r'), [...storage.kept]]).toEqual([
        [' sent'],
        [' sent'],
        [],
        [],
      ]);
      expect(next.errors).toEqual([]);
    },
  );

  it('by delete() is not sent by a tab that has it live, either', async () => {
    const heir = open();
    await world.join(heir.room);
    const { first, phone, id } = await halfSent();
    await world.run(500);
    await world.result(phone.delete(id));
    await world.run(60_000);
    first.die();
    await world.run(10_000);
    expect([world.list('r'), [...storage.kept]]).toEqual([[], []]);
    expect(text(heir.room, id) ?? '').toBe('');
  });

  it('by delete() is not failed any more, if it was', async () => {
    const { first, phone, id } = await halfSent({ retry: { timeoutMs: 5000 } });
    await world.run(30_000);
    expect(shown(first.room)).toEqual(['secret failed']);
    first.die();
    await world.run(500);
    await world.result(phone.delete(id));
    await world.run(60_000);
    const next = open();
    await world.join(next.room);
    await world.run(10_000);
    expect([shown(next.room), world.list('r'), [...storage.kept]]).toEqual([[' sent'], [], []]);
  });

  it('by edit() shows so', async () => {
    const { first, bob, phone, id } = await halfSent();
    await world.run(500);
    first.die();
    await world.run(500);
    await world.result(phone.edit(id, 'harmless'));
    await world.run(60_000);
    const next = open();
    await world.join(next.room);
    await world.run(10_000);
    expect([text(bob, id), text(next.room, id), world.list('r').length]).toEqual(['harmless', 'harmless', 1]);
  });

  it('by delete() is not sent again in its thread', async () => {
    const phone = world.room({ room: 'r', user: { id: 'ada', name: 'Ada' } });
    const first = open();
    await world.join(first.room, phone);
    const { id: root } = await world.result(first.room.send('root'));
    await world.result(phone.thread(root).open());
    await world.result(first.room.thread(root).open());
    first.client.link.fates = (rpc) => (rpc === 'ListPushFront' ? { outcome: 'request-lost' } : undefined);
    void first.room
      .thread(root)
      .send('secret')
      .catch(() => {});
    await world.run(500);
    first.die();
    await world.run(500);
    const id = phone.thread(root).messages[0]?.id ?? '';
    await world.result(phone.thread(root).delete(id));
    await world.run(60_000);
    const next = open();
    await world.join(next.room);
    await world.run(60_000);
    const replies = next.room.thread(root).messages.map((reply) => reply.text);
    expect([replies, world.list(`r:thread:${root}`), [...storage.kept]]).toEqual([[''], [], []]);
  });
});

describe('a message that arrived in part', () => {
  it('keeps its tombstone in a tab that has it live, though its page is gone', async () => {
    const heir = open();
    await world.join(heir.room);
    const { first, bob, phone, id } = await halfSent();
    await world.run(500);
    await world.result(phone.delete(id));
    await world.run(60_000);
    expect(shown(heir.room)).toEqual([' sent']);
    first.die();
    await world.run(10_000);
    expect([shown(heir.room), shown(bob), [...storage.kept]]).toEqual([[' sent'], [' sent'], []]);
  });

  it('and is deleted by the next page before that has read of it, leaves a tombstone', async () => {
    const { first, bob } = await halfSent();
    await world.run(500);
    first.die();
    await world.run(500);
    const next = open();
    next.client.link.fates = (rpc) => (rpc === 'ListFetch' ? { backMs: 1500 } : undefined);
    await world.join(next.room);
    await world.result(next.room.delete(next.room.messages[0]?.id ?? ''));
    await world.run(60_000);
    expect([shown(next.room), shown(bob), world.list('r')]).toEqual([[' sent'], [' sent'], []]);
  });

  it('and failed, says nothing in the next page of what that cannot read', async () => {
    const { first } = await halfSent({ retry: { timeoutMs: 5000 } });
    await world.run(30_000);
    first.die();
    await world.run(500);
    const next = open();
    next.client.link.fates = (rpc) => (rpc === 'DictionaryGet' ? { outcome: 'refused' } : undefined);
    await world.join(next.room);
    await world.run(700_000);
    expect([shown(next.room), next.errors]).toEqual([['secret failed'], []]);
  });
});
