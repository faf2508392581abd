import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeMark } from '../../src/features/read-state.js';
import type { ChatRoom } from '../../src/lite-room.js';
import { MomentoError } from '../../src/local/status.js';
import { MessageIds } from '../../src/messages/message-id.js';
import {
  dictionaryFetch,
  dictionaryRemoveFields,
  dictionarySetFields,
} from '../../src/transport/operations/dictionaries.js';
import { publish } from '../../src/transport/operations/topics.js';
import type { Fate } from '../support/in-process-link.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import '../../src/features/read.js';

const READ = { cache: 'chat', dictionary: 'lobby:read' };

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

async function open(name: string): Promise<ChatRoom> {
  const room = world.room({ room: 'lobby', user: { id: name, name } });
  room.on('read', () => {});
  await world.join(room);
  await world.run(2000);
  return room;
}

/** Ada, Bob, and two messages of Bob's that both have. */
async function pair(): Promise<{ ada: ChatRoom; bob: ChatRoom; one: string; two: string }> {
  const [ada, bob] = [await open('ada'), await open('bob')];
  const { id: one } = await world.result(bob.send('one'));
  const { id: two } = await world.result(bob.send('two'));
  await world.run(2000);
  return { ada, bob, one, two };
}

/** How far storage says that a user has read. */
async function readBy(user: string): Promise<string | undefined> {
  const stored = await world.result(world.transport().call(dictionaryFetch, READ));
  return decodeMark(stored.get(user) ?? '', world.time.now())?.read;
}

it('the own mark that storage has lost is stored again with the next reading', async () => {
  const { ada, two } = await pair();
  await world.result(ada.read.mark());
  await world.result(world.transport().call(dictionaryRemoveFields, { ...READ, fields: ['ada'] }));
  expect(await readBy('ada')).toBeUndefined();
  world.clientOf(ada).link.cut('told');
  await world.run(10_000);
  expect(await readBy('ada')).toBe(two);
});

it('the own mark that an older one was written over, late, is stored again', async () => {
  const { ada, one, two } = await pair();
  let first = true;
  world.clientOf(ada).link.fates = (rpc) => {
    if (rpc !== 'DictionarySet' || !first) return undefined;
    first = false;
    return { thereMs: 12_000 };
  };
  await world.result(ada.read.mark(one));
  await world.result(ada.read.mark(two));
  expect(await readBy('ada')).toBe(two);
  await world.run(10_000);
  expect(await readBy('ada'), 'the call that was given up').toBe(one);
  await world.run(20_000);
  expect(await readBy('ada')).toBe(two);
});

it('the own mark that a device wrote over as it left, late, is stored again', async () => {
  const { ada, bob, one, two } = await pair();
  const other = await open('ada');
  world.clientOf(other).link.fates = (rpc) => (rpc === 'DictionarySet' ? { thereMs: 2500 } : undefined);
  const marking = ada.read.mark();
  const leaving = other.read.markUnread(one).catch(() => {});
  await world.run(1);
  await world.result(other.leave());
  await world.result(Promise.all([marking, leaving]));
  await world.run(30_000);
  expect(await readBy('ada')).toBe(two);
  expect(bob.read.receipts.get('ada')).toBe(two);
});

it('a receipt whose event comes after that of a newer one changes nothing', async () => {
  const { ada, bob, one, two } = await pair();
  await world.result(ada.read.mark(two));
  await world.run(1000);
  const id = new MessageIds(world.time).next();
  const data = { id: one, at: 1, version: '', read: one };
  const value = JSON.stringify({ v: 1, id, type: 'read', user: { id: 'ada', name: 'ada' }, data });
  await world.result(world.transport().call(publish, { cache: 'chat', topic: 'lobby:events', value }));
  await world.run(200);
  expect(bob.read.receipts.get('ada')).toBe(two);
});

it('what is stored last is the newest mark, though the call of an older one is slow', async () => {
  const { ada, one, two } = await pair();
  const { link } = world.clientOf(ada);
  link.fates = (rpc) => (rpc === 'DictionarySet' ? { thereMs: 3000, backMs: 0 } : undefined);
  const first = ada.read.mark(one);
  await world.run(1500);
  link.fates = undefined;
  const second = ada.read.mark(two);
  await world.result(Promise.all([first, second]));
  expect(await readBy('ada')).toBe(two);
});

it('of two times that messages were made unread the later one counts, though the clock of the first is far ahead', async () => {
  const { ada, one, two } = await pair();
  const tab = await open('ada');
  await world.result(ada.read.mark(two));
  await world.run(2000);
  world.clientOf(tab).clock.jump(600_000);
  await world.result(tab.read.markUnread(two));
  await world.run(2000);
  await world.result(ada.read.markUnread(one));
  await world.run(2000);
  expect([ada, tab].map(({ read }) => read.unread.count)).toEqual([2, 2]);
});

it('a message that was not there yet is not marked as read', async () => {
  const { ada, bob } = await pair();
  await world.result(ada.read.mark(new MessageIds(world.time.skewed(60_000)).next()));
  await world.result(bob.send('three'));
  await world.run(2000);
  expect(ada.read.unread.count).toBe(1);
});

it('a device that hears what another one has stored stores nothing', async () => {
  const { ada } = await pair();
  const tab = await open('ada');
  const before = world.clientOf(tab).link.calls.DictionarySet ?? 0;
  await world.result(ada.read.mark());
  await world.run(10_000);
  expect(tab.read.unread.count).toBe(0);
  expect(world.clientOf(tab).link.calls.DictionarySet ?? 0).toBe(before);
});

it('two devices that follow a lively room store and tell nothing more when it is quiet', async () => {
  const { ada, bob } = await pair();
  const phone = await open('ada');
  const devices = [ada, phone];
  // The mark that one device tells of is older than the one that the other device knows by then.
  for (const room of devices)
    world.clientOf(room).link.fates = (rpc) => (rpc === 'DictionarySet' ? { thereMs: 400 } : undefined);
  const work = () =>
    devices.flatMap((room) => {
      const { DictionarySet = 0, Publish = 0 } = world.clientOf(room).link.calls;
      return [DictionarySet, Publish];
    });
  for (let index = 0; index < 30; index += 1) {
    const { id } = await world.result(bob.send(`${index}`));
    await world.run(130);
    for (const room of devices) room.read.mark(id).catch(() => {});
    await world.run(350);
  }
  await world.run(4000);
  const before = work();
  await world.run(60_000);
  expect(work()).toEqual(before);
});

it('the own mark that an earlier one was written over, by a call that was under way, is stored again', async () => {
  const { ada, one, two } = await pair();
  const other = await open('ada');
  // It hears nothing of its own event, which nobody gets.
  world.clientOf(ada).link.fates = (rpc) =>
    rpc === 'DictionarySet' ? { thereMs: 1500 } : rpc === 'Publish' ? { outcome: 'request-lost' } : undefined;
  const marking = ada.read.mark(one);
  await world.run(100);
  await world.result(other.read.mark(two));
  await world.result(other.leave());
  await world.run(1500);
  expect(await readBy('ada')).toBe(one);
  await world.result(marking);
  await world.run(5000);
  expect(await readBy('ada')).toBe(two);
});

it('the own mark that a device wrote over as it left is stored again, though it is of a later moment', async () => {
  const { ada, one, two } = await pair();
  const other = await open('ada');
  world.clientOf(other).link.fates = (rpc) => (rpc === 'DictionarySet' ? { thereMs: 2500 } : undefined);
  const leaving = other.read.mark(one).catch(() => {});
  await world.run(1);
  await world.result(other.leave());
  await world.result(ada.read.mark(two));
  expect(await readBy('ada')).toBe(two);
  await world.result(leaving);
  await world.run(30_000);
  expect(await readBy('ada')).toBe(two);
});

it('a mark that may be stored, and that nobody may be told of, is stored once, however often storage is read', async () => {
  const { ada, two } = await pair();
  const { link } = world.clientOf(ada);
  let tries = 0;
  link.fates = (rpc) => {
    if (rpc !== 'Publish') return undefined;
    tries += 1;
    throw new MomentoError('PERMISSION_DENIED', 'no');
  };
  const before = link.calls.DictionarySet ?? 0;
  await world.result(ada.read.mark());
  for (let reading = 0; reading < 4; reading += 1) {
    link.cut('told');
    await world.run(30_000);
  }
  expect([await readBy('ada'), tries, (link.calls.DictionarySet ?? 0) - before]).toEqual([two, 1, 1]);
});

it('to mark what is stored as read once more waits for nobody to be told', async () => {
  const { ada, two } = await pair();
  world.clientOf(ada).link.fates = (rpc) => (rpc === 'Publish' ? { outcome: 'refused' } : undefined);
  const first = world.settled(ada.read.mark());
  await world.run(2000);
  expect(await readBy('ada')).toBe(two);
  const began = world.time.monotonic();
  await world.result(ada.read.mark());
  expect(world.time.monotonic() - began).toBeLessThan(100);
  await first;
});

describe('others are told of a mark that was stored', () => {
  it.each([
    ['as the room is left while they are told in vain', undefined],
    ['by a call whose answer was lost as the room was left', 'answer-lost'],
  ] as const)('%s, once it is joined again', async (_, outcome) => {
    const { ada, bob, two } = await pair();
    const { link } = world.clientOf(ada);
    link.fates = (rpc) => (rpc === 'Publish' ? { outcome: 'request-lost' } : outcome && { outcome });
    const marking = ada.read.mark().catch(() => {});
    await world.run(1000);
    await world.result(Promise.all([ada.leave(), marking]));
    expect([await readBy('ada'), bob.read.receipts.get('ada')]).toEqual([two, undefined]);
    link.fates = undefined;
    await world.join(ada);
    await world.run(5000);
    expect(bob.read.receipts.get('ada')).toBe(two);
  });

  it('while no event could be sent, after the next reading, and it is not stored again', async () => {
    const { ada, bob, two } = await pair();
    const { link } = world.clientOf(ada);
    const before = link.calls.DictionarySet ?? 0;
    link.fates = (rpc) => (rpc === 'Publish' ? { outcome: 'refused' } : undefined);
    await world.settled(ada.read.mark());
    await world.run(120_000);
    link.fates = undefined;
    await world.run(30_000);
    expect([await readBy('ada'), bob.read.receipts.get('ada')]).toEqual([two, undefined]);
    link.cut('told');
    await world.run(10_000);
    expect(bob.read.receipts.get('ada')).toBe(two);
    expect((link.calls.DictionarySet ?? 0) - before).toBe(1);
  });

  it('as the room is left while they are told in vain, with the last call', async () => {
    const { ada, bob, two } = await pair();
    const { link } = world.clientOf(ada);
    let first = true;
    link.fates = (rpc) => {
      if (rpc !== 'Publish' || !first) return undefined;
      first = false;
      return { outcome: 'request-lost' };
    };
    const marking = ada.read.mark().catch(() => {});
    await world.run(500);
    expect([await readBy('ada'), bob.read.receipts.get('ada')]).toEqual([two, undefined]);
    await world.result(Promise.all([ada.leave(), marking]));
    await world.run(1000);
    expect(bob.read.receipts.get('ada')).toBe(two);
  });
});

describe('right after a join, when nothing of storage was read yet', () => {
  /** Ada's room, which she has left, and two messages that she has read; another page of hers made them unread again. */
  async function unread(aheadMs = 0): Promise<{ ada: ChatRoom; one: string }> {
    const { ada, one } = await pair();
    await world.result(ada.read.mark());
    await world.result(ada.leave());
    const page = await open('ada');
    world.clientOf(page).clock.jump(aheadMs);
    await world.result(page.read.markUnread(one));
    await world.result(page.leave());
    await world.run(60_000);
    return { ada, one };
  }

  /** Joins with a room of hers whose answers take a moment. */
  async function joinAgain(
    room = world.room({ room: 'lobby', user: { id: 'ada', name: 'ada' } }),
  ): Promise<ChatRoom> {
    const { link } = world.clientOf(room);
    link.weather = { ...link.weather, latencyMs: 50 };
    room.on('read', () => {});
    await world.result(room.join());
    return room;
  }

  it('mark() marks what another page made unread, which shows as unread at no time', async () => {
    await unread();
    const again = await joinAgain();
    const counts: number[] = [];
    again.on('read', ({ count }) => counts.push(count));
    await world.result(again.read.mark());
    await world.run(60_000);
    expect([again.read.unread.count, ...new Set(counts)]).toEqual([0, 0]);
  });

  it('mark() marks what another page made unread since the room was left', async () => {
    const { ada } = await unread();
    await world.result((await joinAgain(ada)).read.mark());
    await world.run(60_000);
    expect(ada.read.unread.count).toBe(0);
  });

  it('markUnread() counts, though another page did that by a clock far ahead', async () => {
    const { one } = await unread(600_000);
    const device = await open('ada');
    await world.result(device.read.mark());
    await world.result(device.leave());
    const again = await joinAgain();
    await world.result(again.read.markUnread(one));
    await world.run(60_000);
    expect(again.read.unread.count).toBe(2);
  });

  it('mark() is stored, though the room is left before that was done', async () => {
    const { ada, bob, two } = await pair();
    await world.result(ada.leave());
    const again = await joinAgain(ada);
    // Whether it was stored in time is not known to who waits for it.
    const marking = expect(again.read.mark()).rejects.toMatchObject({ code: 'closed' });
    await world.run(10);
    await world.result(Promise.all([again.leave(), marking]));
    expect(await readBy('ada')).toBe(two);
    await world.run(2000);
    expect(bob.read.receipts.get('ada')).toBe(two);
  });

  it.each<[string, Partial<Fate>]>([
    ['is slow', { backMs: 4000 }],
    ['is never answered', { outcome: 'answer-lost' }],
  ])('mark() shows at once and is stored, though the reading %s', async (_, fate) => {
    const { ada, two } = await pair();
    await world.result(ada.leave());
    world.clientOf(ada).link.fates = (rpc) => (rpc === 'DictionaryFetch' ? fate : undefined);
    await joinAgain(ada);
    expect(ada.read.unread.count).toBe(2);
    const marking = ada.read.mark();
    await world.run(1000);
    expect(ada.read.unread.count).toBe(0);
    await world.result(marking);
    expect(await readBy('ada')).toBe(two);
  });

  it('mark() is stored on a slow network, though a member filled what is read', async () => {
    const { ada, two } = await pair();
    await world.result(ada.leave());
    const fields = new Map(Array.from({ length: 400 }, (_, at) => [`x${at}`, 'x'.repeat(1000)]));
    await world.result(world.transport().call(dictionarySetFields, { ...READ, fields, ttlSeconds: 86_400 }));
    const { link } = world.clientOf(ada);
    link.weather = { ...link.weather, bytesPerSecond: 20_000 };
    await world.result((await joinAgain(ada)).read.mark());
    expect(await readBy('ada')).toBe(two);
  });

  it('mark() counts, though the room is left before the stored marker was read', async () => {
    const { ada } = await unread();
    world.clientOf(ada).link.fates = (rpc) => (rpc === 'DictionaryFetch' ? { backMs: 4000 } : undefined);
    await joinAgain(ada);
    await world.result(ada.read.mark().catch(() => {}));
    await world.result(ada.leave());
    world.clientOf(ada).link.fates = undefined;
    const other = await open('ada');
    await world.join(ada);
    await world.run(60_000);
    expect([other, ada].map(({ read }) => read.unread.count)).toEqual([0, 0]);
  });

  it('a mark of less than was read on a device that is gone takes nothing back', async () => {
    const { ada, one, two } = await pair();
    await world.result(ada.read.mark());
    await world.result(ada.leave());
    const device = world.room({ room: 'lobby', user: { id: 'ada', name: 'ada' } });
    world.clientOf(device).link.fates = (rpc) => (rpc === 'DictionaryFetch' ? { thereMs: 500 } : undefined);
    await joinAgain(device);
    await world.result(device.read.mark(one));
    await world.run(60_000);
    expect([device.read.unread.count, await readBy('ada')]).toEqual([0, two]);
  });

  it('mark() counts more than what a page that comes back had made unread before', async () => {
    const { ada, one } = await pair();
    await world.result(ada.read.mark());
    await world.result(ada.read.markUnread(one));
    await world.result(ada.leave());
    const device = world.room({ room: 'lobby', user: { id: 'ada', name: 'ada' } });
    world.clientOf(device).link.fates = (rpc) => (rpc === 'DictionaryFetch' ? { thereMs: 500 } : undefined);
    await joinAgain(device);
    await world.result(device.read.mark());
    await world.run(60_000);
    await world.join(ada);
    await world.run(60_000);
    expect([device, ada].map(({ read }) => read.unread.count)).toEqual([0, 0]);
  });

  describe('and the connection is lost', () => {
    /** Ada's joined room, and what becomes of that, as nothing reaches storage any more. */
    async function cutOff(act: (room: ChatRoom) => Promise<void>, room: ChatRoom) {
      await world.result(room.leave());
      const { link } = world.clientOf(await joinAgain(room));
      const acting = act(room);
      await world.run(1);
      link.cut('told');
      link.connected = false;
      return { link, acting };
    }

    it('mark() is given up in the end', async () => {
      const { ada } = await pair();
      const { acting } = await cutOff((room) => room.read.mark(), ada);
      await expect(world.result(acting)).rejects.toMatchObject({ retryable: true });
    });

    it.each(['mark', 'markUnread'] as const)(
      '%s() counts on all devices after the next join, though the room is left meanwhile',
      async (what) => {
        const { ada, one, two } = await pair();
        if (what === 'markUnread') await world.result(ada.read.mark());
        const { link, acting } = await cutOff((room) => room.read[what](what === 'mark' ? two : one), ada);
        await world.run(5000);
        const rejected = expect(acting).rejects.toMatchObject({ code: 'closed' });
        await world.result(Promise.all([ada.leave(), rejected]));
        link.connected = true;
        await world.run(5000);
        await world.join(ada);
        await world.run(30_000);
        const count = what === 'mark' ? 0 : 2;
        const rooms = [ada, await open('ada')];
        expect([...rooms.map(({ read }) => read.unread.count), await readBy('ada')]).toEqual([
          count,
          count,
          two,
        ]);
      },
    );
  });
});
