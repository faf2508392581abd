import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
// Loaded ahead, so that nothing waits for the disk while virtual time stands still.
import '../../src/features/revision-writer.js';
import { MessageIds } from '../../src/messages/message-id.js';
import type { ChatRoomOptions } from '../../src/room/options.js';
import { dictionaryFetch, dictionarySetFields } from '../../src/transport/operations/dictionaries.js';
import { listPushFront } from '../../src/transport/operations/lists.js';
import { publish } from '../../src/transport/operations/topics.js';
import type { Transport } from '../../src/transport/transport.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import { FAIR } from '../support/weather.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

const open = (id: string, options: Partial<ChatRoomOptions> = {}) =>
  world.room({ room: 'r', user: { id, name: id }, ...options });
const texts = (room: ChatRoom) => room.messages.map(({ text }) => text);
const message = (room: ChatRoom, id: string) => room.messages.find((one) => one.id === id);
const send = (room: ChatRoom, ...args: Parameters<ChatRoom['send']>) => world.result(room.send(...args));
const edit = (room: ChatRoom, ...args: Parameters<ChatRoom['edit']>) => world.result(room.edit(...args));
const remove = (room: ChatRoom, id: string) => world.result(room.delete(id));
const call = ((operation: never, input: never) =>
  world.result(world.transport().call(operation, input))) as unknown as Transport['call'];
/** All that storage holds for the room, as one text. */
async function stored(): Promise<string> {
  const fields = await call(dictionaryFetch, { cache: 'chat', dictionary: 'r:revisions' });
  return [...world.list('r'), ...fields.values()].join('\n');
}

describe('an edit', () => {
  it('of somebody who may send more is read back by who may send less', async () => {
    const [ada, bob] = [open('ada'), open('bob', { maxMessageBytes: 500 })];
    await world.join(ada, bob);
    const { id } = await send(ada, 'old');
    const long = 'x'.repeat(3500);
    await edit(ada, id, long);
    await world.run(1000);
    const late = open('late', { maxMessageBytes: 500 });
    await world.join(late);
    expect([bob, late].map((room) => message(room, id)?.text)).toEqual([long, long]);
  });

  it('shows everywhere, and keeps meta, files, reply link and mentions that it does not name', async () => {
    const [ada, bob] = [open('ada'), open('bob')];
    await world.join(ada, bob);
    const first = await send(ada, 'first');
    const file = { id: 'f', name: 'a.png', type: 'image/png', size: 1 };
    const sent = await send(ada, 'old', {
      meta: { a: 1, b: 2 },
      replyTo: first.id,
      mentions: ['bob'],
      files: [file],
    });
    await world.run(1000);
    const updates: string[] = [];
    bob.on('update', ({ text }) => updates.push(text));
    const edited = await edit(ada, sent.id, 'new', { meta: { a: null, c: 3 } });
    await world.run(1000);
    const late = open('late');
    await world.join(late);
    for (const shown of [edited, message(bob, sent.id), message(late, sent.id), message(ada, sent.id)])
      expect(shown).toMatchObject({
        text: 'new',
        meta: { b: 2, c: 3 },
        files: [file],
        mentions: ['bob'],
        replyTo: { id: first.id },
        editedAt: expect.any(Date),
      });
    expect(updates).toEqual(['new']);
    expect(message(bob, sent.id)?.mentionsMe).toBe(true);
    await edit(ada, sent.id, 'newer', { mentions: [] });
    await world.run(1000);
    expect(message(bob, sent.id)).toMatchObject({ text: 'newer', meta: { b: 2, c: 3 }, mentionsMe: false });
    expect(message(bob, sent.id)).not.toHaveProperty('mentions');
  });

  it('is there before the first showing of a page that was stored before it', async () => {
    const [ada, bob] = [open('ada'), open('bob')];
    await world.join(ada, bob);
    const first = await send(ada, 'one');
    for (let index = 0; index < 119; index += 1) await send(ada, `m${index}`);
    const late = open('late');
    await world.join(late);
    const shown: string[] = [];
    late.on('history', (page) => {
      for (const { id, text } of page) if (id === first.id) shown.push(text);
    });
    late.on('update', ({ id, text }) => id === first.id && shown.push(text));
    await edit(ada, first.id, 'two');
    await edit(ada, first.id, 'three');
    await edit(ada, first.id, 'four');
    await world.run(1000);
    const before = world.clientOf(late).link.calls.DictionaryGet ?? 0;
    await world.result(late.loadOlder());
    expect((world.clientOf(late).link.calls.DictionaryGet ?? 0) - before).toBe(1);
    await world.result(late.loadOlder());
    expect(texts(late)[0]).toBe('four');
    expect(shown).toEqual(['four']);
  });

  it.each(['two', 'one'])(
    'counts when it is the later one, and the dictionary ends with it: %s',
    async (slow) => {
      const [ada, tab] = [open('ada'), open('ada')];
      await world.join(ada, tab);
      const { id } = await send(ada, 'zero');
      await world.run(1000);
      // The writing of one is under way when the other is written.
      world.clientOf(slow === 'one' ? ada : tab).link.fates = (rpc) =>
        rpc === 'DictionarySet' ? { thereMs: 3000 } : undefined;
      const first = ada.edit(id, 'one');
      await world.run(50);
      const second = tab.edit(id, 'two');
      await world.result(Promise.all([first, second]));
      await world.run(40_000);
      expect([message(ada, id)?.text, message(tab, id)?.text]).toEqual(['two', 'two']);
      expect(await stored()).toContain('"two"');
    },
  );

  it('is refused for what is not one’s own, deleted, unknown or blank', async () => {
    const [ada, bob] = [open('ada'), open('bob')];
    await world.join(ada, bob);
    const { id } = await send(ada, 'mine');
    await world.run(1000);
    await expect(edit(bob, id, 'x')).rejects.toMatchObject({ code: 'permission-denied' });
    await expect(edit(ada, id, ' ')).rejects.toThrow('unable to edit the message; the text is empty');
    await expect(edit(ada, id, 'x'.repeat(5000))).rejects.toMatchObject({ code: 'message-too-large' });
    await expect(edit(ada, 'x', 'x')).rejects.toMatchObject({ code: 'invalid-argument' });
    await remove(ada, id);
    await expect(edit(ada, id, 'x')).rejects.toThrow('unable to edit the message; it was deleted');
    expect(message(bob, id)?.text).toBe('');
  });

  it('of the largest size, which no event can carry, arrives as well', async () => {
    const [ada, bob] = [open('ada'), open('bob')];
    await world.join(ada, bob);
    const { id } = await send(ada, 'small');
    const largest = 'x'.repeat(3960);
    await edit(ada, id, largest);
    await world.run(5000);
    expect(message(bob, id)?.text).toBe(largest);
  });

  it('by who has no id is theirs in the same room object only', async () => {
    const anonymous = world.room({ room: 'r', user: { name: 'Guest' } });
    const other = world.room({ room: 'r', user: { name: 'Guest' } });
    await world.join(anonymous, other);
    const { id } = await send(anonymous, 'old');
    await world.run(1000);
    await expect(edit(other, id, 'x')).rejects.toMatchObject({ code: 'permission-denied' });
    await edit(anonymous, id, 'new');
    await world.run(1000);
    expect(texts(other)).toEqual(['new']);
  });
});

describe('a deletion', () => {
  it('leaves no text anywhere, also when an edit comes ten seconds after it', async () => {
    const [ada, bob] = [open('ada'), open('bob')];
    await world.join(ada, bob);
    const { id } = await send(ada, 'secret one');
    await world.run(1000);
    world.clientOf(ada).link.fates = (rpc) => (rpc === 'Publish' ? { thereMs: 10_000 } : undefined);
    void ada.edit(id, 'secret two').catch(() => {});
    await world.run(1000);
    await remove(bob, id);
    await world.run(60_000);
    const late = open('late');
    await world.join(late);
    for (const room of [ada, bob]) {
      expect(message(room, id)).toMatchObject({ text: '', deletedBy: 'bob', deletedAt: expect.any(Date) });
      expect(JSON.stringify(room.messages)).not.toContain('secret');
    }
    expect(late.messages).toEqual([]);
    expect(await stored()).not.toContain('secret');
  });

  it('wins over an edit whose writing overtakes it in storage', async () => {
    const [ada, bob] = [open('ada'), open('bob')];
    await world.join(ada, bob);
    const { id } = await send(ada, 'secret one');
    await world.run(1000);
    world.clientOf(ada).link.fates = (rpc) => (rpc === 'DictionarySet' ? { thereMs: 4000 } : undefined);
    const editing = ada.edit(id, 'secret two');
    await world.run(500);
    await remove(bob, id);
    await world.result(editing);
    await world.run(40_000);
    expect(await stored()).not.toContain('secret');
    expect([message(ada, id)?.text, message(bob, id)?.text]).toEqual(['', '']);
  });

  it('is idempotent, and may be made by two at once', async () => {
    const [ada, bob] = [open('ada'), open('bob')];
    await world.join(ada, bob);
    const { id } = await send(ada, 'x');
    await world.run(1000);
    await world.result(Promise.all([ada.delete(id), bob.delete(id)]));
    await world.run(40_000);
    await remove(bob, id);
    expect(message(ada, id)).toEqual({ ...message(bob, id), own: true });
    expect(world.list('r')).toEqual([]);
  });

  it('of a message whose push lands late takes it out of the list all the same', async () => {
    const [ada, bob] = [open('ada'), open('bob')];
    await world.join(ada, bob);
    let pushes = 0;
    world.clientOf(ada).link.fates = (rpc) => {
      if (rpc !== 'ListPushFront') return undefined;
      pushes += 1;
      return { thereMs: pushes === 1 ? 9000 : 3000 };
    };
    const sending = ada.send('secret').catch(() => {});
    await world.run(500);
    const [mine] = ada.messages;
    await remove(ada, mine?.id ?? '');
    await world.result(sending);
    await world.run(60_000);
    expect(pushes).toBeGreaterThan(1);
    expect(await stored()).not.toContain('secret');
    expect(JSON.stringify([ada.messages, bob.messages])).not.toContain('secret');
  });

  it('of a message that failed discards it', async () => {
    const ada = open('ada', { retry: { maxAttempts: 1 } });
    await world.join(ada);
    world.clientOf(ada).link.fates = (rpc) => (rpc === 'ListPushFront' ? { outcome: 'refused' } : undefined);
    await expect(send(ada, 'x')).rejects.toThrow();
    const [failed] = ada.messages;
    await remove(ada, failed?.id ?? '');
    expect(ada.messages).toEqual([]);
  });

  it('whose entry is still in the list takes it out when a page meets it, on one client and not on all', async () => {
    const ada = open('ada');
    await world.join(ada);
    const { id } = await send(ada, 'secret');
    await send(ada, 'other');
    const [, payload = ''] = world.list('r');
    await remove(ada, id);
    await world.run(30_000);
    const input = { cache: 'chat', list: 'r', value: payload, ttlSeconds: 60 };
    await call(listPushFront, input);
    const readers = [open('r1'), open('r2'), open('r3'), open('r4')];
    await world.join(...readers);
    for (const room of readers) expect(texts(room)).toEqual(['', 'other']);
    await world.run(40_000);
    expect(await stored()).not.toContain('secret');
    const removals = readers.map((room) => world.clientOf(room).link.calls.ListRemove ?? 0);
    expect(removals.reduce((sum, calls) => sum + calls, 0)).toBe(1);
  });

  it('is honoured and made as `mayDelete` says', async () => {
    const mayDelete: ChatRoomOptions['mayDelete'] = ({ user }, by) =>
      by.userId === user.id || by.userId === 'mod';
    const [ada, bob, mod] = ['ada', 'bob', 'mod'].map((id) => open(id, { mayDelete }));
    const hostile = open('eve');
    if (ada === undefined || bob === undefined || mod === undefined) throw new Error();
    await world.join(ada, bob, mod, hostile);
    const { id } = await send(ada, 'x');
    await edit(ada, id, 'edited');
    await world.run(1000);
    await expect(remove(bob, id)).rejects.toMatchObject({ code: 'permission-denied' });
    await remove(hostile, id);
    await world.run(40_000);
    expect(message(ada, id)?.text).toBe('edited');
    expect(message(bob, id)?.text).toBe('edited');
    expect(await stored()).toContain('edited');
    await remove(mod, id);
    await world.run(1000);
    expect(message(ada, id)?.text).toBe('');
  });

  it('that came before its message is kept and applied', async () => {
    const [ada, bob] = [open('ada'), open('bob')];
    await world.join(ada, bob);
    world.clientOf(ada).link.fates = (rpc) => (rpc === 'Publish' ? { thereMs: 3000 } : undefined);
    const seen: string[] = [];
    bob.on('message', ({ text }) => seen.push(text));
    const sending = ada.send('secret');
    await world.run(500);
    world.clientOf(ada).link.fates = undefined;
    await remove(ada, ada.messages[0]?.id ?? '');
    await world.result(sending);
    await world.run(5000);
    expect(seen).toEqual(['']);
  });
});

describe('hostile members', () => {
  const v = (event: object) => JSON.stringify({ v: 1, ...event });
  const id = (n: number) => `0198${n.toString(16).padStart(4, '0')}-0000-7000-8000-000000000000`;
  const eve = { id: 'eve', name: 'eve' };
  const ada = { id: 'ada', name: 'ada' };
  const future = 'ffffffff-0000-7000-8000-000000000000';

  it.each([
    ['somebody else', (of: string) => v({ id: id(1), type: 'edit', user: eve, data: { of, text: 'bad' } })],
    [
      'a claim that Momento disproves',
      (of: string) => v({ id: id(1), type: 'edit', user: ada, data: { of, text: 'bad' } }),
    ],
    ['an empty text', (of: string) => v({ id: id(1), type: 'edit', user: ada, data: { of, text: ' ' } })],
    ['no text', (of: string) => v({ id: id(1), type: 'edit', user: ada, data: { of, text: 7 } })],
    ['the future', (of: string) => v({ id: future, type: 'delete', user: ada, data: { of } })],
    ['no id', (of: string) => v({ id: 'x', type: 'delete', user: ada, data: { of } })],
    ['nobody', (of: string) => v({ id: id(1), type: 'delete', data: { of } })],
    ['no message', () => v({ id: id(1), type: 'delete', user: ada, data: { of: ['x'] } })],
    ['a prototype', () => v({ id: id(1), type: 'delete', user: ada, data: { of: '__proto__' } })],
  ])('change nothing with an event of %s', async (_, event) => {
    const [room, other] = [open('ada'), open('bob')];
    await world.join(room, other);
    const sent = await send(room, 'good');
    await world.run(1000);
    const token = (await world.clientOf(open('eve')).tokens.source({ rooms: ['r'] } as never)) as {
      token: string;
    };
    await world.result(
      world.transport(token.token).call(publish, { cache: 'chat', topic: 'r:events', value: event(sent.id) }),
    );
    await world.run(1000);
    expect([texts(room), texts(other)]).toEqual([['good'], ['good']]);
  });

  it.each([
    [
      'another user’s edit',
      (of: string) => v({ id: id(1), type: 'edit', user: eve, data: { of, text: 'bad' } }),
    ],
    ['the field of another message', () => v({ id: id(1), type: 'delete', user: ada, data: { of: id(2) } })],
    ['the future', (of: string) => v({ id: future, type: 'edit', user: ada, data: { of, text: 'bad' } })],
    [
      'a megabyte',
      (of: string) => v({ id: id(1), type: 'edit', user: ada, data: { of, text: 'x'.repeat(1e6) } }),
    ],
    ['rubbish', () => '{'],
  ])('change nothing with a stored value of %s', async (_, value) => {
    const room = open('ada');
    await world.join(room);
    const sent = await send(room, 'good');
    const fields = new Map([[sent.id, value(sent.id)]]);
    const input = { cache: 'chat', dictionary: 'r:revisions', fields, ttlSeconds: 60 };
    await call(dictionarySetFields, input);
    const late = open('late');
    await world.join(late);
    expect(texts(late)).toEqual(['good']);
  });

  it('cannot keep a page from being shown by an entry of another kind', async () => {
    const room = open('ada');
    await world.join(room);
    await send(room, 'good');
    const input = { cache: 'chat', list: 'r:revisions', value: 'x', ttlSeconds: 60 };
    await call(listPushFront, input);
    const late = open('late');
    let errors = 0;
    late.on('error', () => {
      errors += 1;
    });
    await world.join(late);
    expect(texts(late)).toEqual(['good']);
    expect(errors).toBe(1);
    await expect(edit(room, room.messages[0]?.id ?? '', 'x')).rejects.toMatchObject({ code: 'server' });
  });

  it('cannot fill memory with revisions of messages that nobody sent, nor push out one that counts', async () => {
    const [room, writer] = [open('ada'), open('bob')];
    world.clientOf(room).link.weather = { ...FAIR, latencyMs: 0 };
    await world.join(room, writer);
    const sent = await send(writer, 'old');
    await edit(writer, sent.id, 'new');
    await world.run(1000);
    for (let index = 0; index < 2500; index += 1) {
      const event = v({ id: id(index), type: 'delete', user: eve, data: { of: id(index) } });
      await call(publish, { cache: 'chat', topic: 'r:events', value: event });
    }
    await world.run(1000);
    expect(texts(room)).toEqual(['new']);
  });

  it('cannot keep a deletion away by what they claimed of its message before it was in memory', async () => {
    const [ada, bob] = [open('ada'), open('bob', { history: { pageSize: 2 } })];
    await world.join(ada);
    const sent = await send(ada, 'secret');
    for (const text of ['a', 'b']) await send(ada, text);
    await world.join(bob);
    for (const n of [1, 2, 3, 4]) {
      const data = { of: sent.id, text: 'forged' };
      world.publish('r:events', v({ id: id(n), type: 'edit', user: { id: `eve${n}`, name: 'eve' }, data }));
    }
    await world.run(1000);
    await world.loadAll(bob);
    expect(message(bob, sent.id)?.text).toBe('secret');
    await remove(ada, sent.id);
    await world.run(1000);
    expect(message(bob, sent.id)?.text).toBe('');
  });

  describe('cannot undo, with what they and its author claim, a deletion', () => {
    const claim = async (type: 'edit' | 'delete', of: string, ...users: string[]) => {
      const ids = new MessageIds(world.time);
      for (const user of users) {
        const data = type === 'edit' ? { of, text: 'shown again' } : { of };
        world.publish('r:events', v({ id: ids.next(), type, user: { id: user, name: user }, data }));
      }
      await world.run(1000);
    };
    const forgers = ['eve1', 'eve2', 'eve3'];

    it('that is stored, of a message that is loaded again', async () => {
      const [ada, bob] = [open('ada'), open('bob', { history: { pageSize: 2, maxInMemory: 5 } })];
      await world.join(ada);
      const sent = await send(ada, 'secret');
      for (const text of ['a', 'b', 'c', 'd']) await send(ada, text);
      // Its entry is in the list for long.
      world.clientOf(ada).link.fates = (rpc) => (rpc === 'ListRemove' ? { thereMs: 60_000 } : undefined);
      ada.delete(sent.id).catch(() => {});
      await world.run(1000);
      await world.join(bob);
      await world.loadAll(bob);
      expect(message(bob, sent.id)?.text).toBe('');
      await world.result(bob.leave());
      for (const text of ['e', 'f', 'g']) await send(ada, text);
      await world.join(bob);
      expect(message(bob, sent.id)).toBeUndefined();
      await claim('edit', sent.id, ...forgers);
      await world.loadAll(bob);
      await claim('edit', sent.id, 'ada');
      expect(message(bob, sent.id)?.text).toBe('');
    });

    it('that was told of, and is not stored', async () => {
      const [ada, bob] = [open('ada'), open('bob', { history: { pageSize: 2 } })];
      await world.join(ada);
      const sent = await send(ada, 'secret');
      for (const text of ['a', 'b']) await send(ada, text);
      await world.join(bob);
      await claim('delete', sent.id, 'mod');
      await claim('edit', sent.id, ...forgers);
      await world.loadAll(bob);
      await claim('edit', sent.id, 'ada');
      expect(message(bob, sent.id)?.text).toBe('');
    });
  });

  it('cost a reading in two seconds, however often an edit without its text is told of', async () => {
    const [room, writer] = [open('ada'), open('bob')];
    await world.join(room, writer);
    const sent = await send(writer, 'old');
    await world.run(1000);
    const { DictionaryGet: before = 0 } = world.clientOf(room).link.calls;
    const long = 'x'.repeat(3850);
    for (let index = 0; index < 80; index += 1) {
      const event = v({ id: id(60_000 + index), type: 'edit', user: eve, data: { of: sent.id } });
      await call(publish, { cache: 'chat', topic: 'r:events', value: event });
      await world.run(250);
      if (index === 40) await edit(writer, sent.id, long);
    }
    await world.run(3000);
    expect((world.clientOf(room).link.calls.DictionaryGet ?? 0) - before).toBeLessThanOrEqual(14);
    expect(texts(room)).toEqual([long]);
  });
});
