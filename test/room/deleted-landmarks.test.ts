import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { textsOf } from '../support/chat.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

const open = (name: string, pageSize = 50) =>
  world.room({ room: 'lobby', user: { id: name, name }, history: { pageSize } });

/** What the room tells of from now on as missed or new. */
function toldBy(room: ChatRoom): unknown[] {
  const told: unknown[] = [];
  room.on('message', ({ text }) => told.push(text));
  room.on('gap', (gap) => told.push(gap));
  return told;
}

/** The reader looks at another tab and back: the list is read, which shows what became of it. */
async function lookAway(): Promise<void> {
  await world.run(20_000);
  world.hint('visible');
  await world.run(10_000);
}

async function deleteAll(room: ChatRoom, isMeant: (text: string) => boolean): Promise<void> {
  for (const { id, text } of [...room.messages]) if (isMeant(text)) await world.result(room.delete(id));
}

it.each([1, 3])('G2: nothing is missing where all %s messages of a room were deleted', async (count) => {
  const [ada, bob] = [open('ada'), open('bob')];
  await world.joined(ada, bob);
  for (let sent = 0; sent < count; sent += 1) await world.say(bob, `${sent}`);
  await lookAway();
  const told = toldBy(ada);
  await deleteAll(bob, () => true);
  await lookAway();
  expect(told).toEqual([]);
});

it('G2: nothing is missing where every third message was deleted', async () => {
  const [ada, bob] = [open('ada'), open('bob')];
  await world.joined(ada, bob);
  for (let sent = 0; sent < 30; sent += 1) await world.say(bob, `${sent}`);
  await lookAway();
  const told = toldBy(ada);
  await deleteAll(bob, (text) => Number(text) % 3 === 0);
  await lookAway();
  expect(told).toEqual([]);
});

it.each([1, 20])(
  'G2: where all that is in memory was deleted, %s messages, older ones are no new ones',
  async (pageSize) => {
    const [ada, bob] = [open('ada', pageSize), open('bob')];
    await world.joined(bob);
    for (let sent = 0; sent < 30; sent += 1) await world.say(bob, `${sent}`);
    await world.joined(ada);
    const told = toldBy(ada);
    await deleteAll(bob, (text) => Number(text) >= 30 - pageSize);
    await lookAway();
    await world.say(bob, 'new');
    // With none of the sixteen left that it was last read from, the room cannot know that nothing is missing, and says so.
    const unsure = pageSize < 16 ? [] : [{ filled: 0, complete: false }];
    expect(told).toEqual([...unsure, 'new']);
    await world.loadAll(ada);
    expect(textsOf(ada).filter((text) => text !== '')).toEqual([
      ...Array.from({ length: 30 - pageSize }, (_, sent) => `${sent}`),
      'new',
    ]);
  },
);

it('older messages can be loaded where all that is in memory was deleted just now', async () => {
  const [ada, bob] = [open('ada', 20), open('bob')];
  await world.joined(bob);
  for (let sent = 0; sent < 30; sent += 1) await world.say(bob, `${sent}`);
  await world.joined(ada);
  await deleteAll(bob, (text) => Number(text) >= 10);
  await world.loadAll(ada);
  expect(textsOf(ada).filter((text) => text !== '')).toEqual(
    Array.from({ length: 10 }, (_, sent) => `${sent}`),
  );
});
