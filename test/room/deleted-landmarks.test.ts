import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { textsOf } from '../support/chat.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

const open = (
  name: string,
  pageSize = 50,
  more: { skewMs?: number; resumes?: boolean; events?: boolean } = {},
) => world.room({ room: 'lobby', user: { id: name, name }, history: { pageSize }, ...more });

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

it('G2: so they are when a message comes live while the list is read', async () => {
  const [ada, bob] = [open('ada', 20), open('bob')];
  await world.joined(bob);
  for (let sent = 0; sent < 30; sent += 1) await world.say(bob, `${sent}`);
  await world.joined(ada);
  const told = toldBy(ada);
  await deleteAll(bob, (text) => Number(text) >= 10);
  await world.run(20_000);
  world.clientOf(ada).link.fates = (rpc) =>
    rpc === 'ListFetch' ? { thereMs: 100, backMs: 1500 } : undefined;
  world.hint('visible');
  await world.run(500);
  await world.say(bob, 'new');
  await world.run(20_000);
  expect(told.filter((what) => typeof what === 'string')).toEqual(['new']);
});

it('G2: where all that is in memory was deleted, what a clock that is behind sent is missed', async () => {
  const [ada, bob] = [open('ada', 20, { resumes: false }), open('bob')];
  await world.joined(bob);
  for (let sent = 0; sent < 30; sent += 1) await world.say(bob, `${sent}`);
  await world.joined(ada);
  await deleteAll(bob, (text) => Number(text) >= 10);
  await lookAway();
  const told = toldBy(ada);
  const { link } = world.clientOf(ada);
  link.refusing = true;
  link.cut('told');
  const carol = open('carol', 50, { skewMs: -240_000 });
  await world.joined(carol);
  await world.say(carol, 'missed');
  link.refusing = false;
  await world.run(60_000);
  expect(told).toContain('missed');
});

it('G2: a single message without an id is no landmark where all others were deleted', async () => {
  const [ada, bob] = [open('ada', 16), open('bob')];
  const sayAll = async (count: number, what: string) => {
    for (let sent = 0; sent < count; sent += 1) await world.say(bob, `${what} ${sent}`);
  };
  const article = async () => {
    const entry = JSON.stringify({ username: 'Seed', message: 'hi' });
    world.publish('lobby-chat', entry);
    world.setList('lobby', [entry, ...world.list('lobby')]);
    await world.run(200);
  };
  await world.joined(bob);
  await sayAll(10, 'old');
  await article();
  await sayAll(15, 'deleted');
  await world.joined(ada);
  const told = toldBy(ada);
  await deleteAll(bob, (text) => text.startsWith('deleted'));
  await world.run(3000);
  const { link } = world.clientOf(ada);
  link.refusing = true;
  link.cut('told');
  await sayAll(40, 'missed');
  await article();
  await sayAll(3, 'late');
  link.refusing = false;
  await world.run(60_000);
  const missed = textsOf(ada).filter((text) => text.startsWith('missed')).length;
  if (missed < 40) expect(told).toContainEqual(expect.objectContaining({ complete: false }));
});

it.each([
  ['was cut off', false],
  ['was cut off', true],
  ['was left', false],
  ['was left', true],
  ['stayed', false],
] as const)(
  'G2: where nearly all that is in memory was deleted, older ones are no new ones to a room that %s (events: %s)',
  async (how, events) => {
    const [ada, bob] = [open('ada', 50, { resumes: false, events }), open('bob', 100)];
    await world.joined(bob);
    for (let sent = 0; sent < 100; sent += 1) await world.result(bob.send(`${sent}`));
    await world.joined(ada);
    expect(textsOf(ada)[0]).toBe('50');
    const told = toldBy(ada);
    const { link } = world.clientOf(ada);
    if (how === 'was cut off') {
      link.connected = false;
      link.cut('told');
    } else if (how === 'was left') await world.result(ada.leave());
    await deleteAll(bob, (text) => Number(text) >= 52);
    await world.run(1000);
    expect(world.list('lobby')).toHaveLength(52);
    link.connected = true;
    if (how === 'was left') await world.result(ada.join());
    else if (how === 'stayed') world.hint('visible');
    await world.run(60_000);
    expect(told.filter((what) => typeof what === 'string')).toEqual([]);
  },
);
