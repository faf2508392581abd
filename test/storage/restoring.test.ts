import { memoryStorage } from 'momento-chat/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

const { open, openBob, openOffline, tick, revisions } = adaTabs(() => ({ world, storage }));

describe('a room that is left and joined again at once', () => {
  it('keeps what is unsent in the new join, and leaves no session open', async () => {
    const tab = open();
    await world.join(tab.room);
    await world.result(tab.room.presence.enter());
    const leaving = tab.room.leave();
    const joining = tab.room.join();
    await world.result(Promise.all([leaving, joining]));
    await world.run(3000);
    expect(storage.sessions).toBe(1);
    tab.offline(true);
    await world.run(1000);
    send(tab, 'hello');
    await tick();
    expect(storage.kept.size).toBe(1);
    await world.result(tab.room.leave());
    expect(storage.sessions).toBe(0);
  });

  /** Ada's page, so joined, with a message of an earlier one, which it cannot send yet. */
  async function joinedTwice() {
    const first = await openOffline();
    const id = send(first, 'hello');
    await tick();
    first.die();
    const [bob, next] = [openBob(), open()];
    await world.join(bob);
    next.client.link.fates = (rpc) => {
      if (rpc === 'DictionaryGet') return { backMs: 3000 };
      return rpc === 'Publish' || rpc === 'ListPushFront' ? { outcome: 'request-lost' } : undefined;
    };
    await world.join(next.room);
    await world.run(250);
    const leaving = next.room.leave();
    await world.result(next.room.join());
    await world.run(100);
    return { id, bob, next, leaving };
  }

  it('shows what an earlier page left unsent as being sent, and not as failed', async () => {
    const { next } = await joinedTwice();
    expect(shown(next.room)).toEqual(['hello sending']);
  });

  it('stores that once, though the user retries it', async () => {
    const { id, bob, next, leaving } = await joinedTwice();
    next.client.link.fates = (rpc) =>
      rpc === 'ListPushFront' || rpc === 'Publish' ? { thereMs: 4000 } : undefined;
    next.room.retry(id).catch(() => {});
    await world.run(60_000);
    await world.result(leaving);
    expect([shown(next.room), shown(bob), world.list('r').length]).toEqual([
      ['hello sent'],
      ['hello sent'],
      1,
    ]);
  });
});

describe('a user who is known by the token only', () => {
  const NAMELESS = { name: 'Ada' };
  it('finds in the second join what the first one left, and keeps nothing under the name alone', async () => {
    const client = world.client({ userId: 'ada' });
    const room = client.room({ room: 'r', user: NAMELESS, storage });
    await world.join(room);
    client.link.connected = false;
    client.link.cut('told');
    await world.run(1000);
    send({ room }, 'hello');
    await tick();
    await world.result(room.leave());
    client.link.connected = true;
    await world.join(room);
    await world.run(5000);
    expect(shown(room)).toEqual(['hello sent']);
    client.link.connected = false;
    client.link.cut('told');
    await world.run(1000);
    send({ room }, 'again');
    await tick();
    expect([...storage.kept].map((key) => key.split(' ')[0])).toEqual(['=ada']);
  });

  it('neither sees nor sends, as another one, what the first user left', async () => {
    const client = world.client({ userId: 'ada' });
    const room = client.room({ room: 'r', user: NAMELESS, storage });
    await world.join(room);
    await world.result(room.leave());
    await world.join(room);
    client.link.connected = false;
    client.link.cut('told');
    await world.run(1000);
    send({ room }, 'hello');
    await tick();
    await world.result(room.leave());
    const other = world.client({ userId: 'eve' });
    const eve = other.room({ room: 'r', user: NAMELESS, storage });
    await world.join(eve);
    await world.result(eve.leave());
    await world.join(eve);
    await world.run(5000);
    expect(shown(eve)).toEqual([]);
  });
});

describe('a message that is discarded', () => {
  it('after the room was left is not sent by the next join', async () => {
    const tab = await openOffline();
    const id = send(tab, 'hello');
    await tick();
    await world.result(tab.room.leave());
    expect(shown(tab.room)).toEqual(['hello failed']);
    tab.room.discard(id);
    tab.offline(false);
    await world.join(tab.room);
    await world.run(5000);
    expect([tab.room.messages, world.list('r'), storage.kept.size]).toEqual([[], [], 0]);
  });

  it('after the room was left is not sent by another page either', async () => {
    const tab = await openOffline();
    const id = send(tab, 'hello');
    await tick();
    await world.result(tab.room.leave());
    tab.room.discard(id);
    await tick();
    tab.die();
    const next = open();
    await world.join(next.room);
    await world.run(5000);
    expect([next.room.messages, world.list('r'), storage.kept.size]).toEqual([[], [], 0]);
  });
});

it.each(['with', 'without'])(
  'a message that may have left, and is deleted after the room was left, is deleted for all in the next join: %s a storage',
  async (how) => {
    const [bob, tab] = [openBob(), how === 'with' ? open() : open({ storage: undefined })];
    await world.join(bob, tab.room);
    tab.client.link.fates = (rpc) =>
      rpc === 'Publish' || rpc === 'ListPushFront' ? { outcome: 'answer-lost' } : undefined;
    const id = send(tab, 'oops');
    await world.run(1000);
    await world.result(tab.room.leave());
    await world.result(tab.room.delete(id));
    expect([shown(tab.room), shown(bob)]).toEqual([[], ['oops sent']]);
    tab.client.link.fates = undefined;
    await world.join(tab.room);
    await world.run(60_000);
    expect([shown(tab.room), shown(bob), world.list('r')]).toEqual([[' sent'], [' sent'], []]);
  },
);

describe('a change of an earlier page', () => {
  it.each(['delete', 'react'] as const)(
    'to %s that fails for want of a connection is made when that is back',
    async (what) => {
      const [bob, first] = [openBob(), open()];
      await world.join(bob, first.room);
      const { id } = await world.result(first.room.send('hello'));
      first.offline(true);
      await world.run(1000);
      if (what === 'delete') void first.room.delete(id).catch(() => {});
      else void first.room.react(id, '👍').catch(() => {});
      await tick();
      first.die();
      const second = open();
      second.client.link.fates = (rpc) =>
        /DictionarySet|SortedSetPut/.test(rpc) ? { outcome: 'refused' } : undefined;
      await world.join(second.room);
      await world.run(6 * 60_000);
      second.offline(true);
      await world.run(6 * 60_000);
      second.client.link.fates = undefined;
      second.offline(false);
      await world.run(30_000);
      if (what === 'delete') expect(shown(bob)).toEqual([' sent']);
      else expect(bob.messages[0]?.reactions).toMatchObject([{ emoji: '👍' }]);
      expect(storage.kept.size).toBe(0);
    },
  );

  it('to edit that got no answer in time is made when the connection is back', async () => {
    const [bob, first] = [openBob(), open()];
    await world.join(bob, first.room);
    const { id } = await world.result(first.room.send('one'));
    first.offline(true);
    await world.run(1000);
    void first.room.edit(id, 'two').catch(() => {});
    await tick();
    first.die();
    const second = open();
    second.client.link.fates = (rpc) => (rpc === 'DictionarySet' ? { outcome: 'request-lost' } : undefined);
    await world.join(second.room);
    await world.run(6 * 60_000);
    second.client.link.fates = undefined;
    second.offline(true);
    await world.run(5000);
    second.offline(false);
    await world.run(30_000);
    expect(shown(bob)).toEqual(['two sent']);
  });

  it('to edit is dropped, text and all, when the message was deleted as well', async () => {
    const first = open();
    await world.join(first.room);
    first.client.link.fates = () => ({ outcome: 'request-lost' });
    const id = send(first, 'one');
    await world.run(3000);
    void first.room.edit(id, 'secret').catch(() => {});
    await tick();
    void first.room.delete(id).catch(() => {});
    await tick();
    first.die();
    const second = open();
    await world.join(second.room);
    await world.run(60_000);
    expect(await revisions()).not.toContain('secret');
    expect([world.list('r'), [...storage.kept]]).toEqual([[], []]);
  });

  it('to delete is made once, and its message is forgotten', async () => {
    const first = open();
    await world.join(first.room);
    first.client.link.fates = () => ({ outcome: 'request-lost' });
    const id = send(first, 'secret');
    await world.run(3000);
    void first.room.delete(id).catch(() => {});
    await tick();
    first.die();
    const second = open();
    await world.join(second.room);
    await world.run(60_000);
    expect([world.list('r'), [...storage.kept]]).toEqual([[], []]);
  });

  it('to edit that is too old is shown no longer', async () => {
    storage = watchedStorage(memoryStorage({ maxAgeMs: 60_000 }));
    const first = open();
    await world.join(first.room);
    first.client.link.fates = () => ({ outcome: 'request-lost' });
    const id = send(first, 'one');
    await world.run(3000);
    void first.room.edit(id, 'two').catch(() => {});
    await tick();
    first.die();
    await world.run(61_000);
    const second = open();
    await world.join(second.room);
    await world.run(10_000);
    expect(shown(second.room)).toEqual(['one failed']);
  });
});

describe('a message that nobody can have seen', () => {
  it('has only its last text sent, however often it was edited', async () => {
    const bob = openBob();
    await world.join(bob);
    const texts: string[] = [];
    bob.on('message', ({ text }) => texts.push(text)).on('update', ({ text }) => texts.push(text));
    const tab = await openOffline();
    const id = send(tab, 'one');
    await tick();
    for (const text of ['two', 'three']) {
      void tab.room.edit(id, text).catch(() => {});
      await tick();
    }
    tab.offline(false);
    await world.run(10_000);
    expect(shown(tab.room)).toEqual(['three sent']);
    expect(new Set(texts)).toEqual(new Set(['three']));
  });

  it('rejects with `closed` at once when it is deleted while others wait before it', async () => {
    const tab = await openOffline();
    for (const text of ['one', 'two', 'three']) send(tab, text);
    const sending = tab.room.send('four').catch(({ code }) => code);
    const id = tab.room.messages.at(-1)?.id ?? '';
    await tick();
    await world.result(tab.room.delete(id));
    const outcome = await Promise.race([sending, world.run(100).then(() => 'still waiting')]);
    expect(outcome).toBe('closed');
    tab.offline(false);
    await world.run(10_000);
    expect(shown(tab.room)).toEqual(['one sent', 'two sent', 'three sent']);
  });
});

it('a new message is sent though more than are sent at once wait for their edits', async () => {
  const [bob, first] = [openBob(), open()];
  await world.join(bob, first.room);
  first.client.link.fates = () => ({ outcome: 'request-lost' });
  for (const text of ['a', 'b', 'c']) {
    const id = send(first, text);
    await world.run(100);
    first.room.edit(id, `${text}!`).catch(() => {});
  }
  await tick();
  first.die();
  const second = open();
  second.client.link.fates = (rpc) => (rpc === 'DictionarySet' ? { outcome: 'refused' } : undefined);
  await world.join(second.room);
  await world.run(1000);
  send(second, 'new');
  await world.run(1000);
  expect(shown(bob)).toEqual(['new sent']);
  second.client.link.fates = undefined;
  await world.run(60_000);
  expect(shown(bob)).toEqual(['a! sent', 'b! sent', 'c! sent', 'new sent']);
});

it('one user more is hidden, and none less, when the stored ones could not be read', async () => {
  const first = open();
  first.room.hide('bob');
  await tick();
  const second = open();
  const { get } = second.storage;
  second.storage.get = async () => {
    throw new DOMException('the disk is busy', 'UnknownError');
  };
  second.room.hide('eve');
  await tick();
  second.storage.get = get;
  const third = open();
  await world.join(third.room);
  expect(third.room.hidden).toContain('bob');
});

it('its failures are written to the logger, like every error', async () => {
  const lines: string[] = [];
  const line = (text: string) => lines.push(text);
  const tab = open({ logger: { debug: () => {}, info: () => {}, warn: line, error: line } });
  tab.storage.fault = 'refuses';
  await world.join(tab.room);
  await world.result(tab.room.send('hello'));
  expect(tab.errors).toEqual(['storage-unavailable']);
  await expect.poll(() => lines.length).toBe(1);
});

describe('a change of an earlier page', () => {
  it('that was stored, but not told, is told: a reaction', async () => {
    const [bob, first] = [openBob(), open()];
    await world.join(bob, first.room);
    const { id } = await world.result(first.room.send('hello'));
    first.client.link.fates = (rpc) => (rpc === 'Publish' ? { outcome: 'request-lost' } : undefined);
    void first.room.react(id, '👍').catch(() => {});
    await world.run(1000);
    first.die();
    const second = open();
    await world.join(second.room);
    await world.run(5000);
    expect(bob.messages[0]?.reactions).toMatchObject([{ emoji: '👍', count: 1 }]);
  });

  it('is made by a tab that does not have the message in memory', async () => {
    const bob = openBob();
    await world.join(bob);
    const heir = await openOffline();
    const first = open();
    await world.join(first.room);
    const { id } = await world.result(first.room.send('hello'));
    first.offline(true);
    await world.run(1000);
    void first.room.react(id, '👍').catch(() => {});
    await tick();
    first.die();
    await world.run(1000);
    heir.offline(false);
    await world.run(30_000);
    expect(heir.errors).not.toContain('invalid-argument');
    expect(bob.messages[0]?.reactions).toMatchObject([{ emoji: '👍', count: 1 }]);
  });

  it('is made soon after a reading for it failed once', async () => {
    const [bob, first] = [openBob(), open()];
    await world.join(bob, first.room);
    const { id } = await world.result(first.room.send('one'));
    first.offline(true);
    await world.run(1000);
    void first.room.edit(id, 'two').catch(() => {});
    await tick();
    first.die();
    const second = open();
    second.client.link.fates = (rpc) => (rpc === 'DictionaryGet' ? { outcome: 'refused' } : undefined);
    second.room.join().catch(() => {});
    await world.run(5000);
    second.client.link.fates = undefined;
    await world.join(second.room);
    await world.run(30_000);
    expect(shown(bob)).toEqual(['two sent']);
  });
});

it('a draft that is being saved when the room is left does not outlive a wipe', async () => {
  const tab = open();
  await world.join(tab.room);
  const { set } = tab.storage;
  tab.storage.set = async (...args) => {
    await new Promise<void>((resolve) => world.time.after(100, resolve));
    await set(...args);
  };
  void tab.room.saveDraft('sec');
  void tab.room.saveDraft('secret');
  await world.result(tab.room.leave());
  await storage.clear('ada');
  await world.run(1000);
  expect(await open().room.loadDraft()).toBe('');
});

it('a user who was hidden before it was known for whom stays hidden', async () => {
  const client = world.client({ userId: 'ada' });
  const room = client.room({ room: 'r', user: { name: 'Ada' }, storage });
  room.hide('bob');
  await world.join(room);
  await world.result(room.leave());
  const next = client.room({ room: 'r', user: { name: 'Ada' }, storage });
  await world.join(next);
  expect([...next.hidden]).toEqual(['bob']);
});

it('where the storage fails, nobody sees the first text of a message that was edited before it left', async () => {
  const bob = openBob();
  await world.join(bob);
  const texts: string[] = [];
  bob.on('message', ({ text }) => texts.push(text)).on('update', ({ text }) => texts.push(text));
  const tab = open();
  tab.storage.fault = 'refuses';
  await world.join(tab.room);
  tab.offline(true);
  await world.run(1000);
  const id = send(tab, 'one');
  await tick();
  void tab.room.edit(id, 'two').catch(() => {});
  await tick();
  tab.offline(false);
  await world.run(10_000);
  expect(new Set(texts)).toEqual(new Set(['two']));
});

it('a message that failed, and is there all the same, is kept no longer', async () => {
  const [first, second] = [open({ retry: { timeoutMs: 20_000 } }), open()];
  await world.join(first.room, second.room);
  first.client.link.fates = (rpc) => (/Push|Publish/.test(rpc) ? { outcome: 'answer-lost' } : undefined);
  send(first, 'hello');
  await world.run(40_000);
  expect([shown(first.room), shown(second.room)]).toEqual([['hello failed'], ['hello sent']]);
  first.die();
  await world.run(10_000);
  expect([shown(second.room), [...storage.kept]]).toEqual([['hello sent'], []]);
});

it('the last of two edits of a message that was sent is made', async () => {
  const [bob, first] = [openBob(), open()];
  await world.join(bob, first.room);
  const { id } = await world.result(first.room.send('one'));
  first.offline(true);
  await world.run(1000);
  for (const text of ['two', 'three']) {
    void first.room.edit(id, text).catch(() => {});
    await tick();
  }
  first.die();
  const second = open();
  await world.join(second.room);
  await world.run(20_000);
  expect(shown(bob)).toEqual(['three sent']);
});
