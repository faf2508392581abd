import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import type { HistoryOptions } from '../../src/room/options.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

const person = (id: string, history: HistoryOptions = {}) =>
  world.room({ room: 'lobby', user: { id, name: id }, history });
/** How many replies a room shows as unread on the root. */
const badge = ({ messages }: ChatRoom) => messages[0]?.thread?.unread;

/** Ada and Bob have a thread open; Bob has read its only reply. */
async function scene() {
  const [ada, bob] = [person('ada'), person('bob')];
  await world.join(ada, bob);
  const { id: root } = await world.result(ada.send('root'));
  const [ours, theirs] = [ada.thread(root), bob.thread(root)];
  await world.result(ours.send('read'));
  await world.result(theirs.open());
  await world.run(5000);
  const say = async (...texts: string[]) => {
    for (const text of texts) await world.result(ours.send(text));
    await world.run(5000);
    return ours.messages.slice(-texts.length).map(({ id }) => id);
  };
  return { ada, bob, root, ours, theirs, say };
}

it('a thread that was closed is opened by mark(), which leaves nothing unread', async () => {
  const { bob, theirs, say } = await scene();
  theirs.close();
  await say('one', 'two');
  expect(badge(bob)).toBe(2);
  await world.result(theirs.read.mark());
  expect([badge(bob), theirs.read.unread.count, theirs.isOpen]).toEqual([0, 0, true]);
});

it('mark() waits for no connection where the thread was loaded', async () => {
  const { bob, theirs, say } = await scene();
  await say('one');
  world.clientOf(bob).link.goOffline(30_000);
  await world.run(1000);
  const before = world.time.monotonic();
  await world.result(theirs.read.mark());
  expect([badge(bob), world.time.monotonic() - before]).toEqual([0, 0]);
});

it('replies that are unread when a thread is closed are counted with those that come later', async () => {
  const { bob, theirs, say } = await scene();
  await say('one', 'two', 'three');
  theirs.close();
  await say('four');
  expect(badge(bob)).toBe(4);
  await world.result(theirs.open());
  expect([badge(bob), theirs.read.unread.count]).toEqual([4, 4]);
});

it('a thread that is closed before it has loaded again has as much unread as before, and what came meanwhile', async () => {
  const { bob, theirs, say } = await scene();
  await say('one');
  theirs.close();
  const { link } = world.clientOf(bob);
  link.fates = (rpc) => (rpc === 'ListFetch' ? { thereMs: 10_000 } : undefined);
  theirs.open().catch(() => {});
  await say('two');
  theirs.close();
  link.fates = undefined;
  await say('three');
  expect(badge(bob)).toBe(3);
});

it('a reply that is deleted while the thread is closed is unread no more, whenever it came', async () => {
  const { bob, ours, theirs, say } = await scene();
  const [first = ''] = await say('one');
  theirs.close();
  const [second = ''] = await say('two', 'three');
  await world.result(Promise.all([ours.delete(first), ours.delete(second)]));
  await world.run(5000);
  expect(badge(bob)).toBe(1);
});

it('a reply of a user who is hidden is not unread, be the thread closed or open', async () => {
  const { bob, root, theirs } = await scene();
  const eve = person('eve');
  await world.joined(eve);
  const rude = eve.thread(root);
  await world.result(rude.send('rude'));
  await world.run(1000);
  expect(badge(bob)).toBe(1);
  bob.hide('eve');
  expect([badge(bob), theirs.read.unread.count]).toEqual([0, 0]);
  theirs.close();
  await world.result(rude.send('rude again'));
  await world.run(5000);
  expect(badge(bob)).toBe(0);
});

it('mark() leaves nothing unread where all replies in memory are from a user who is hidden', async () => {
  const { root, say } = await scene();
  await say('one', 'two', 'three');
  const carl = person('carl', { pageSize: 2 });
  carl.hide('ada');
  await world.join(carl);
  const thread = carl.thread(root);
  await world.result(thread.open());
  await say('four');
  await world.result(thread.read.mark());
  expect([thread.hasOlder, thread.messages, thread.read.unread]).toEqual([
    true,
    [],
    { count: 0, mentions: 0, capped: false },
  ]);
});

it('replies to a closed thread that a hostile member only told of are unread until it is opened', async () => {
  const { bob, root, theirs } = await scene();
  theirs.close();
  for (let n = 0; n < 5; n += 1) {
    // A minute later than the root.
    const time = Number.parseInt(root.slice(0, 8) + root.slice(9, 13), 16) + 60_000 + n;
    const hex = time.toString(16).padStart(12, '0');
    const id = `${hex.slice(0, 8)}-${hex.slice(8)}${root.slice(13)}`;
    const event = { v: 1, id, type: 'thread', user: { name: 'eve' }, data: { root, message: { id } } };
    world.publish('lobby:events', JSON.stringify(event));
  }
  await world.run(5000);
  expect(badge(bob)).toBe(5);
  await world.result(theirs.open());
  expect(badge(bob)).toBe(0);
});

it('the count of a closed thread is 999 at most', async () => {
  const [ada, bob] = [person('ada'), person('bob', { maxInMemory: 2000, maxStored: 3000 })];
  await world.joined(ada, bob);
  const root = (await world.result(ada.send('root'))).id;
  const [ours, theirs] = [ada.thread(root), bob.thread(root)];
  await world.result(Promise.all([ours.open(), theirs.open()]));
  await world.run(5000);
  for (let n = 0; n < 1050; n += 1) {
    ours.send(`reply ${n}`).catch(() => {});
    if (n % 10 === 0) await world.run(1000);
  }
  await world.run(20_000);
  expect([theirs.read.unread.count, badge(bob)]).toEqual([999, 999]);
  theirs.close();
  await world.result(ours.send('one more'));
  await world.run(2000);
  expect(badge(bob)).toBe(999);
}, 60_000);

it('has as much unread when it is closed as it told last', async () => {
  const { bob, theirs, say } = await scene();
  const told: number[] = [];
  theirs.on('read', ({ count }) => told.push(count));
  await say('one', 'two');
  theirs.close();
  const { unread } = theirs.read;
  expect([unread.count, told.at(-1), badge(bob)]).toEqual([2, 2, 2]);
  expect(theirs.read.unread, 'the same object until something changes').toBe(unread);
  theirs.open().catch(() => {});
  await world.run(1);
  expect(theirs.read.unread.count, 'not loaded yet').toBe(2);
  await world.result(theirs.read.mark());
  expect([theirs.read.unread.count, told.at(-1)]).toEqual([0, 0]);
});

it('has as much unread as its root says, whenever the room tells of the root', async () => {
  const { bob, root, theirs, say } = await scene();
  const told = new Set<string>();
  bob.on('update', ({ id, thread }) => {
    if (id === root) told.add(`${thread?.unread} ${theirs.read.unread.count}`);
  });
  await say('one');
  await world.result(theirs.read.mark());
  await world.run(5000);
  expect(told).toEqual(new Set(['0 0', '1 1']));
});
