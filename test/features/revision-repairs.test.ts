import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
// Loaded ahead, so that nothing waits for the disk while virtual time stands still.
import '../../src/features/revision-writer.js';
import { encodeRevision } from '../../src/features/revision.js';
import { MomentoError } from '../../src/local/status.js';
import { encodeMessage } from '../../src/messages/codec.js';
import { MessageIds } from '../../src/messages/message-id.js';
import type { ChatRoomOptions } from '../../src/room/options.js';
import { messagesTopic } from '../../src/shared/room-address.js';
import { dictionaryFetch, dictionarySetFields } from '../../src/transport/operations/dictionaries.js';
import { publish } from '../../src/transport/operations/topics.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => {
  vi.unstubAllGlobals();
  return world.end();
});

const open = (id: string, options: Partial<ChatRoomOptions> = {}) =>
  world.room({ room: 'r', user: { id, name: id }, ...options });
const linkOf = (room: ChatRoom) => world.clientOf(room).link;
const message = (room: ChatRoom, id: string) => room.messages.find((one) => one.id === id);

async function joined(...names: string[]): Promise<[ChatRoom, ChatRoom, ChatRoom]> {
  const rooms = names.map((name) => open(name));
  await world.join(...rooms);
  return rooms as [ChatRoom, ChatRoom, ChatRoom];
}

async function send(room: ChatRoom, text: string): Promise<string> {
  const { id } = await world.result(room.send(text));
  await world.run(1000);
  return id;
}

async function stored(id: string): Promise<string> {
  const input = { cache: 'chat', dictionary: 'r:revisions' };
  return (await world.result(world.transport().call(dictionaryFetch, input))).get(id) ?? '';
}

async function store(id: string, value: string): Promise<void> {
  const fields = new Map([[id, value]]);
  const input = { cache: 'chat', dictionary: 'r:revisions', fields, ttlSeconds: 3600 };
  await world.result(world.transport().call(dictionarySetFields, input));
}

/** A message whose second edit was written over with the first, when its author had left. */
async function writtenOver(author: ChatRoom): Promise<string> {
  const id = await send(author, 'zero');
  await world.result(author.edit(id, 'one'));
  const older = await stored(id);
  await world.result(author.edit(id, 'two'));
  await world.result(author.leave());
  await store(id, older);
  return id;
}

/** The first such call that begins now arrives in 12 seconds; the client has given it up by then and made it again. */
function delayOne(room: ChatRoom, rpc: string): void {
  let first = true;
  linkOf(room).fates = (each) => {
    if (each !== rpc || !first) return undefined;
    first = false;
    return { thereMs: 12_000 };
  };
}

describe('an edit', () => {
  it('that was given up, and lands on a deletion that was heard and mended before, is put right', async () => {
    const [ada, bob] = [open('ada', { retry: { timeoutMs: 1000 } }), open('bob')];
    await world.join(ada, bob);
    const id = await send(ada, 'secret');
    let calls = 0;
    linkOf(ada).fates = (rpc) => {
      if (rpc !== 'DictionarySet') return undefined;
      calls += 1;
      return calls === 1 ? { thereMs: 19_500 } : undefined;
    };
    const editing = expect(ada.edit(id, 'secret still')).rejects.toMatchObject({ retryable: true });
    await world.run(500);
    await world.result(bob.delete(id));
    await world.result(bob.leave());
    await world.run(60_000);
    await editing;
    expect(await stored(id)).not.toContain('secret');
  });

  it.each([
    ['edit', 500],
    ['edit', 2],
    ['delete', 500],
    ['delete', 2],
  ] as const)(
    'that took effect again, late, is put right: after it came %s(), with %i messages in memory at most',
    async (next, maxInMemory) => {
      const [ada, bob] = [open('ada', { history: { pageSize: 2, maxInMemory } }), open('bob')];
      await world.join(ada, bob);
      const id = await send(ada, 'zero');
      for (const text of ['a', 'b', 'c']) await send(ada, text);
      delayOne(ada, 'DictionarySet');
      await world.result(ada.edit(id, 'one'));
      await world.run(1000);
      await world.result<unknown>(next === 'edit' ? ada.edit(id, 'two') : ada.delete(id));
      await world.run(60_000);
      const value = await stored(id);
      expect(value.includes('one')).toBe(false);
      const [late] = await joined('late');
      expect(message(late, id)?.text).toBe(next === 'edit' ? 'two' : undefined);
      expect(message(bob, id)?.text).toBe(next === 'edit' ? 'two' : '');
    },
  );

  it.each(['edit', 'delete'] as const)(
    'that was stored as the room was left is told to everybody after the next join: %s()',
    async (what) => {
      const [ada, bob, cy] = await joined('ada', 'bob', 'cy');
      const id = await send(ada, 'zero');
      linkOf(ada).fates = (rpc) => (rpc === 'DictionarySet' ? { thereMs: 10, backMs: 2000 } : undefined);
      const changing: Promise<unknown> = what === 'edit' ? ada.edit(id, 'one') : ada.delete(id);
      const failing = expect(changing).rejects.toMatchObject({ code: 'closed' });
      await world.run(500);
      await world.result(ada.leave());
      await failing;
      linkOf(ada).fates = undefined;
      await world.join(ada);
      await world.run(60_000);
      for (const room of [bob, cy]) expect(message(room, id)?.text).toBe(what === 'edit' ? 'one' : '');
    },
  );

  it('that was stored as the room was left is told after the next join, though a later one was given up with it', async () => {
    const [ada, bob] = await joined('ada', 'bob');
    const id = await send(ada, 'zero');
    linkOf(ada).fates = (rpc) => (rpc === 'DictionarySet' ? { thereMs: 10, backMs: 2000 } : undefined);
    const changing = Promise.allSettled([ada.edit(id, 'one'), ada.edit(id, 'two')]);
    await world.run(500);
    await world.result(ada.leave());
    await changing;
    linkOf(ada).fates = undefined;
    await world.join(ada);
    await world.run(60_000);
    for (const room of [ada, bob]) expect(message(room, id)?.text).toBe('one');
  });

  it('that is written again is told again: another device may know only the one that storage had', async () => {
    const [one, two, bob] = await joined('ada', 'ada', 'bob');
    const id = await send(one, 'zero');
    linkOf(two).cut('silent');
    linkOf(two).fates = (rpc) => (rpc === 'DictionarySet' ? { thereMs: 500 } : undefined);
    const editing = two.edit(id, 'older');
    await world.run(5);
    await world.result(one.edit(id, 'newer'));
    await world.result(editing);
    world.engine.faults.resetTopic();
    linkOf(two).cut('told');
    await world.run(60_000);
    for (const room of [one, two, bob]) expect(message(room, id)?.text).toBe('newer');
    expect(await stored(id)).toContain('newer');
  });

  it('that was rejected, and is stored all the same, is told to everybody', async () => {
    const [ada, bob] = await joined('ada', 'bob');
    const id = await send(ada, 'zero');
    linkOf(ada).fates = (rpc) => (rpc === 'DictionarySet' ? { outcome: 'answer-lost' } : undefined);
    await expect(world.result(ada.edit(id, 'one'))).rejects.toMatchObject({ retryable: true });
    linkOf(ada).fates = undefined;
    await world.run(40_000);
    const [late] = await joined('late');
    for (const room of [ada, bob, late]) expect(message(room, id)?.text).toBe('one');
  });

  it('that was rejected, and is stored all the same, is told though storage cannot be read at first', async () => {
    const [ada, bob] = await joined('ada', 'bob');
    const id = await send(ada, 'zero');
    linkOf(ada).fates = (rpc) => (rpc === 'DictionarySet' ? { outcome: 'answer-lost' } : undefined);
    await expect(world.result(ada.edit(id, 'one'))).rejects.toMatchObject({ retryable: true });
    linkOf(ada).fates = (rpc) => (rpc === 'DictionaryGet' ? { outcome: 'refused' } : undefined);
    await world.run(30_000);
    linkOf(ada).fates = undefined;
    await world.run(60_000);
    for (const room of [ada, bob]) expect(message(room, id)?.text).toBe('one');
  });

  it.each(['stays', 'leaves and comes back'])(
    'that nobody could be told of is told as soon as that can be done, if who made it %s',
    async (then) => {
      const [ada, bob] = [open('ada', { retry: { timeoutMs: 1000 } }), open('bob')];
      await world.join(ada, bob);
      const id = await send(ada, 'zero');
      linkOf(ada).fates = (rpc) => (rpc === 'Publish' ? { outcome: 'refused' } : undefined);
      await world.result(ada.edit(id, 'one'));
      if (then === 'leaves and comes back') await world.result(ada.leave().then(() => ada.join()));
      await world.run(10_000);
      linkOf(ada).fates = undefined;
      await world.run(60_000);
      expect(message(bob, id)?.text).toBe('one');
    },
  );

  it('that is rejected while its message is being sent shows the edit before it again', async () => {
    const ada = open('ada');
    // Nobody vouches for her.
    world.clientOf(ada).tokens.userId = undefined;
    await world.join(ada);
    linkOf(ada).fates = (rpc) => (rpc === 'ListPushFront' ? { thereMs: 4000 } : undefined);
    const sending = ada.send('zero');
    await world.run(500);
    const id = ada.messages.at(-1)?.id ?? '';
    await world.result(ada.edit(id, 'one'));
    linkOf(ada).fates = (rpc) =>
      rpc === 'DictionarySet'
        ? { outcome: 'refused' }
        : rpc === 'ListPushFront'
          ? { thereMs: 4000 }
          : undefined;
    const texts = new Set<string>();
    ada.on('update', ({ text }) => texts.add(text));
    await expect(world.result(ada.edit(id, 'two'))).rejects.toMatchObject({ retryable: true });
    linkOf(ada).fates = undefined;
    await world.result(sending);
    expect([...texts, message(ada, id)?.text]).toEqual(['two', 'one', 'one']);
  });

  it('that an older one was written over is written again by who meets that', async () => {
    const [ada, bob] = await joined('ada', 'bob');
    const id = await writtenOver(ada);
    linkOf(bob).cut('told');
    await world.run(60_000);
    expect(await stored(id)).toContain('"two"');
    expect(message(bob, id)?.text).toBe('two');
  });

  it.each(['edit', 'delete'] as const)(
    'that an older one was written over is shown by those who knew the older one alone, once it is written again: %s()',
    async (what) => {
      const [ada, bob] = await joined('ada', 'bob');
      const id = await send(ada, 'zero');
      await world.result(ada.edit(id, 'one'));
      const older = await stored(id);
      const entry = world.list('r');
      await world.result<unknown>(what === 'edit' ? ada.edit(id, 'two') : ada.delete(id));
      await world.result(ada.leave());
      await store(id, older);
      world.setList('r', entry);
      const [cy] = await joined('cy');
      expect(message(cy, id)?.text).toBe('one');
      linkOf(bob).cut('told');
      await world.run(60_000);
      for (const room of [bob, cy]) expect(message(room, id)?.text).toBe(what === 'edit' ? 'two' : '');
    },
  );

  it('of somebody else that was written again is told of once, though the first telling failed', async () => {
    const [ada, bob] = [open('ada'), open('bob', { retry: { timeoutMs: 1000 } })];
    await world.join(ada, bob);
    const id = await writtenOver(ada);
    const [cy] = await joined('cy');
    expect(message(cy, id)?.text).toBe('one');
    let [failed, told] = [0, 0];
    let down = true;
    linkOf(bob).fates = (rpc) => {
      if (rpc !== 'Publish') return undefined;
      if (down) failed += 1;
      else told += 1;
      if (down) throw new MomentoError('INTERNAL', 'no');
      return undefined;
    };
    linkOf(bob).cut('told');
    for (let ms = 0; ms < 60_000 && failed === 0; ms += 500) await world.run(500);
    await world.run(2000);
    down = false;
    await world.run(600_000);
    expect({ told, text: message(cy, id)?.text }).toEqual({ told: 1, text: 'two' });
  });

  it('that nobody may be told of is not told again', async () => {
    const [ada] = await joined('ada', 'bob');
    const id = await send(ada, 'zero');
    const errors: string[] = [];
    ada.on('error', ({ code }) => errors.push(code));
    let tries = 0;
    linkOf(ada).fates = (rpc) => {
      if (rpc !== 'Publish') return undefined;
      tries += 1;
      throw new MomentoError('PERMISSION_DENIED', 'no');
    };
    await world.result(ada.edit(id, 'one'));
    await world.result(ada.pin(id));
    await world.run(600_000);
    expect({ tries, errors }).toEqual({ tries: 2, errors: ['permission-denied'] });
  });

  it('that is to be written again is written however often that fails at first', async () => {
    const [ada, bob] = [open('ada'), open('bob', { retry: { timeoutMs: 1000 } })];
    await world.join(ada, bob);
    const id = await writtenOver(ada);
    linkOf(bob).fates = (rpc) => (rpc === 'DictionarySet' ? { outcome: 'refused' } : undefined);
    linkOf(bob).cut('told');
    await world.run(120_000);
    linkOf(bob).fates = undefined;
    await world.run(60_000);
    expect(await stored(id)).toContain('"two"');
  });

  it('that a later one overtook, and whose writing came last, is undone by who wrote it', async () => {
    const [ada, tab] = await joined('ada', 'ada');
    const id = await send(ada, 'zero');
    linkOf(ada).fates = (rpc) =>
      rpc === 'DictionarySet' ? { outcome: 'request-lost', learnsAfterMs: 100 } : undefined;
    const first = ada.edit(id, 'one');
    await world.run(50);
    await world.result(tab.edit(id, 'two'));
    // The other one is not there to put it right.
    await world.result(tab.leave());
    await world.run(25_000);
    linkOf(ada).fates = undefined;
    await world.result(first);
    await world.run(40_000);
    expect(await stored(id)).toContain('"two"');
  });

  it('that no event can carry is read again when it comes while the one before is being read', async () => {
    const [ada, bob] = await joined('ada', 'bob');
    const id = await send(ada, 'hello');
    linkOf(bob).fates = (rpc) => (rpc === 'DictionaryGet' ? { backMs: 2500 } : undefined);
    await world.result(ada.edit(id, 'a'.repeat(3960)));
    await world.run(1200);
    const readings = linkOf(bob).calls.DictionaryGet ?? 0;
    await world.result(ada.edit(id, 'b'.repeat(3960)));
    await world.run(500);
    expect([message(bob, id)?.text, linkOf(bob).calls.DictionaryGet]).toEqual(['hello', readings]);
    await world.run(20_000);
    expect(message(bob, id)?.text).toBe('b'.repeat(3960));
  });

  it('that no event can carry, and that an earlier one was written over, shows everywhere when it is written again', async () => {
    const [ada, tab, bob] = [open('ada'), open('ada'), open('bob')];
    await world.join(ada, tab, bob);
    const id = await send(ada, 'zero');
    linkOf(ada).fates = (rpc) => (rpc === 'DictionarySet' ? { thereMs: 50 } : undefined);
    const first = ada.edit(id, 'one');
    await world.run(20);
    const large = 'x'.repeat(3960);
    await world.result(Promise.all([first, tab.edit(id, large)]));
    linkOf(ada).fates = undefined;
    await world.run(60_000);
    expect(await stored(id)).toContain(large);
    for (const room of [ada, tab, bob]) expect(message(room, id)?.text).toBe(large);
  });

  it('that no event can carry is read as soon as that can be done, however late', async () => {
    const [ada, bob] = await joined('ada', 'bob');
    const id = await send(ada, 'zero');
    linkOf(bob).fates = (rpc) => (rpc === 'DictionaryGet' ? { outcome: 'refused' } : undefined);
    await world.result(ada.edit(id, 'a'.repeat(3960)));
    await world.run(300_000);
    linkOf(bob).fates = undefined;
    await world.run(60_000);
    expect(message(bob, id)?.text).toHaveLength(3960);
  });

  it('follows one by a clock far ahead, and the changes of one that is not stored yet', async () => {
    const [ada, tab, bob] = await joined('ada', 'ada', 'bob');
    const id = await send(ada, 'zero');
    world.clientOf(tab).clock.jump(600_000);
    await world.result(tab.edit(id, 'one'));
    await world.run(1000);
    const edits = [ada.edit(id, 'two', { meta: { a: 1 } }), ada.edit(id, 'three', { meta: { b: 2 } })];
    await world.result(Promise.all(edits));
    await world.run(1000);
    for (const room of [ada, tab, bob])
      expect(message(room, id)).toMatchObject({ text: 'three', meta: { a: 1, b: 2 } });
  });

  it('of a message that is being sent is taken back when the room is left before it is stored', async () => {
    const [ada] = await joined('ada');
    linkOf(ada).fates = (rpc) =>
      rpc === 'DictionarySet' || rpc === 'ListPushFront' ? { outcome: 'request-lost' } : undefined;
    ada.send('zero').catch(() => {});
    await world.run(100);
    const id = ada.messages[0]?.id ?? '';
    const editing = ada.edit(id, 'one').catch(({ code }) => code);
    await world.run(100);
    expect(message(ada, id)?.text).toBe('one');
    void ada.leave();
    expect(await world.result(editing)).toBe('closed');
    expect(message(ada, id)).toMatchObject({ text: 'zero', status: 'failed' });
    expect(message(ada, id)?.editedAt).toBeUndefined();
  });

  it('of a message that came late is found, though its event was before', async () => {
    const [ada] = await joined('ada');
    const ids = new MessageIds(world.time);
    const [id, revision] = [ids.next(), ids.next()];
    const eve = { id: 'eve', name: 'eve' };
    await store(id, encodeRevision(id, { id: revision, by: eve, content: { text: 'edited' } }));
    const value = encodeMessage({ id, text: 'first', user: eve, sentAt: new Date(world.time.now()) });
    await world.run(10_000);
    const input = { cache: 'chat', topic: messagesTopic('r'), value };
    await world.result(world.transport().call(publish, input));
    await world.run(3000);
    expect(message(ada, id)?.text).toBe('edited');
  });
});

describe('a deletion', () => {
  it('wins over an edit that lands after it, from a device that has left', async () => {
    const [ada, bob] = await joined('ada', 'bob');
    const id = await send(ada, 'zero');
    linkOf(ada).fates = (rpc) => (rpc === 'DictionarySet' ? { thereMs: 1500 } : undefined);
    ada.edit(id, 'secret').catch(() => {});
    await world.run(100);
    void ada.leave();
    await world.result(bob.delete(id));
    await world.run(1500);
    expect(await stored(id)).toContain('secret');
    await world.run(40_000);
    expect(await stored(id)).not.toContain('secret');
  });

  it('of a message that is being sent removes it, however late it is stored', async () => {
    const ada = open('ada', { retry: { maxAttempts: 100 } });
    await world.join(ada);
    linkOf(ada).fates = (rpc) =>
      rpc === 'ListPushFront' ? { outcome: 'request-lost', learnsAfterMs: 100 } : undefined;
    const sending = ada.send('secret').catch(() => {});
    await world.run(100);
    await world.result(ada.delete(ada.messages[0]?.id ?? ''));
    await world.run(15_000);
    linkOf(ada).fates = undefined;
    await world.result(sending);
    expect(linkOf(ada).calls.ListPushFront).toBe(1);
    await world.run(20_000);
    expect(world.list('r').join()).not.toContain('secret');
  });

  it.each(['stays', 'leaves and comes back'])(
    'whose message could not be removed from the list has it removed as soon as that can be done, if who made it %s',
    async (then) => {
      const [ada] = await joined('ada');
      const id = await send(ada, 'secret');
      linkOf(ada).fates = (rpc) => (rpc === 'ListRemove' ? { outcome: 'refused' } : undefined);
      const deleting = ada.delete(id).catch(() => {});
      await world.run(1000);
      if (then === 'leaves and comes back') await world.result(ada.leave().then(() => ada.join()));
      await world.result(deleting);
      await world.run(60_000);
      linkOf(ada).fates = undefined;
      await world.run(60_000);
      expect(world.list('r')).toEqual([]);
    },
  );

  it('that was written over, and whose message is listed still, is made whole by who knows of it', async () => {
    const [ada, bob] = await joined('ada', 'bob');
    const id = await send(ada, 'secret');
    await world.result(ada.edit(id, 'secret still'));
    const edit = await stored(id);
    linkOf(ada).fates = (rpc) => (rpc === 'ListRemove' ? { outcome: 'refused' } : undefined);
    ada.delete(id).catch(() => {});
    await world.run(1000);
    await world.result(ada.leave());
    await store(id, edit);
    linkOf(bob).cut('told');
    await world.run(60_000);
    expect(await stored(id)).not.toContain('secret');
    expect(world.list('r')).toEqual([]);
  });

  it('whose message is listed still is met while no code can be loaded, and takes it from the list later', async () => {
    const ada = open('ada');
    await world.join(ada);
    const id = await send(ada, 'secret');
    linkOf(ada).fates = (rpc) => (rpc === 'ListRemove' ? { outcome: 'refused' } : undefined);
    ada.delete(id).catch(() => {});
    await world.run(1000);
    await world.result(ada.leave());
    const bob = open('bob');
    bob.once('status', () => vi.stubGlobal('navigator', { onLine: false }));
    await world.join(bob);
    await world.run(60_000);
    expect(world.list('r')).toHaveLength(1);
    vi.unstubAllGlobals();
    await send(bob, 'newer');
    linkOf(bob).cut('told');
    await world.run(60_000);
    expect(world.list('r')).toEqual([expect.stringContaining('newer')]);
  });

  it.each([1, 2])(
    'that was rejected, and is not stored, does not come true with a later edit (made %i times)',
    async (times) => {
      const ada = open('ada', { history: { maxInMemory: 2, pageSize: 2 } });
      const tab = open('ada');
      await world.join(ada, tab);
      const id = await send(ada, 'zero');
      linkOf(ada).fates = (rpc) => (rpc === 'DictionarySet' ? { outcome: 'refused' } : undefined);
      const deletions = Array.from({ length: times }, () => world.settled(ada.delete(id)));
      for (const deletion of await Promise.all(deletions)) expect(deletion?.status).toBe('rejected');
      linkOf(ada).fates = undefined;
      for (const text of ['one', 'two', 'three']) await send(ada, text);
      await world.run(30_000);
      expect(message(ada, id)).toBeUndefined();
      await world.result(tab.edit(id, 'edited'));
      await world.run(60_000);
      expect(await stored(id)).toContain('edited');
      expect(message(tab, id)?.text).toBe('edited');
    },
  );

  it('that nobody may make removes nothing, though it is stored', async () => {
    const mayDelete: ChatRoomOptions['mayDelete'] = ({ user }, by) => user.id === by.userId;
    const ada = open('ada', { mayDelete });
    await world.join(ada);
    const id = await send(ada, 'stays');
    await send(ada, 'newer');
    const eve = { id: 'eve', name: 'eve' };
    await store(id, encodeRevision(id, { id: new MessageIds(world.time).next(), by: eve }));
    const reader = open('reader', { mayDelete, history: { pageSize: 1 } });
    await world.join(reader);
    await world.result(reader.loadOlder());
    await world.run(40_000);
    expect(message(reader, id)?.text).toBe('stays');
    expect(world.list('r').join()).toContain('stays');
  });
});
