import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { sortedSetFetchByRank } from '../../src/transport/operations/sorted-sets.js';
import { inProcessWorld } from '../support/in-process-rooms.js';
import { anyNetworkStep, anySlowStep, type NetworkStep, play } from '../support/in-process-steps.js';
import { propertyRuns, timeoutOf } from '../support/property-runs.js';
import { FAIR } from '../support/weather.js';

const RUNS = propertyRuns(30, 1000);
const EMOJI = ['👍', '❤️', ':+1:'];
/** Two devices of Ada, one of Bob. */
const USERS = ['ada', 'ada', 'bob'];

const RPCS = ['Publish', 'SortedSetPut', 'SortedSetRemove', 'SortedSetFetch'] as const;

type Step =
  | NetworkStep
  | { do: 'react' | 'unreact'; who: number; message: number; emoji: number }
  | { do: 'leave' | 'join' | 'older' | 'again'; who: number };

const who = fc.nat(USERS.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constantFrom('react' as const, 'unreact' as const),
      who,
      message: fc.constantFrom(0, 3, 3, 3),
      emoji: fc.constantFrom(0, 0, 0, 1, 2),
    }),
  },
  {
    weight: 3,
    arbitrary: anySlowStep(USERS.length, RPCS),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('leave' as const, 'join' as const, 'older' as const, 'again' as const),
      who,
    }),
  },
  { weight: 8, arbitrary: anyNetworkStep(USERS.length) },
);

/** The reactions to each message with their users, as a client shows them. */
const shown = (room: ChatRoom) =>
  room.messages.flatMap(({ id, reactions }) =>
    reactions.map(({ emoji, users, count, mine }) => ({ id, emoji, users, count, mine })),
  );

/** Three devices react to four messages, leave, join and load pages, under whatever weather. */
async function live(steps: readonly Step[], seed: number): Promise<void> {
  const world = inProcessWorld({ seed });
  const open = (name: string) =>
    world.room({ room: 'lobby', user: { id: name, name }, history: { pageSize: 3 } });
  const rooms = USERS.map(open);
  const [first] = rooms as [ChatRoom];
  await world.join(first);
  const ids: string[] = [];
  for (let n = 0; n < 4; n += 1) ids.push((await world.result(first.send('hello'))).id);
  await world.join(...rooms);
  for (const next of steps) {
    const room = 'who' in next ? (rooms[next.who] ?? first) : first;
    if (next.do === 'react' || next.do === 'unreact')
      room[next.do](ids[next.message] ?? '', EMOJI[next.emoji] ?? '').catch(() => {});
    else if (next.do === 'again') {
      void room.leave();
      void room.join().catch(() => {});
      await world.run(400);
    } else if (next.do === 'leave') void room.leave();
    else if (next.do === 'join') void room.join().catch(() => {});
    else if (next.do === 'older') void room.loadOlder().catch(() => {});
    else await play(world, next as NetworkStep);
  }
  world.clearUp();
  await world.run(400_000);
  await world.join(...rooms);
  // A stream that skipped its last item shows it by the next one.
  await world.result(first.signal('end', {}));
  await world.run(60_000);
  const fresh = open('fresh');
  await world.join(fresh);
  for (const room of [...rooms, fresh]) while (room.hasOlder) await world.result(room.loadOlder());
  await world.run(60_000);
  const stored = await world.result(
    world
      .transport()
      .call(
        sortedSetFetchByRank,
        { cache: 'chat', set: 'lobby:reactions' },
        { signal: new AbortController().signal },
      ),
  );
  expect(shown(fresh).reduce((sum, { count }) => sum + count, 0)).toBe(stored.length);
  for (const [index, room] of rooms.entries())
    expect(shown(room)).toEqual(
      shown(fresh).map((reaction) => ({
        ...reaction,
        mine: reaction.users.includes(USERS[index] ?? ''),
      })),
    );
  await world.end();
}

it(
  'reactions converge on all clients and with storage, whatever becomes of calls, events, pages, streams and clocks',
  timeoutOf(RUNS),
  async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 30, size: 'max' }), fc.nat(), live), RUNS);
  },
);

const SLOW = { ...FAIR, latencyMs: 1, slow: { chance: 0.1, ms: 500 }, deliveryMs: 0, skip: 0 };

/** Ada's second device hears nothing and adds what the first one takes back at the same moment; that one hears all late. */
const COLLISION: Step[] = [
  { do: 'cut', who: 1, how: 'silent' },
  { do: 'react', who: 0, message: 3, emoji: 2 },
  { do: 'sleep', who: 0, ms: 3000 },
  { do: 'react', who: 0, message: 3, emoji: 0 },
  { do: 'weather', who: 0, weather: { ...FAIR, latencyMs: 1, deliveryMs: 5000 } },
  { do: 'forget' },
  { do: 'wait', ms: 5 },
  { do: 'react', who: 1, message: 3, emoji: 0 },
  { do: 'unreact', who: 0, message: 3, emoji: 0 },
];

/** Two devices of Ada write at one moment, and neither hears the other one: both streams are cut. */
const UNHEARD: Step[] = [
  { do: 'react', who: 1, message: 3, emoji: 0 },
  { do: 'react', who: 0, message: 3, emoji: 2 },
  { do: 'wait', ms: 5 },
  { do: 'cut', who: 0, how: 'silent' },
  { do: 'weather', who: 1, weather: { ...FAIR, deliveryMs: 5000 } },
  { do: 'react', who: 0, message: 3, emoji: 0 },
  { do: 'unreact', who: 1, message: 3, emoji: 0 },
  { do: 'cut', who: 1, how: 'told' },
];

/** The seed decides what comes first where the steps do not. */
it.each<[string, Step[], seed?: number]>([
  [
    'one that was undone, and rejected as the room was left, is there all the same',
    [
      { do: 'react', who: 1, message: 3, emoji: 0 },
      { do: 'wait', ms: 5 },
      { do: 'unreact', who: 1, message: 3, emoji: 0 },
      { do: 'leave', who: 1 },
    ],
  ],
  [
    'what one device removed slowly, another one that read meanwhile does not put back',
    [
      { do: 'react', who: 0, message: 3, emoji: 0 },
      { do: 'wait', ms: 100 },
      { do: 'weather', who: 1, weather: SLOW },
      { do: 'unreact', who: 1, message: 3, emoji: 0 },
      { do: 'cut', who: 0, how: 'told' },
    ],
  ],
  [
    'the place of one that two devices of a user gave, the earlier of them heard last',
    [
      { do: 'react', who: 0, message: 3, emoji: 0 },
      { do: 'react', who: 1, message: 3, emoji: 1 },
      { do: 'offline', who: 1, ms: 60_000 },
      { do: 'react', who: 0, message: 3, emoji: 1 },
    ],
  ],
  [
    'one that was added by a clock far ahead and removed by another device',
    [
      { do: 'wait', ms: 20_000 },
      { do: 'jump', who: 1, ms: 600_000 },
      { do: 'react', who: 1, message: 0, emoji: 0 },
      { do: 'sleep', who: 0, ms: 3000 },
      { do: 'unreact', who: 0, message: 0, emoji: 0 },
    ],
  ],
  [
    'the place of one that another device of the user gave while it waited for its turn',
    [
      { do: 'react', who: 0, message: 0, emoji: 0 },
      { do: 'react', who: 1, message: 3, emoji: 0 },
      { do: 'react', who: 1, message: 3, emoji: 2 },
      { do: 'react', who: 0, message: 3, emoji: 2 },
    ],
  ],
  [
    'the place of one that one device stored again after another one had read',
    [
      { do: 'react', who: 2, message: 3, emoji: 0 },
      { do: 'react', who: 0, message: 3, emoji: 1 },
      { do: 'cut', who: 0, how: 'told' },
      { do: 'slow', who: 0, rpc: 'SortedSetPut', ms: 4000 },
      { do: 'wait', ms: 100 },
      { do: 'unreact', who: 2, message: 3, emoji: 0 },
      { do: 'react', who: 0, message: 3, emoji: 0 },
      { do: 'wait', ms: 3000 },
      { do: 'react', who: 1, message: 3, emoji: 0 },
      { do: 'react', who: 2, message: 3, emoji: 2 },
      { do: 'wait', ms: 3000 },
      { do: 'cut', who: 1, how: 'told' },
    ],
  ],
  [
    'all of them, where calls that are given up make the readings too small for those of one message',
    [
      { do: 'react', who: 1, message: 3, emoji: 0 },
      { do: 'weather', who: 0, weather: { ...FAIR, latencyMs: 20, loseResponse: 0.3, deliveryMs: 50 } },
      { do: 'forget' },
      { do: 'wait', ms: 20_000 },
      { do: 'forget' },
      { do: 'cut', who: 0, how: 'told' },
      { do: 'wait', ms: 20_000 },
      { do: 'react', who: 1, message: 3, emoji: 1 },
    ],
    440232294,
  ],
  [
    'all of them, where readings are too small, and no smaller one would be quicker',
    [
      {
        do: 'weather',
        who: 2,
        weather: { ...FAIR, latencyMs: 300, loseResponse: 0.1, refuse: 0.3, deliveryMs: 1000 },
      },
      { do: 'react', who: 0, message: 0, emoji: 1 },
      { do: 'cut', who: 0, how: 'told' },
      { do: 'wait', ms: 5 },
      { do: 'react', who: 0, message: 0, emoji: 0 },
      { do: 'react', who: 0, message: 3, emoji: 0 },
      { do: 'slow', who: 0, rpc: 'Publish', ms: 0 },
      { do: 'again', who: 0 },
      { do: 'react', who: 1, message: 3, emoji: 0 },
      { do: 'slow', who: 2, rpc: 'SortedSetFetch', ms: 4000 },
      { do: 'forget' },
      { do: 'unreact', who: 0, message: 3, emoji: 0 },
      { do: 'react', who: 0, message: 0, emoji: 2 },
      { do: 'sleep', who: 0, ms: 300_000 },
    ],
    20,
  ],
  ['one that storage has not, read before the other device was heard', COLLISION, 4],
  ['one that storage has not, the other device heard during the reading', COLLISION, 9],
  ...[28, 36, 42, 48, 50, 52, 59].map((seed): [string, Step[], number] => [
    `one of two devices that did not hear each other, seed ${seed}`,
    UNHEARD,
    seed,
  ]),
])('reactions converge: %s', (_, steps, seed = 0) => live(steps, seed));
