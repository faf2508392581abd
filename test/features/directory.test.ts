import { describe, expect, it } from 'vitest';
import type { BaseSession } from '../../src/session/chat-session.js';
import { ChatError } from '../../src/shared/errors.js';
import { dictionarySetFields } from '../../src/transport/operations/dictionaries.js';
import { listPushFront } from '../../src/transport/operations/lists.js';
import { sortedSetPut, sortedSetRemove } from '../../src/transport/operations/sorted-sets.js';
import { publish } from '../../src/transport/operations/topics.js';
import { end, entry, event, message, names, page, time } from '../support/directory-page.js';
import { inProcessWorld } from '../support/in-process-rooms.js';
import { FAIR } from '../support/weather.js';

const ttlSeconds = 3600;

describe('the directory of rooms', () => {
  it('lists what is created and written to, once, the latest activity first, on all pages', async () => {
    const world = inProcessWorld();
    const [ada, bob] = [page(world, 'ada'), page(world, 'bob')];
    await world.result(Promise.all([ada.session.rooms.open(), bob.session.rooms.open()]));
    expect(ada.session.rooms.list).toEqual([]);
    await world.result(ada.session.rooms.create('one', { title: 'The first' }));
    await world.run(10);
    await world.result(bob.session.rooms.create('two'));
    await world.run(500);
    expect([names(ada.session), names(bob.session)]).toEqual(Array(2).fill(['two', 'one']));
    expect(entry(bob.session, 'one')).toMatchObject({ title: 'The first', unread: 0, mentions: 0 });
    const room = ada.room('one');
    await world.join(room);
    await world.result(room.send('Hello'));
    await world.run(3000);
    expect([names(ada.session), names(bob.session)]).toEqual(Array(2).fill(['one', 'two']));
    expect(entry(ada.session, 'one')?.lastMessage?.text).toBe('Hello');
    expect(entry(bob.session, 'one')?.lastMessage).toMatchObject({ text: 'Hello', user: { id: 'ada' } });
    // Giving a room another title is no activity.
    await world.result(bob.session.rooms.create('two', { title: 'The second' }));
    await world.run(500);
    expect(names(ada.session)).toEqual(['one', 'two']);
    expect(entry(ada.session, 'two')?.title).toBe('The second');
    expect([...ada.errors, ...bob.errors]).toEqual([]);
    await end(world, ada.session, bob.session);
  });

  it('is the same for who opens it later, and empty when it is closed', async () => {
    const world = inProcessWorld();
    const ada = page(world, 'ada');
    await world.result(ada.session.rooms.create('one', { title: 'The first' }));
    await world.run(1000);
    expect(ada.session.rooms.list).toEqual([]);
    expect(ada.client.link.streams).toBe(0);
    expect(world.time.pending, 'G5: timers when nothing is open').toBe(0);
    await world.result(ada.session.rooms.open());
    expect(ada.session.rooms.list).toMatchObject([{ name: 'one', title: 'The first' }]);
    const { list } = ada.session.rooms;
    await world.run(5000);
    expect(ada.session.rooms.list, 'the same array until something changes').toBe(list);
    await ada.session.rooms.close();
    expect(ada.session.rooms.list).toEqual([]);
    await end(world, ada.session);
  });

  it.each(['created first', 'written to first'])(
    'a room that is %s is listed once and on top',
    async (order) => {
      const world = inProcessWorld();
      const [ada, bob] = [page(world, 'ada', { directory: 'rooms' }), page(world, 'bob')];
      await world.result(bob.session.rooms.open());
      await world.result(bob.session.rooms.create('other'));
      await world.run(1000);
      const room = ada.room('new');
      await world.join(room);
      if (order === 'created first') await world.result(bob.session.rooms.create('new', { title: 'New' }));
      await world.result(room.send('text'));
      if (order !== 'created first') await world.result(bob.session.rooms.create('new', { title: 'New' }));
      await world.run(5000);
      expect(names(bob.session)).toEqual(['new', 'other']);
      expect(entry(bob.session, 'new')).toMatchObject({ title: 'New', lastMessage: { text: 'text' } });
      await end(world, ada.session, bob.session);
    },
  );

  it('of two titles that are given at once the later one stands, whichever is stored first', async () => {
    const world = inProcessWorld();
    const [ada, bob] = [page(world, 'ada'), page(world, 'bob')];
    ada.client.link.weather = { ...FAIR, slow: { chance: 0.5, ms: 2000 } };
    for (const name of ['one', 'two', 'three', 'four']) {
      const [first, second] = [1, 2].map((title) => ada.session.rooms.create(name, { title: `${title}` }));
      await world.result(Promise.all([first, second]));
    }
    await world.run(10_000);
    await world.result(bob.session.rooms.open());
    expect(bob.session.rooms.list.map(({ title }) => title)).toEqual(['2', '2', '2', '2']);
    await end(world, ada.session, bob.session);
  });

  it('counts what is unread in rooms that are not joined, from the own marker on', async () => {
    const world = inProcessWorld();
    const [ada, bob] = [page(world, 'ada'), page(world, 'bob')];
    await world.result(Promise.all([ada.session.rooms.open(), bob.session.rooms.open()]));
    const [here, there] = [ada.room('lobby'), bob.room('lobby')];
    await world.join(here, there);
    await world.result(here.send('seen'));
    await world.run(3000);
    expect(entry(bob.session, 'lobby')?.unread).toBe(1);
    await world.result(there.read.mark());
    await world.run(1500);
    expect(entry(bob.session, 'lobby')?.unread).toBe(0);
    await world.result(there.leave());
    await world.result(here.send('one'));
    await world.result(here.send('two', { mentions: ['bob'] }));
    await world.run(5000);
    expect(entry(bob.session, 'lobby')).toMatchObject({
      unread: 2,
      mentions: 1,
      capped: false,
      lastMessage: { text: 'two' },
    });
    // Never been there.
    const eve = page(world, 'eve');
    await world.result(eve.session.rooms.open());
    await world.run(3000);
    expect(entry(eve.session, 'lobby')).toMatchObject({ unread: 0, lastMessage: { text: 'two' } });
    await end(world, ada.session, bob.session, eve.session);
  });

  it('counts nothing as unread in a room that was marked as read and left at once', async () => {
    const world = inProcessWorld();
    const [ada, bob] = [page(world, 'ada'), page(world, 'bob')];
    await world.result(bob.session.rooms.open());
    const [here, there] = [ada.room('lobby'), bob.room('lobby')];
    await world.join(here, there);
    await world.result(bob.session.rooms.create('lobby'));
    await world.result(here.send('seen'));
    await world.run(3000);
    await world.result(there.read.mark());
    await world.result(here.send('new'));
    await world.run(3000);
    expect(entry(bob.session, 'lobby')?.unread).toBe(1);
    // Stored within the time that leave() waits for it.
    bob.client.link.fates = (rpc) => (rpc === 'DictionarySet' ? { thereMs: 500 } : undefined);
    const marking = there.read.mark().catch(() => {});
    await world.run(10);
    await world.result(Promise.all([marking, there.leave()]));
    await world.run(10_000);
    expect(entry(bob.session, 'lobby')).toMatchObject({ unread: 0, lastMessage: { text: 'new' } });
    await end(world, ada.session, bob.session);
  });

  it('follows edits and deletions in rooms that are not joined: no text outlives its message', async () => {
    const world = inProcessWorld();
    const [ada, bob] = [page(world, 'ada'), page(world, 'bob')];
    await world.result(Promise.all([ada.session.rooms.open(), bob.session.rooms.open()]));
    const room = ada.room('lobby');
    await world.join(room);
    const first = await world.result(room.send('first'));
    const second = await world.result(room.send('second'));
    await world.run(3000);
    const shown = () => entry(bob.session, 'lobby')?.lastMessage?.text;
    expect(shown()).toBe('second');
    const member = world.transport();
    /** Stores a revision as the room's feature does, and tells of it. */
    const revise = async (of: string, type: string, more: object, by = 'ada') => {
      const user = { id: by, name: by };
      const value = JSON.stringify({ v: 1, id: of, type, user, data: { of, ...more } });
      await member.call(dictionarySetFields, {
        cache: 'chat',
        dictionary: 'lobby:revisions',
        fields: new Map([[of, value]]),
        ttlSeconds,
      });
      await member.call(publish, {
        cache: 'chat',
        topic: 'rooms:events',
        value: event({ name: 'lobby', at: 0 }),
      });
      await world.run(3000);
    };
    await revise(second.id, 'edit', { text: 'edited' });
    expect(shown()).toBe('edited');
    await revise(second.id, 'edit', { text: 'of somebody else' }, 'eve');
    expect(shown()).toBe('second');
    // An edit may make a message as large as any.
    await revise(second.id, 'edit', { text: 'x'.repeat(3990), meta: {} });
    expect(shown()).toMatch(/^x{139}…$/);
    expect(entry(bob.session, 'lobby')?.capped).toBe(false);
    await revise(second.id, 'edit', { text: 'x'.repeat(10_000) });
    expect(shown(), 'an edit that cannot be read').toBeUndefined();
    await revise(second.id, 'delete', {});
    expect(shown()).toBe('first');
    await revise(first.id, 'delete', {});
    expect(shown()).toBeUndefined();
    await end(world, ada.session, bob.session);
  });

  it('writes once a second and room at most, and reads a room that is busy not more often', async () => {
    const world = inProcessWorld();
    const [ada, bob] = [page(world, 'ada', { directory: 'rooms' }), page(world, 'bob')];
    await world.result(bob.session.rooms.open());
    const room = ada.room('busy');
    await world.join(room);
    const before = { ...world.calls };
    for (let index = 0; index < 50; index += 1) {
      await world.result(room.send(`${index}`));
      await world.run(100);
    }
    await world.run(5000);
    const count = (rpc: string) => (world.calls[rpc] ?? 0) - (before[rpc] ?? 0);
    expect(count('SortedSetPut')).toBeLessThanOrEqual(8);
    expect(bob.client.link.calls.ListFetch).toBeLessThanOrEqual(6);
    expect(entry(bob.session, 'busy')?.lastMessage?.text).toBe('49');
    await end(world, ada.session, bob.session);
  });
});

describe('whoever knows something newer than is stored', () => {
  const stale = JSON.stringify({ v: 1, id: '019b0000-0000-7000-8000-000000000001', title: 'stale' });

  it('writes a title again, which moves no room', async () => {
    const world = inProcessWorld();
    const ada = page(world, 'ada');
    await world.result(ada.session.rooms.open());
    await world.result(ada.session.rooms.create('two'));
    await world.run(10);
    await world.result(ada.session.rooms.create('one', { title: 'The first' }));
    await world.run(5000);
    const fields = new Map([['one', stale]]);
    const dictionary = 'rooms:titles';
    await world.transport().call(dictionarySetFields, { cache: 'chat', dictionary, fields, ttlSeconds });
    const bob = page(world, 'bob');
    await world.result(bob.session.rooms.open());
    await world.run(5000);
    expect(entry(bob.session, 'one')?.title).toBe('stale');
    ada.client.hints.give('visible');
    await world.run(10_000);
    const cy = page(world, 'cy');
    await world.result(cy.session.rooms.open());
    for (const { session } of [ada, bob, cy]) {
      expect(entry(session, 'one')?.title).toBe('The first');
      expect(names(session)).toEqual(['one', 'two']);
    }
    await end(world, ada.session, bob.session, cy.session);
  });

  it('writes again when a room was written to', async () => {
    const world = inProcessWorld();
    const ada = page(world, 'ada');
    await world.result(ada.session.rooms.open());
    const room = ada.room('one');
    await world.join(room);
    await world.result(room.send('text'));
    await world.run(100);
    await world.result(ada.session.rooms.create('two'));
    await world.run(100);
    await world.result(room.send('text'));
    await world.run(3000);
    const elements = new Map([['one', time - 1000]]);
    const set = 'rooms:directory';
    await world.transport().call(sortedSetPut, { cache: 'chat', set, elements, ttlSeconds });
    ada.client.hints.give('visible');
    await world.run(10_000);
    const bob = page(world, 'bob');
    await world.result(bob.session.rooms.open());
    for (const { session } of [ada, bob]) expect(names(session)).toEqual(['one', 'two']);
    await end(world, ada.session, bob.session);
  });

  it.each([
    ['read', true],
    ['not read', false],
  ])(
    'leaves out a room that was taken out, though the own time never had to be stored, %s meanwhile',
    async (_, isRead) => {
      const world = inProcessWorld();
      const ada = page(world, 'ada');
      await world.result(ada.session.rooms.open());
      const room = ada.room('one');
      await world.join(room);
      await world.result(room.send('first'));
      await world.run(100);
      await world.result(room.send('second'));
      // Before its time is written, somebody who wrote later tells theirs.
      const later = new Map([['one', world.time.now() + 200]]);
      const set = 'rooms:directory';
      const admin = world.transport();
      await admin.call(sortedSetPut, { cache: 'chat', set, elements: later, ttlSeconds });
      const value = event({ name: 'one', at: later.get('one') });
      await admin.call(publish, { cache: 'chat', topic: 'rooms:events', value });
      await world.run(5000);
      if (isRead) ada.client.hints.give('visible');
      await world.run(5000);
      await admin.call(sortedSetRemove, { cache: 'chat', set, values: ['one'] });
      ada.client.hints.give('visible');
      await world.run(10_000);
      const bob = page(world, 'bob');
      await world.result(bob.session.rooms.open());
      for (const { session } of [ada, bob]) expect(names(session)).toEqual([]);
      await world.result(room.send('third'));
      await world.run(3000);
      for (const { session } of [ada, bob]) expect(names(session)).toEqual(['one']);
      await end(world, ada.session, bob.session);
    },
  );

  it('leaves out a room that was taken out, though nobody could be told when it was written to', async () => {
    const world = inProcessWorld();
    const ada = page(world, 'ada');
    await world.result(ada.session.rooms.open());
    const room = ada.room('one');
    await world.join(room);
    await world.result(room.send('first'));
    await world.run(100);
    await world.result(room.send('second'));
    world.engine.faults.failNext({ rpc: 'Publish', code: 'INVALID_ARGUMENT' });
    await world.run(5000);
    await world.transport().call(sortedSetRemove, { cache: 'chat', set: 'rooms:directory', values: ['one'] });
    ada.client.hints.give('visible');
    await world.run(10_000);
    expect(names(ada.session)).toEqual([]);
    await end(world, ada.session);
  });
});

describe('hostile members of the directory', () => {
  it.each<[string, unknown]>([
    ['no name', { at: time }],
    ['a name with a colon', { name: 'a:b', at: time }],
    ['a name of 1,000 characters', { name: 'x'.repeat(1000), at: time }],
    ['a number as the name', { name: 7, at: time }],
    ['no time', { name: 'x' }],
    ['a time before all', { name: 'x', at: -1 }],
    ['a text as the time', { name: 'x', at: '1' }],
    ['a time years ahead', { name: 'x', at: time + 1e12 }],
    ['the time 0 for a room that is not listed', { name: 'x', at: 0 }],
  ])('an event with %s lists nothing, also not until the next reading', async (_, data) => {
    const world = inProcessWorld();
    const ada = page(world, 'ada');
    await world.result(ada.session.rooms.open());
    await world.run(5000);
    const listed = new Set<string>();
    ada.session.on('rooms', () => {
      for (const name of names(ada.session)) listed.add(name);
    });
    const eve = world.transport();
    for (const told of [data, { name: 'good', at: time + 1 }]) {
      const value = event(told);
      await world.result(eve.call(publish, { cache: 'chat', topic: 'rooms:events', value }));
      await world.run(5000);
    }
    expect([...listed]).toEqual(['good']);
    expect(ada.errors.length).toBeLessThanOrEqual(1);
    await end(world, ada.session);
  });

  it('bad names, times and titles in storage are left out; a room that is good is there', async () => {
    const world = inProcessWorld();
    const eve = world.transport();
    const elements = new Map([
      ['a:b', time],
      ['', time],
      ['x'.repeat(500), time],
      ['past', -5],
      ['future', time + 1e12],
      ['__proto__', time + 2],
      ['good', time + 1],
    ]);
    elements.delete('');
    await eve.call(sortedSetPut, { cache: 'chat', set: 'rooms:directory', elements, ttlSeconds });
    const fields = new Map([
      [
        'good',
        JSON.stringify({ v: 1, id: '019b76da-a800-7000-8000-000000000001', title: 'x'.repeat(900_000) }),
      ],
      ['__proto__', JSON.stringify({ v: 1, id: 'ffffffff-ffff-7000-8000-000000000001', title: 'future' })],
    ]);
    await eve.call(dictionarySetFields, { cache: 'chat', dictionary: 'rooms:titles', fields, ttlSeconds });
    const ada = page(world, 'ada');
    await world.result(ada.session.rooms.open());
    await world.run(3000);
    expect(ada.session.rooms.list.map(({ name, title }) => [name, title])).toEqual([
      ['__proto__', undefined],
      ['good', undefined],
    ]);
    expect(ada.errors).toEqual([]);
    await end(world, ada.session);
  });

  it('thousands of rooms, stored and told: a thousand are listed, and fifty of them read', async () => {
    const world = inProcessWorld();
    const eve = world.transport();
    for (let part = 0; part < 30; part += 1) {
      const elements = new Map(
        Array.from({ length: 100 }, (_, index) => [
          `stored-${part * 100 + index}`,
          time - part * 100 - index,
        ]),
      );
      await eve.call(sortedSetPut, { cache: 'chat', set: 'rooms:directory', elements, ttlSeconds });
    }
    const ada = page(world, 'ada');
    await world.result(ada.session.rooms.open());
    expect(ada.session.rooms.list).toHaveLength(1000);
    expect(names(ada.session)[0]).toBe('stored-0');
    let told = 0;
    ada.session.on('rooms', () => {
      told += 1;
    });
    for (let index = 0; index < 1500; index += 1) {
      const value = event({ name: `told-${index}`, at: time + 1 });
      await eve.call(publish, { cache: 'chat', topic: 'rooms:events', value });
    }
    await world.run(10_000);
    expect(ada.session.rooms.list).toHaveLength(1000);
    expect(ada.client.link.calls.ListFetch).toBeLessThanOrEqual(50 * 3);
    expect(told).toBeLessThanOrEqual(100);
    await end(world, ada.session);
  });

  it('rooms that are told of without end: those who look do not ask for tokens without end', async () => {
    const world = inProcessWorld();
    const eve = world.transport();
    const client = world.client({ userId: 'ada' });
    let asked = 0;
    const session = client.session(async (request) => {
      asked += 1;
      if (!request.rooms.some((room) => room.startsWith('told-'))) return client.tokens.source(request);
      throw new ChatError('permission-denied', 'unable to get a token; no');
    });
    await world.result(session.rooms.open());
    for (let index = 0; index < 1200; index += 1) {
      const value = event({ name: `told-${index}`, at: time + index });
      await eve.call(publish, { cache: 'chat', topic: 'rooms:events', value });
      await world.run(100);
    }
    // A hundred at once and one in five seconds, each of which asks twice; the vendor allows an address 1,200 a minute.
    expect(asked).toBeLessThanOrEqual(2 * (100 + 120 / 5) + 10);
    // A room that is one is read as ever, if later.
    await eve.call(listPushFront, { cache: 'chat', list: 'true', value: message('hi'), ttlSeconds });
    const elements = new Map([['true', time + 5000]]);
    await eve.call(sortedSetPut, { cache: 'chat', set: 'rooms:directory', elements, ttlSeconds });
    const value = event({ name: 'true', at: time + 5000 });
    await eve.call(publish, { cache: 'chat', topic: 'rooms:events', value });
    await world.run(10_000);
    expect(entry(session, 'true')).toMatchObject({ lastMessage: { text: 'hi' } });
    await end(world, session);
  });

  it('old titles that are told without end: who gave the new ones writes them again once a second at most', async () => {
    const world = inProcessWorld();
    const ada = page(world, 'ada');
    await world.result(ada.session.rooms.open());
    const rooms = ['one', 'two', 'three'];
    for (const name of rooms) await world.result(ada.session.rooms.create(name, { title: `The ${name}` }));
    await world.run(5000);
    const { DictionarySet: before = 0, Publish: told = 0 } = ada.client.link.calls;
    const eve = world.transport();
    const title = { id: '019b0000-0000-7000-8000-000000000001', title: 'stale' };
    for (let index = 0; index < 300; index += 1) {
      const value = event({ name: rooms[index % 3], at: 0, title });
      await eve.call(publish, { cache: 'chat', topic: 'rooms:events', value });
      await world.run(100);
    }
    await world.run(5000);
    expect((ada.client.link.calls.DictionarySet ?? 0) - before).toBeLessThanOrEqual(36);
    expect((ada.client.link.calls.Publish ?? 0) - told).toBeLessThanOrEqual(36);
    expect(rooms.map((name) => entry(ada.session, name)?.title)).toEqual(rooms.map((name) => `The ${name}`));
    await end(world, ada.session);
  });

  it('one forged time, older than all: those who wrote to the room put it right in a few writes together', async () => {
    const world = inProcessWorld({ seed: 7 });
    const pages = Array.from({ length: 20 }, (_, index) => page(world, `user-${index}`));
    for (const { session, room } of pages) {
      await world.result(session.rooms.open());
      const lobby = room('lobby');
      await world.join(lobby);
      await world.result(lobby.send('hi'));
      await world.run(300);
    }
    await world.run(10_000);
    const { SortedSetPut: before = 0 } = world.calls;
    const at = entry(pages[0]?.session as BaseSession, 'lobby')?.lastActivityAt;
    const value = event({ name: 'lobby', at: 1 });
    await world.transport().call(publish, { cache: 'chat', topic: 'rooms:events', value });
    await world.run(60_000);
    expect((world.calls.SortedSetPut ?? 0) - before).toBeLessThanOrEqual(10);
    for (const { session } of pages) expect(entry(session, 'lobby')?.lastActivityAt).toEqual(at);
    await end(world, ...pages.map(({ session }) => session));
  });

  it('something of another kind in its place: empty, and told once', async () => {
    const world = inProcessWorld();
    const eve = world.transport();
    await eve.call(listPushFront, { cache: 'chat', list: 'rooms:directory', value: 'x', ttlSeconds });
    await eve.call(listPushFront, { cache: 'chat', list: 'rooms:titles', value: 'x', ttlSeconds });
    const ada = page(world, 'ada');
    await world.result(ada.session.rooms.open());
    expect(ada.session.rooms.list).toEqual([]);
    expect(ada.errors).toHaveLength(1);
    await end(world, ada.session);
  });

  it('a room that the vendor refuses is listed without what is in it, and is not asked for again', async () => {
    const world = inProcessWorld();
    const bob = page(world, 'bob', { directory: 'rooms' });
    const [open, secret] = [bob.room('open'), bob.room('secret')];
    await world.join(open, secret);
    await world.result(Promise.all([open.send('hi'), secret.send('ssh')]));
    await world.run(3000);
    const client = world.client({ userId: 'ada' });
    let asked = 0;
    const session = client.session(async (request) => {
      if (!request.rooms.includes('secret')) return client.tokens.source(request);
      asked += 1;
      throw new ChatError('permission-denied', 'unable to get a token; no');
    });
    const errors: unknown[] = [];
    session.on('error', (error) => errors.push(error));
    await world.result(session.rooms.open());
    await world.run(5000);
    const before = asked;
    expect(before).toBeLessThanOrEqual(4);
    await world.result(secret.send('again'));
    await world.run(5000);
    expect(names(session)).toEqual(['secret', 'open']);
    expect(entry(session, 'open')?.lastMessage?.text).toBe('hi');
    expect(entry(session, 'secret')?.lastMessage).toBeUndefined();
    expect(asked).toBe(before);
    expect(errors).toEqual([]);
    await end(world, session, bob.session);
  });
});
