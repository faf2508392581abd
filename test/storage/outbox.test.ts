import { memoryStorage } from 'momento-chat/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { uiOf } from '../../src/ui/room-ui.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import { openTab, type Tab } from '../support/tab.js';
import { ADA, adaTabs, send, shown } from './ada-tabs.js';

const DAY_MS = 86_400_000;

let world: InProcessWorld;
let storage: ReturnType<typeof memoryStorage>;
beforeEach(() => {
  world = inProcessWorld();
  storage = memoryStorage();
});
afterEach(() => world.end());

const { open, openBob, openOffline, tick, revisions } = adaTabs(() => ({ world, storage }));
const stored = async () => [...world.list('r'), await revisions()].join('\n');

describe('a message that was not sent when its tab was closed', () => {
  it('is sent once by the next page, with its reactions, as it was edited', async () => {
    const bob = openBob();
    await world.join(bob);
    const updates: string[] = [];
    bob.on('message', ({ text }) => updates.push(text)).on('update', ({ text }) => updates.push(text));
    const first = await openOffline();
    const id = send(first, 'helo');
    const gone = send(first, 'secret');
    await tick();
    await first.room.edit(id, 'hello');
    first.room.react(id, '👍').catch(() => {});
    await first.room.delete(gone);
    await tick();
    first.die();

    const [second, third] = [open(), open()];
    second.offline(true);
    const joining = second.room.join();
    await tick();
    expect(shown(second.room)).toEqual(['hello sending']);
    second.offline(false);
    await world.result(joining);
    await world.join(third.room);
    await world.run(10_000);
    for (const room of [bob, second.room, third.room]) {
      expect(shown(room)).toEqual(['hello sent']);
      expect(room.messages[0]?.reactions).toMatchObject([{ emoji: '👍', count: 1 }]);
    }
    expect(new Set(updates)).toEqual(new Set(['hello']));
    expect(world.list('r')).toHaveLength(1);
    expect(await stored()).not.toMatch(/secret|helo"/);
    expect(third.errors).toEqual([]);
    expect(third.client.link.calls.ListPushFront ?? 0).toBe(0);
    // Nothing is left to do for another page.
    const fourth = open();
    await world.join(fourth.room);
    await world.run(10_000);
    expect(fourth.client.link.calls.ListPushFront ?? 0).toBe(0);
  });

  it('is sent by a tab that is open already, and by none while its own lives', async () => {
    const [first, second] = [await openOffline(), open()];
    await world.join(second.room);
    send(first, 'hello');
    await world.run(20_000);
    expect(second.room.messages).toEqual([]);
    first.die();
    await world.run(5000);
    expect(shown(second.room)).toEqual(['hello sent']);
  });

  it('is not stored twice when only the answer was lost', async () => {
    const [bob, first] = [openBob(), open()];
    await world.join(bob, first.room);
    first.client.link.fates = (rpc) =>
      rpc === 'Publish' || rpc === 'ListPushFront' ? { outcome: 'answer-lost' } : undefined;
    send(first, 'hello');
    await world.run(1000);
    first.die();
    const second = open();
    await world.join(second.room);
    await world.run(10_000);
    expect(world.list('r')).toHaveLength(1);
    expect([shown(second.room), shown(bob)]).toEqual([['hello sent'], ['hello sent']]);
  });

  it('is sent when the room is left and joined again, by the same room', async () => {
    const { room } = await openOffline();
    void room.send('hello').catch(() => {});
    await tick();
    const tab = world.clientOf(room);
    void room.leave();
    await tick();
    expect(shown(room)).toEqual(['hello failed']);
    tab.link.connected = true;
    await world.join(room);
    await world.run(5000);
    expect(shown(room)).toEqual(['hello sent']);
    expect(world.list('r')).toHaveLength(1);
  });

  it('that another tab sent meanwhile is sent, and not failed, for the one that had left', async () => {
    const [first, second] = [await openOffline(), open()];
    send(first, 'hello');
    await world.join(second.room);
    void first.room.leave();
    await world.run(10_000);
    expect(shown(second.room)).toEqual(['hello sent']);
    first.client.link.connected = true;
    await world.join(first.room);
    await world.run(10_000);
    expect(shown(first.room)).toEqual(['hello sent']);
    expect(world.list('r')).toHaveLength(1);
  });

  it('that another tab sends later, and the one that had left hears of, is sent, and not failed, there as well', async () => {
    const [first, second, bob] = [await openOffline(), open(), openBob()];
    await world.join(bob, second.room);
    send(first, 'hello');
    second.offline(true);
    await world.run(1000);
    void first.room.leave();
    await world.run(10_000);
    first.offline(false);
    await world.join(first.room);
    await world.run(10_000);
    second.offline(false);
    await world.run(60_000);
    for (const room of [first.room, second.room, bob]) expect(shown(room)).toEqual(['hello sent']);
    expect(world.list('r')).toHaveLength(1);
  });

  it('may be edited and deleted before it is sent', async () => {
    const bob = openBob();
    await world.join(bob);
    const seen: string[] = [];
    bob.on('message', ({ text }) => seen.push(text));
    const first = await openOffline();
    const id = send(first, 'old');
    const gone = send(first, 'secret');
    await tick();
    first.die();
    const second = open();
    second.offline(true);
    const joining = second.room.join();
    await tick();
    expect(shown(second.room)).toEqual(['old sending', 'secret sending']);
    second.offline(false);
    await world.result(joining);
    // Both may have left: a tombstone and an edit follow them.
    await world.result(Promise.all([second.room.edit(id, 'new'), second.room.delete(gone)]));
    await world.run(20_000);
    expect(shown(bob).filter((text) => text !== ' sent')).toEqual(['new sent']);
    expect(await stored()).not.toContain('secret');
  });

  it('keeps changes that were made after it may have left', async () => {
    const first = open();
    await world.join(first.room);
    first.client.link.fates = () => ({ outcome: 'request-lost' });
    const id = send(first, 'old');
    const gone = send(first, 'secret');
    await world.run(3000);
    void first.room.edit(id, 'new').catch(() => {});
    void first.room.delete(gone).catch(() => {});
    await tick();
    first.die();
    const bob = openBob();
    await world.join(bob);
    const seen: string[] = [];
    bob.on('message', ({ text }) => seen.push(text));
    const second = open();
    await world.join(second.room);
    await world.run(20_000);
    expect(seen).toEqual(['new']);
    expect(shown(second.room)).toEqual(['new sent']);
    expect(await stored()).not.toContain('secret');
  });

  it('has the last of several edits that were made after it may have left', async () => {
    const first = open();
    await world.join(first.room);
    first.client.link.fates = () => ({ outcome: 'request-lost' });
    const id = send(first, 'one');
    await world.run(3000);
    for (const text of ['two', 'three', 'four']) {
      void first.room.edit(id, text).catch(() => {});
      await tick();
      expect(shown(first.room)).toEqual([`${text} sending`]);
    }
    first.die();
    const [second, bob] = [open(), openBob()];
    await world.join(second.room, bob);
    await world.run(20_000);
    for (const room of [second.room, bob]) expect(shown(room)).toEqual(['four sent']);
  });

  it('has its edit told to others when that was stored, but not told, before the room was left', async () => {
    const [first, second, bob] = [open(), open(), openBob()];
    await world.join(first.room, second.room, bob);
    const id = send(first, 'one');
    void first.room.edit(id, 'two').catch(() => {});
    await tick();
    void first.room.leave();
    await world.run(20_000);
    for (const room of [second.room, bob]) expect(shown(room)).toEqual(['two sent']);
  });

  it('does not overwrite a later edit of another device', async () => {
    const first = open();
    await world.join(first.room);
    const { id } = await world.result(first.room.send('one'));
    first.offline(true);
    await world.run(1000);
    void first.room.edit(id, 'two').catch(() => {});
    await tick();
    first.die();
    const phone = world.room({ room: 'r', user: ADA });
    await world.join(phone);
    await world.result(phone.edit(id, 'three'));
    const second = open();
    await world.join(second.room);
    await world.run(20_000);
    expect([shown(phone), shown(second.room)]).toEqual([['three sent'], ['three sent']]);
    expect(await stored()).not.toContain('two');
  });

  it('is a reply of a thread as well', async () => {
    const bob = openBob();
    await world.join(bob);
    const root = await world.result(bob.send('root'));
    const first = open();
    await world.join(first.room);
    await world.result(first.room.thread(root.id).open());
    first.offline(true);
    await world.run(1000);
    void first.room
      .thread(root.id)
      .send('reply')
      .catch(() => {});
    await tick();
    first.die();
    const second = open();
    await world.join(second.room);
    await world.run(10_000);
    await world.result(bob.thread(root.id).open());
    expect(bob.thread(root.id).messages.map(({ text }) => text)).toEqual(['reply']);
    bob.thread(root.id).close();
  });

  it('is none of another user, whose own are not wiped with it', async () => {
    const first = await openOffline();
    send(first, 'hello');
    await tick();
    first.die();
    const eve = open({}, { id: 'eve', name: 'Ada' });
    await world.join(eve.room);
    await world.run(10_000);
    expect(eve.room.messages).toEqual([]);
    await storage.clear('eve');
    await storage.clear('ad');
    const elsewhere = open({ room: 'other' });
    await world.join(elsewhere.room);
    expect(elsewhere.room.messages).toEqual([]);
    const again = open();
    await world.join(again.room);
    await world.run(5000);
    expect(shown(again.room)).toEqual(['hello sent']);
  });

  it('is gone after a wipe', async () => {
    const first = await openOffline();
    send(first, 'hello');
    await tick();
    first.die();
    await storage.clear('ada');
    const second = open();
    await world.join(second.room);
    await world.run(5000);
    expect(second.room.messages).toEqual([]);
  });
});

describe('a message that is too old', () => {
  it('is failed, says so, and can be retried', async () => {
    storage = memoryStorage({ maxAgeMs: 60_000 });
    const first = await openOffline();
    const id = send(first, 'hello');
    void first.room.react(id, '👍').catch(() => {});
    await tick();
    first.die();
    await world.run(61_000);
    const second = open();
    await world.join(second.room);
    await world.run(20_000);
    expect(shown(second.room)).toEqual(['hello failed']);
    expect(second.errors).toEqual(['timeout', 'timeout']);
    // It stays so, and is told of once.
    second.die();
    const third = open();
    await world.join(third.room);
    await world.run(20_000);
    expect(shown(third.room)).toEqual(['hello failed']);
    expect(third.errors).toEqual([]);
    await world.result(third.room.retry(id));
    expect(world.list('r')).toHaveLength(1);
  });

  it('can be discarded, for good', async () => {
    storage = memoryStorage({ maxAgeMs: 60_000 });
    const first = await openOffline();
    const id = send(first, 'hello');
    await tick();
    first.die();
    await world.run(61_000);
    const second = open();
    await world.join(second.room);
    await world.run(1000);
    second.room.discard(id);
    await tick();
    const third = open();
    second.die();
    await world.join(third.room);
    await world.run(5000);
    expect(third.room.messages).toEqual([]);
  });

  it('is sent when only the clock of the device was set: the age is taken by the clock of the server', async () => {
    const first = await openOffline();
    send(first, 'hello');
    await tick();
    first.die();
    const second = open();
    second.client.clock.jump(3 * DAY_MS);
    await world.join(second.room);
    await world.run(5000);
    expect(shown(second.room)).toEqual(['hello sent']);
  });

  it('is failed as well when its age is unknown, since it is from the future', async () => {
    const first = await openOffline();
    send(first, 'hello');
    await tick();
    first.die();
    const place = { user: '=ada', cache: 'chat', room: 'r' };
    let move = () => {};
    const session = await storage.open(place, (records) => {
      move = () => {
        for (const [key, record] of records)
          void session.put(key, { ...record, at: Number(record.at) + 3_600_000 });
      };
    });
    move();
    await session.close();
    const second = open();
    await world.join(second.room);
    await world.run(5000);
    expect(second.errors).toEqual(['timeout']);
    expect(shown(second.room)).toEqual(['hello failed']);
  });
});

describe('a storage that fails', () => {
  it.each(['refuses', 'hangs'] as const)(
    'when it %s never stops a message, and is told of once',
    async (fault) => {
      const tab = open();
      tab.storage.fault = fault;
      await world.join(tab.room);
      for (const text of ['one', 'two']) await world.result(tab.room.send(text));
      tab.offline(true);
      await world.run(1000);
      const id = send(tab, 'three');
      const editing = tab.room.edit(id, 'four');
      tab.offline(false);
      await world.result(editing);
      await world.run(20_000);
      expect(shown(tab.room)).toEqual(['one sent', 'two sent', 'four sent']);
      expect(tab.errors.filter((code) => code === 'storage-unavailable')).toHaveLength(1);
      await world.result(tab.room.leave());
    },
  );

  it('in the middle of it loses nothing in the open tab', async () => {
    const tab = await openOffline();
    const id = send(tab, 'one');
    await tick();
    tab.storage.fault = 'refuses';
    void tab.room.edit(id, 'two').catch(() => {});
    await tick();
    tab.offline(false);
    await world.run(20_000);
    expect(shown(tab.room)).toEqual(['two sent']);
  });
});

it('both calls leave before send() returns, with a storage as well', async () => {
  const tab = open();
  await world.join(tab.room);
  tab.storage.fault = 'hangs';
  const before = { ...tab.client.link.calls };
  tab.client.link.fates = () => ({ thereMs: 0 });
  send(tab, 'hello');
  await tick();
  expect(tab.client.link.calls.Publish).toBe((before.Publish ?? 0) + 1);
  expect(tab.client.link.calls.ListPushFront).toBe((before.ListPushFront ?? 0) + 1);
});

it('drafts of room and threads survive, for this user and until they are emptied', async () => {
  const first = open();
  await first.room.saveDraft('hel');
  void first.room.saveDraft('hello');
  await first.room.saveDraft('a reply', '0198c0de-0000-7000-8000-000000000000');
  await tick();
  first.die();
  const second = open();
  expect(await second.room.loadDraft()).toBe('hello');
  expect(await second.room.loadDraft('0198c0de-0000-7000-8000-000000000000')).toBe('a reply');
  expect(await open({}, { id: 'eve', name: 'Ada' }).room.loadDraft()).toBe('');
  await second.room.saveDraft('');
  expect(await open().room.loadDraft()).toBe('');
  expect(await world.room({ room: 'r', user: ADA }).loadDraft()).toBe('');
});

it('a draft of the adapters for frameworks comes back, and is gone once it is sent', async () => {
  const draftIn = ({ room }: Tab) => {
    const { draft } = uiOf(room as never);
    draft.view.subscribe(() => {});
    return draft;
  };
  const first = open();
  draftIn(first).setText('hel');
  await tick();
  first.die();
  const second = open();
  await world.join(second.room);
  const draft = draftIn(second);
  await tick();
  expect(draft.view.get().text).toBe('hel');
  await world.result(draft.send());
  expect(shown(second.room)).toEqual(['hel sent']);
  second.die();
  const third = draftIn(open());
  await tick();
  expect(third.view.get().text).toBe('');
});

it('hidden users stay hidden', async () => {
  const bob = openBob();
  await world.join(bob);
  await world.result(bob.send('rude'));
  const first = open();
  first.room.hide('bob');
  first.room.hide('eve');
  first.room.unhide('eve');
  await tick();
  first.die();
  const second = open();
  await world.join(second.room);
  expect([...second.room.hidden]).toEqual(['bob']);
  expect(second.room.messages).toEqual([]);
});

it('no token is kept', async () => {
  const kept: unknown[] = [];
  const spy: typeof storage = {
    ...storage,
    open: async (place, adopt) => {
      const session = await storage.open(place, adopt);
      return {
        ...session,
        put: (key, record) => {
          kept.push([place, key, record]);
          return session.put(key, record);
        },
      };
    },
  };
  const tab = openTab(world, spy, ADA);
  await world.join(tab.room);
  await world.result(tab.room.send('hello'));
  const token = await tab.client.tokens.source({ rooms: ['r'] } as never);
  expect(kept.length).toBeGreaterThan(0);
  expect(JSON.stringify(kept)).not.toContain((token as { token: string }).token.slice(0, 20));
  expect(JSON.stringify(kept)).not.toMatch(/token|apiKey/i);
});
