import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import type { Gap } from '../../src/room/events.js';
import { textsOf } from '../support/chat.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

describe('what leaves memory, and what comes late', () => {
  const twenty = { history: { maxInMemory: 20, pageSize: 10 } };
  const shown = (room: ChatRoom) => textsOf(room).filter((text) => text !== 'filler');

  it('G1: a message that failed in a tunnel and is sent later shows, though newer ones filled the memory', async () => {
    const sender = world.member('Ada', { retry: { maxAttempts: 1, timeoutMs: 1000 } });
    const [other, reader] = [world.member('Bob', twenty), world.member('Eve', twenty)];
    await world.joined(sender, other, reader);
    const { link } = world.clientOf(sender);
    link.connected = false;
    const failed = await world.settled(sender.send('from the tunnel'));
    expect(failed).toMatchObject({ status: 'rejected' });
    for (let sent = 0; sent < 40; sent += 1) await world.say(other, 'filler');
    link.connected = true;
    await world.run(60_000);
    const { id } = sender.messages.find(({ status }) => status === 'failed') ?? { id: '' };
    expect(await world.settled(sender.retry(id))).toMatchObject({ status: 'fulfilled' });
    expect(shown(reader)).toEqual(['from the tunnel']);
  });

  it('G1, G5: what others say shows, and can be paged back to, beside more failed messages than memory holds', async () => {
    const options = { history: { maxInMemory: 5, pageSize: 5 }, retry: { maxAttempts: 1 } };
    const [room, other] = [world.member('Ada', options), world.member('Bob')];
    await world.joined(room, other);
    world.engine.faults.failNext({ rpc: 'Publish', code: 'INVALID_ARGUMENT', times: 6 });
    world.engine.faults.failNext({ rpc: 'ListPushFront', code: 'INVALID_ARGUMENT', times: 6 });
    for (let sent = 0; sent < 6; sent += 1) await world.settled(room.send('failed'));
    for (let said = 0; said < 12; said += 1) await world.say(other, `said ${said}`);
    const heard = () => textsOf(room).filter((text) => text !== 'failed');
    expect(heard()).toEqual(Array.from({ length: 5 }, (_, said) => `said ${said + 7}`));
    await world.loadAll(room);
    expect(heard()).toEqual(Array.from({ length: 12 }, (_, said) => `said ${said}`));
  });

  it('G5: what left memory can be loaded again where it was stored after what came later', async () => {
    const room = world.member('Ada', { history: { maxInMemory: 5, pageSize: 5 } });
    const [slow, quick] = [world.member('Bob'), world.member('Eve')];
    await world.joined(room, slow, quick);
    world.clientOf(slow).link.fates = (rpc) => (rpc === 'ListPushFront' ? { thereMs: 500 } : undefined);
    const saying = slow.send('first');
    await world.run(100);
    await world.say(quick, 'second');
    await world.result(saying);
    for (let said = 0; said < 4; said += 1) await world.say(quick, `later ${said}`);
    expect(textsOf(room)).toEqual(['second', 'later 0', 'later 1', 'later 2', 'later 3']);
    await world.loadAll(room);
    expect(textsOf(room)).toEqual(['first', 'second', 'later 0', 'later 1', 'later 2', 'later 3']);
  });

  it.each([
    ['a page is asked for', false],
    ['all older ones were loaded', true],
  ])(
    'G5: what left memory and was stored only after all that is in memory is loaded, once %s',
    async (_, loaded) => {
      const room = world.member('Ada', { history: { maxInMemory: 20, pageSize: 5 } });
      const [slow, quick] = [world.member('Bob'), world.member('Eve')];
      await world.joined(room, slow, quick);
      world.clientOf(slow).link.fates = (rpc) => (rpc === 'ListPushFront' ? { thereMs: 4500 } : undefined);
      const saying = slow.send('first');
      await world.run(100);
      for (let said = 0; said < 20; said += 1) await world.say(quick, `later ${said}`);
      expect(textsOf(room)).not.toContain('first');
      if (loaded) await world.loadAll(room);
      await world.result(saying);
      await world.run(500);
      await world.loadAll(room);
      expect(textsOf(room)).toEqual(['first', ...Array.from({ length: 20 }, (_, said) => `later ${said}`)]);
    },
  );

  it.each([5, 35])(
    'G5: an own one that was sent again, below what came meanwhile, is loaded again when it left memory, %i messages later',
    async (later) => {
      const options = { history: { maxInMemory: 20, pageSize: 5 }, retry: { maxAttempts: 1 } };
      const [room, quick] = [world.member('Ada', options), world.member('Bob')];
      await world.joined(room, quick);
      const { link } = world.clientOf(room);
      link.fates = (rpc) => (rpc === 'ListPushFront' ? { outcome: 'refused' } : undefined);
      await world.settled(room.send('own'));
      for (let said = 0; said < 22; said += 1) await world.say(quick, 'filler');
      link.fates = undefined;
      await world.result(room.retry(room.messages[0]?.id ?? ''));
      for (let said = 0; said < later; said += 1) await world.say(quick, 'filler');
      expect(shown(room)).toEqual([]);
      await world.loadAll(room);
      expect([shown(room), room.messages.length]).toEqual([['own'], 23 + later]);
    },
  );

  it.each([1, 5])(
    'G5: several that left memory and were stored late are all loaded, in pages of %i',
    async (count) => {
      const room = world.member('Ada', { history: { maxInMemory: 20, pageSize: 5 } });
      const [slow, quick] = [world.member('Bob'), world.member('Eve')];
      await world.joined(room, slow, quick);
      world.clientOf(slow).link.fates = (rpc) => (rpc === 'ListPushFront' ? { thereMs: 4500 } : undefined);
      const late = ['first', 'second', 'third'];
      const saying = late.map((text) => slow.send(text));
      await world.run(100);
      for (let said = 0; said < 20; said += 1) await world.say(quick, `later ${said}`);
      await world.loadAll(room);
      for (const each of saying) await world.result(each);
      await world.run(500);
      while (room.hasOlder) await world.result(room.loadOlder(count));
      expect(textsOf(room)).toEqual([...late, ...Array.from({ length: 20 }, (_, said) => `later ${said}`)]);
    },
  );

  it('G5: one that was loaded from above what is in memory, and left it again, is loaded again', async () => {
    const room = world.member('Ada', { history: { maxInMemory: 20, pageSize: 5 } });
    const [slow, quick] = [world.member('Bob'), world.member('Eve')];
    await world.joined(room, slow, quick);
    world.clientOf(slow).link.fates = (rpc) => (rpc === 'ListPushFront' ? { thereMs: 4500 } : undefined);
    const saying = slow.send('first');
    await world.run(100);
    for (let said = 0; said < 20; said += 1) await world.say(quick, `later ${said}`);
    await world.result(saying);
    await world.run(500);
    await world.loadAll(room);
    const later = Array.from({ length: 22 }, (_, said) => `later ${said}`);
    for (const text of later.slice(20)) await world.say(quick, text);
    await world.loadAll(room);
    expect(textsOf(room)).toEqual(['first', ...later]);
  });

  it('G5: one that comes again while a page is loaded can be loaded after it', async () => {
    const room = world.member('Ada', { history: { maxInMemory: 5, pageSize: 5 } });
    const [slow, quick] = [world.member('Bob'), world.member('Eve')];
    await world.joined(room, slow, quick);
    world.clientOf(slow).link.fates = (rpc) => (rpc === 'ListPushFront' ? { thereMs: 4500 } : undefined);
    const saying = slow.send('first');
    await world.run(100);
    for (let said = 0; said < 8; said += 1) await world.say(quick, `later ${said}`);
    world.clientOf(room).link.fates = (rpc) => (rpc === 'ListFetch' ? { backMs: 4000 } : undefined);
    const loading = room.loadOlder();
    await world.result(saying);
    await world.result(loading);
    world.clientOf(room).link.fates = () => undefined;
    await world.loadAll(room);
    expect(textsOf(room)).toEqual(['first', ...Array.from({ length: 8 }, (_, said) => `later ${said}`)]);
  });

  it('G1, G3: one fast clock hides nobody else, and nobody from themselves', async () => {
    const fast = world.member('fast', { via: 'clients', skewMs: 3_600_000 });
    const [a, b] = [world.member('Ada', twenty), world.member('Bob', twenty)];
    await world.joined(fast, a, b);
    for (let sent = 0; sent < 25; sent += 1) await world.say(fast, 'filler');
    await world.say(a, 'hello?');
    expect(shown(a)).toEqual(['hello?']);
    expect(shown(b)).toEqual(['hello?']);
    await world.loadAll(b);
    expect(b.messages).toHaveLength(26);
  });

  it('G6: an old message that somebody publishes again hides nothing from who pages back', async () => {
    const writer = world.member('Ada');
    await world.joined(writer);
    for (let sent = 0; sent < 100; sent += 1) await world.say(writer, `text ${sent}`);
    const reader = world.member('Eve', { history: { pageSize: 20 } });
    await world.joined(reader);
    world.publish('lobby-chat', world.list('lobby')[40] ?? '');
    await world.run(1000);
    await world.loadAll(reader);
    expect(textsOf(reader)).toEqual(Array.from({ length: 100 }, (_, sent) => `text ${sent}`));
  });

  it('G1: a discarded message that had been stored is no new one when it is read back', async () => {
    const room = world.member('Ada');
    const told: string[] = [];
    room.on('message', ({ text }) => told.push(text));
    await world.joined(room);
    world.engine.faults.failNext({ rpc: 'Publish', code: 'INVALID_ARGUMENT' });
    await world.settled(room.send('half sent'));
    room.discard(room.messages[0]?.id ?? '');
    expect(room.messages).toEqual([]);
    world.hint('online');
    await world.run(5000);
    expect(told).toEqual(['half sent']);
    expect(room.messages).toMatchObject([{ text: 'half sent', status: 'sent' }]);
  });
});

describe('a flood that truncates the list before it is read', () => {
  const history = { maxStored: 20, pageSize: 10 };

  async function afterFlood() {
    // The first item of an SDK's stream is looked into for two seconds.
    const reader = world.member('Ada', { via: 'sdk', history });
    const other = world.member('Bob', { history });
    const { link } = world.clientOf(reader);
    const readings = () => link.calls.ListFetch ?? 0;
    const gaps: Gap[] = [];
    reader.on('gap', (gap) => gaps.push(gap));
    await world.joined(reader, other);
    await world.run(5000);
    const flood = async (count: number) => {
      for (let sent = 0; sent < count; sent += 1) await world.say(other, `flood ${sent}`);
    };
    await flood(15);
    const before = readings();
    await flood(40);
    const meanwhile = readings() - before;
    for (let sent = 0; sent < 10; sent += 1) {
      await world.say(other, `calm ${sent}`);
      await world.run(1000);
    }
    return { link, gaps, meanwhile, afterwards: readings() - before };
  }

  it('costs no readings while it lasts, and is no gap while the stream lives', async () => {
    const { gaps, meanwhile, afterwards } = await afterFlood();
    expect(meanwhile).toBe(0);
    expect(afterwards).toBeGreaterThan(0);
    expect(gaps).toEqual([]);
  });

  it('G2: is owned up to once when the stream is lost later: what was stored meanwhile may come out then', async () => {
    const { link, gaps } = await afterFlood();
    for (let lost = 0; lost < 2; lost += 1) {
      link.cut('told');
      await world.run(20_000);
    }
    expect(gaps).toMatchObject([{ complete: false, filled: 0 }]);
  });
});

it.each([
  ['of which the browser tells', () => world.hint('visible')],
  ['of which nobody tells', () => {}],
])('G2: a stream that dies after a long sleep %s is noticed within a minute', async (_, wake) => {
  const room = world.member('Ada');
  const other = world.member('Bob');
  const { clock, link } = world.clientOf(room);
  await world.joined(room, other);
  await world.run(60_000);
  // The monotonic clock stands still while the device sleeps.
  clock.jump(8 * 3_600_000);
  await world.run(1000);
  wake();
  // A heartbeat comes, and the readings that the browser's word causes are over, when the stream dies.
  await world.run(5000);
  link.cut('silent');
  await world.run(5000);
  await world.say(other, 'unheard');
  await world.run(60_000);
  expect(textsOf(room)).toEqual(['unheard']);
});
