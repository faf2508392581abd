import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import '../../src/features/read.js';
import '../../src/room/threads.js';
import { DirectoryState, newerTitle } from '../../src/directory/directory-state.js';
import type { PresenceEntry } from '../../src/features/presence-entry.js';
import { PresenceState } from '../../src/features/presence-state.js';
import { decodeMark } from '../../src/features/read-state.js';
import { type Revision, wins } from '../../src/features/revision.js';
import { MessageIds } from '../../src/messages/message-id.js';
import { dictionaryFetch } from '../../src/transport/operations/dictionaries.js';
import { publish } from '../../src/transport/operations/topics.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import { VirtualTime } from '../support/virtual-time.js';

const time = new VirtualTime();
const ids = new MessageIds(time);

describe('a change', () => {
  it('of a message: a deletion wins over every edit, the first of two deletions, the last of two edits', () => {
    const by = { id: 'ada', name: 'Ada' };
    const [one, two] = [ids.next(), ids.next()];
    const edit = (id: string): Revision => ({ id, by, content: { text: 'new' } });
    const deletion = (id: string): Revision => ({ id, by });
    const order: [Revision, Revision][] = [
      [deletion(one), edit(two)],
      [deletion(two), edit(one)],
      [deletion(one), deletion(two)],
      [edit(two), edit(one)],
    ];
    for (const [winner, loser] of order)
      expect([wins(winner, loser), wins(loser, winner)]).toEqual([true, false]);
  });

  it('of a presence that is heard after its leaving brings nobody back', () => {
    const told: string[] = [];
    const state = new PresenceState({
      clock: time,
      isOwn: () => false,
      isMine: () => false,
      tell: ({ type }) => told.push(type),
    });
    const entry = (version: string): PresenceEntry => ({
      connection: 'c1',
      version,
      user: { id: 'ada', name: 'Ada' },
      since: time.now(),
    });
    const [first, second] = [ids.next(), ids.next()];
    state.heard(entry(first), time.now() + 60_000, false);
    state.left('c1', true);
    expect(state.heard(entry(second), time.now() + 61_000, true)).toBe(false);
    expect([state.members.count, told]).toEqual([0, ['enter', 'leave']]);
  });

  it('of a lease that is renewed while it is read is no silence, however late the answer comes', async () => {
    const told: string[] = [];
    const state = new PresenceState({
      clock: time,
      isOwn: () => false,
      isMine: () => false,
      tell: ({ type }) => told.push(type),
    });
    const version = ids.next();
    const user = { id: 'ada', name: 'Ada' };
    const entry: PresenceEntry = { connection: 'c1', version, user, since: time.now() };
    const score = time.now() + 60_000;
    state.heard(entry, score, false);
    const found = new Map([['c1', { entry, score, value: 'v' }]]);
    const reading = state.begin();
    await time.advance(10 * 60_000);
    expect(state.read(found, reading)).toEqual({ silent: [], stale: [] });
    expect(told).toEqual(['enter']);
    expect(state.read(found, state.begin())).toEqual({ silent: ['c1'], stale: ['v'] });
  });

  it("of a presence in another user's name leaves the connection to its member", () => {
    const told: string[] = [];
    const state = new PresenceState({
      clock: time,
      isOwn: () => false,
      isMine: () => false,
      tell: ({ type, member }) => told.push(`${type} ${member.userId}`),
    });
    const entry = (id: string): PresenceEntry => ({
      connection: 'c1',
      version: ids.next(),
      user: { id, name: id },
      since: time.now(),
    });
    state.heard(entry('ada'), time.now() + 60_000, false);
    expect(state.heard(entry('eve'), time.now() + 61_000, true)).toBe(false);
    state.left('c1', true);
    expect(told).toEqual(['enter ada', 'leave ada']);
  });

  it('of a title stands if its id is the greater one, whichever is known first', () => {
    const [older, newer] = [ids.next(), ids.next()].map((id) => ({ id, text: 'title' }));
    expect([newerTitle(older, newer), newerTitle(newer, older)]).toEqual([newer, newer]);
  });

  it('of a directory that is heard while it is read is not undone by what was read', () => {
    const state = new DirectoryState();
    const nothing = { titles: new Map(), others: [] };
    state.note({ name: 'known', at: 10 });
    state.begin();
    state.note({ name: 'known', at: 30 });
    state.note({ name: 'new', at: 20 });
    state.take({ ...nothing, times: new Map([['known', 10]]) });
    expect([state.at('known'), state.at('new')]).toEqual([30, 20]);
    // Changes that were heard before the reading are undone by it: storage knows better by now.
    state.begin();
    state.take({ ...nothing, times: new Map([['known', 10]]) });
    expect([state.at('known'), state.at('new')]).toEqual([10, undefined]);
  });
});

describe('in a room', () => {
  let world: InProcessWorld;
  beforeEach(() => {
    world = inProcessWorld();
  });
  afterEach(() => world.end());
  const open = (name: string) => world.room({ room: 'lobby', user: { id: name, name } });

  it('a mark of another device that lands last in storage is put right by who has read further', async () => {
    const [ada, tab, bob] = [open('ada'), open('ada'), open('bob')];
    for (const room of [ada, tab]) room.on('read', () => {});
    await world.join(ada, tab, bob);
    const { id: first } = await world.result(bob.send('one'));
    const { id: second } = await world.result(bob.send('two'));
    await world.run(5000);
    world.clientOf(tab).link.fates = (rpc) => (rpc === 'DictionarySet' ? { thereMs: 3000 } : undefined);
    const marking = tab.read.mark(first);
    await world.result(ada.read.mark(second));
    await world.result(marking);
    world.clientOf(tab).link.fates = undefined;
    await world.run(30_000);
    const stored = await world.result(
      world.transport().call(dictionaryFetch, { cache: 'chat', dictionary: 'lobby:read' }),
    );
    expect(decodeMark(stored.get('ada') ?? '', world.time.now())?.read).toBe(second);
  });

  describe('events of a thread', () => {
    const counted = async (events: (root: string, older: string, newer: string) => object[]) => {
      const [ada, bob] = [open('ada'), open('bob')];
      await world.join(ada, bob);
      const { id: root } = await world.result(ada.send('root'));
      await world.run(1000);
      const versions = new MessageIds(world.time);
      const [older, newer] = [versions.next(), versions.next()];
      for (const data of events(root, older, newer)) {
        const value = JSON.stringify({
          v: 1,
          id: versions.next(),
          type: 'thread',
          user: { id: 'bob', name: 'bob' },
          data: { root, ...data },
        });
        await world.result(world.transport().call(publish, { cache: 'chat', topic: 'lobby:events', value }));
      }
      await world.run(500);
      return ada.messages[0]?.thread?.replyCount ?? 0;
    };
    const mark = (count: number, version: string) => ({
      mark: { v: 1, count, lastAt: 0, who: [], newest: [], from: '', version },
    });

    it('count by the newest summary, whichever comes last', async () => {
      expect(await counted((_, older, newer) => [mark(3, newer), mark(9, older)])).toBe(3);
    });

    it('do not bring a reply back whose deletion came first', async () => {
      const message = (id: string) => ({ message: { v: 1, id, username: 'bob', message: 'x' } });
      expect(await counted((_, id) => [message(id)])).toBe(1);
      await world.end();
      world = inProcessWorld();
      expect(await counted((_, id) => [{ deleted: id }, message(id)])).toBe(0);
    });
  });
});
