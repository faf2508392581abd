import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { encodeMessage } from '../../src/messages/codec.js';
import { MessageIds } from '../../src/messages/message-id.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import { notingReads } from '../support/noted-reads.js';
import { propertyRuns, timeoutOf } from '../support/property-runs.js';
import { randomFrom } from '../support/virtual-time.js';

const RUNS = propertyRuns(8, 3000, 300);
const MAX_STORED = 1000;
/**
 * A join reads twice, and begins a reading anew three times at most where equal messages leave more than one way to join
 * two windows. A few entries are fetched twice, where windows overlap.
 */
const MAX_FETCHED = 2 * 4 * (MAX_STORED + 50);
const DAY_MS = 86_400_000;

const KINDS = [
  'equal rubbish',
  'rubbish',
  'objects',
  'huge',
  'equal articles',
  'equal long articles',
  'articles',
  'soon',
  'future',
] as const;
type Kind = (typeof KINDS)[number];

const LONG = 'long '.repeat(700);
/** Several times what a message may take: longer ones cost only the network of this test. */
const HUGE = 'x'.repeat(20_000);

function hostile(kind: Kind, index: number, time: number): string {
  const article = (message: string) => JSON.stringify({ username: 'Mallory', message });
  if (kind === 'equal rubbish') return 'rubbish';
  if (kind === 'rubbish') return `j${index}`;
  if (kind === 'objects') return JSON.stringify({ v: 1, id: index });
  if (kind === 'huge') return HUGE;
  if (kind === 'equal articles') return article('hi');
  if (kind === 'equal long articles') return article(LONG);
  if (kind === 'articles') return article(`note ${index}`);
  const ahead = kind === 'soon' ? 360_000 + index : 5 * DAY_MS + index;
  const clock = { now: () => time + ahead, random: () => (index % 997) / 997 };
  return encodeMessage({
    id: new MessageIds(clock).next(),
    text: 'from the future',
    user: { name: 'Mallory' },
    sentAt: new Date(time),
  });
}

/** A list, newest first, of stretches of what hostile members store, with messages of honest ones in between. */
function listOf(world: InProcessWorld, stretches: readonly { kind: Kind; length: number }[], seed: number) {
  const random = randomFrom(seed);
  const ids = new MessageIds(world.time);
  const honest: { text: string; index: number }[] = [];
  const oldestFirst: string[] = [];
  for (const { kind, length } of stretches) {
    for (let count = 0; count < length; count += 1) {
      if (random() < 0.02) {
        const id = ids.next();
        honest.push({ text: id, index: oldestFirst.length });
        oldestFirst.push(
          encodeMessage({ id, text: id, user: { name: 'Ada' }, sentAt: new Date(world.time.now()) }),
        );
      }
      oldestFirst.push(hostile(kind, oldestFirst.length, world.time.now()));
    }
  }
  const inReach = honest.filter(({ index }) => oldestFirst.length - index <= MAX_STORED);
  return { list: oldestFirst.reverse(), inReach: inReach.map(({ text }) => text) };
}

async function pages(world: InProcessWorld, room: ChatRoom): Promise<number> {
  let count = 0;
  for (; room.hasOlder && count < 100; count += 1) {
    await world.result(room.loadOlder());
  }
  return count;
}

const stretch = fc.record({
  kind: fc.constantFrom(...KINDS),
  length: fc.oneof(fc.integer({ min: 1, max: 80 }), fc.integer({ min: 1, max: 8000 })),
});

it(
  'G6: whatever the list holds, a room joins with bounded work, and pages end with every message in reach once',
  timeoutOf(RUNS),
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stretch, { maxLength: 8 }), fc.nat(), async (stretches, seed) => {
        const world = inProcessWorld({ seed });
        const { list, inReach } = listOf(world, stretches, seed);
        world.setList('lobby', list);
        let fetched = 0;
        const wrap = notingReads((entries) => {
          fetched += entries;
        });
        const room = world.member('Bob', { via: 'clients', history: { maxStored: MAX_STORED }, wrap });
        const errors: string[] = [];
        room.on('error', ({ code, message }) => errors.push(`${code}: ${message}`));
        await world.joined(room);
        expect(fetched, 'entries fetched to join').toBeLessThanOrEqual(MAX_FETCHED);
        // One event a kind and reading; a join reads twice.
        expect(errors.length, errors.join()).toBeLessThanOrEqual(2 * 5);
        expect(errors.every((error) => error.startsWith('malformed-message'))).toBe(true);
        expect(await pages(world, room)).toBeLessThan(100);
        expect(room.hasOlder).toBe(false);
        const shown = new Map<string, number>();
        for (const { text } of room.messages) shown.set(text, (shown.get(text) ?? 0) + 1);
        for (const text of inReach) expect(shown.get(text), text).toBe(1);
        await world.end();
      }),
      RUNS,
    );
  },
);

it(
  'G1, G6: pages show equal messages among rubbish as often as they are stored, and hide none between them',
  timeoutOf(RUNS),
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(9), { minLength: 1, maxLength: 12 }),
        fc.nat(),
        async (pattern, seed) => {
          const world = inProcessWorld({ seed });
          let time = world.time.now() - DAY_MS;
          const ids = new MessageIds({ now: () => time, random: () => 0.5 });
          const expected: string[] = [];
          const list = Array.from({ length: 600 }, (_, index) => {
            time += 1000;
            const kind = pattern[index % pattern.length] ?? 0;
            if (index % 60 !== 59 && kind < 6) return kind % 2 === 0 ? 'rubbish' : `j${index}`;
            const id = ids.next();
            const text = index % 60 === 59 ? id : kind < 8 ? 'hi' : 'ho';
            expected.push(text);
            return text === id
              ? encodeMessage({ id, text, user: { name: 'Ada' }, sentAt: new Date(time) })
              : JSON.stringify({ username: 'Mallory', message: text });
          });
          world.setList('lobby', list.reverse());
          const room = world.member('Bob', { history: { pageSize: 20 } });
          await world.joined(room);
          await pages(world, room);
          expect(room.messages.map(({ text }) => text)).toEqual(expected);
          await world.end();
        },
      ),
      RUNS,
    );
  },
);

it('G6: pages end in a list of a thousand equal entries', async () => {
  for (const entry of ['rubbish', hostile('equal articles', 0, 0), hostile('equal long articles', 0, 0)]) {
    const world = inProcessWorld();
    world.setList('lobby', Array(MAX_STORED).fill(entry));
    const room = world.member('Bob');
    await world.joined(room);
    expect(await pages(world, room)).toBeLessThan(100);
    expect(room.messages).toHaveLength(entry === 'rubbish' ? 0 : MAX_STORED);
    await world.end();
  }
});

it('G6: rubbish that is pushed again and again hides nothing below it', async () => {
  const world = inProcessWorld();
  const rubbish = Array(100).fill('rubbish');
  world.setList('lobby', [...rubbish]);
  const [bob, ada] = [world.member('Bob'), world.member('Ada')];
  await world.joined(bob);
  await world.joined(ada);
  for (const { link } of world.clients) link.cut('silent');
  await world.say(ada, 'unseen');
  world.setList('lobby', [...rubbish, ...world.list('lobby')]);
  world.hint('online');
  await world.run(10_000);
  expect(bob.messages.map(({ text }) => text)).toEqual(['unseen']);
  await world.end();
});
