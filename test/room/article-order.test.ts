import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { textsOf } from '../support/chat.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
let bob: ChatRoom;
beforeEach(async () => {
  world = inProcessWorld();
  bob = world.member('Bob');
  await world.joined(bob);
});
afterEach(() => world.end());

/** A page of the article writes, which stores so many milliseconds after it has published: its messages carry no id. */
async function article(message: string, lagMs = 0): Promise<void> {
  const entry = JSON.stringify({ username: 'Seed', message });
  world.publish('lobby-chat', entry);
  await world.run(lagMs);
  world.setList('lobby', [entry, ...world.list('lobby')]);
  await world.run(100);
}

/** Readings of the list take so long there and back. */
const slowly = (room: ChatRoom, thereMs = 1000, backMs = 1000) => {
  world.clientOf(room).link.fates = (rpc) => (rpc === 'ListFetch' ? { thereMs, backMs } : undefined);
};

async function expectSameOrder(room: ChatRoom, texts: string[]): Promise<void> {
  await world.run(20_000);
  await world.say(bob, 'last');
  await world.run(10_000);
  expect(textsOf(bob)).toEqual([...texts, 'last']);
  expect(textsOf(room)).toEqual(textsOf(bob));
}

it.each([
  ['stands where all others see it', (text: string) => world.say(bob, text)],
  ['does so where no message has an id', (text: string) => article(text)],
])('G1: a message without an id that comes while a room joins %s', async (_, say) => {
  for (const text of ['one', 'two']) await say(text);
  const ada = world.member('Ada');
  slowly(ada);
  void ada.join();
  await world.run(300);
  await article('three');
  await expectSameOrder(ada, ['one', 'two', 'three']);
});

it('G1: so it does when it comes before an outage is made up for', async () => {
  const ada = world.member('Ada', { resumes: false });
  await world.joined(ada);
  const { link } = world.clientOf(ada);
  await world.say(bob, 'one');
  link.refusing = true;
  link.cut('told');
  for (const text of ['two', 'three']) await world.say(bob, text);
  link.refusing = false;
  slowly(ada);
  const { Subscribe = 0 } = link.calls;
  await world.time.advance(60_000, () => link.calls.Subscribe === Subscribe + 1);
  await world.run(200);
  await article('four');
  await expectSameOrder(ada, ['one', 'two', 'three', 'four']);
});

it('G1: so it does when it is the one that shows that others were missed', async () => {
  const ada = world.member('Ada');
  await world.joined(ada);
  const { link } = world.clientOf(ada);
  await world.say(bob, 'one');
  link.weather = { ...link.weather, skip: 1 };
  for (const text of ['two', 'three']) await world.say(bob, text);
  link.weather = { ...link.weather, skip: 0 };
  await article('four');
  await expectSameOrder(ada, ['one', 'two', 'three', 'four']);
});

it.each([60, 120])(
  'G1: so it does when it is stored %s ms later, and another message follows at once',
  async (lagMs) => {
    for (const text of ['one', 'two']) await world.say(bob, text);
    const ada = world.member('Ada');
    slowly(ada, 40, 400);
    void ada.join();
    const { link } = world.clientOf(ada);
    await world.time.advance(5000, () => (link.calls.ListFetch ?? 0) > 0);
    await article('three', lagMs);
    await world.say(bob, 'four');
    await expectSameOrder(ada, ['one', 'two', 'three', 'four']);
  },
);

it('G1: so it does when another message comes before the list was read', async () => {
  const ada = world.member('Ada');
  await world.joined(ada);
  await world.say(bob, 'one');
  slowly(ada, 100, 1500);
  world.engine.faults.discontinuity('lobby-chat');
  await world.run(400);
  await article('two');
  await world.say(bob, 'three');
  await expectSameOrder(ada, ['one', 'two', 'three']);
});

it('G1: it is shown once when the connection is lost again while the list is read', async () => {
  const ada = world.member('Ada', { resumes: false });
  await world.joined(ada);
  const { link } = world.clientOf(ada);
  await world.say(bob, 'one');
  link.cut('told');
  slowly(ada, 500, 1500);
  const { Subscribe = 0 } = link.calls;
  await world.time.advance(60_000, () => link.calls.Subscribe === Subscribe + 1);
  await world.run(200);
  await article('two');
  await world.run(600);
  link.refusing = true;
  link.cut('told');
  await world.run(10_000);
  link.refusing = false;
  link.fates = undefined;
  await expectSameOrder(ada, ['one', 'two']);
});

it('G1: it is shown once when something more is missed while the list is read', async () => {
  const ada = world.member('Ada');
  await world.joined(ada);
  await world.say(bob, 'one');
  slowly(ada, 500, 4000);
  world.engine.faults.discontinuity('lobby-chat');
  await world.run(100);
  await article('two');
  await world.run(800);
  world.engine.faults.discontinuity('lobby-chat');
  await expectSameOrder(ada, ['one', 'two']);
});

it('G1: one that nobody stores is shown as well, and once', async () => {
  await world.say(bob, 'one');
  const ada = world.member('Ada');
  slowly(ada);
  void ada.join();
  await world.run(300);
  world.publish('lobby-chat', JSON.stringify({ username: 'Seed', message: 'two' }));
  await expectSameOrder(ada, ['one', 'two']);
});

it('G6: a flood of them while the list cannot be read is kept in part only, and nothing of it is lost', async () => {
  const ada = world.member('Ada', { history: { maxInMemory: 2000 } });
  slowly(ada);
  void ada.join();
  await world.run(300);
  for (let sent = 0; sent < 1100; sent += 1)
    world.publish('lobby-chat', JSON.stringify({ username: 'Seed', message: `${sent}` }));
  await world.run(20_000);
  expect(ada.messages).toHaveLength(1100);
});
