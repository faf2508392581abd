import fc from 'fast-check';
import { expect, it } from 'vitest';
import '../../src/features/pins.js';
import '../../src/features/presence.js';
import '../../src/features/reaction-writer.js';
import '../../src/features/read.js';
import '../../src/features/revision-writer.js';
import '../../src/features/signals.js';
import type { ChatRoom } from '../../src/lite-room.js';
import { inProcessWorld } from '../support/in-process-rooms.js';
import { type NetworkStep, play } from '../support/in-process-steps.js';
import { propertyRuns, timeoutOf } from '../support/property-runs.js';
import { FAIR } from '../support/weather.js';

const RUNS = propertyRuns(12, 1500);
/** Two devices of Ada, whose clocks differ, and one of Bob. */
const USERS = ['ada', 'ada', 'bob'];

type Step =
  | NetworkStep
  | { do: 'act'; who: number; n: number }
  | { do: 'leave' | 'join' | 'again'; who: number };

interface Feature {
  /** The kinds of calls that may be slow. */
  rpcs: [string, ...string[]];
  /** Something that a device does to one of the messages; `at`: the number of the step. */
  act(room: ChatRoom, ids: readonly string[], n: number, at: number): Promise<unknown>;
  shown(room: ChatRoom, ids: readonly string[]): unknown;
  /** Runs that failed once: steps, seed and skew. */
  examples?: [Step[], number, number][];
}

/** The second device of Ada leaves before it could tell what it has stored. */
const LEFT_BEFORE_IT_TOLD: Step[] = [
  { do: 'act', who: 1, n: 10 },
  { do: 'cut', who: 1, how: 'told' },
  { do: 'wait', ms: 20 },
  { do: 'leave', who: 1 },
];

/** The first device of Ada reads what the second has stored, and writes it over before the answer comes. */
const READ_BEFORE_IT_WAS_WRITTEN_OVER: Step[] = [
  { do: 'cut', who: 0, how: 'told' },
  { do: 'act', who: 1, n: 5 },
  { do: 'wait', ms: 1 },
  { do: 'act', who: 0, n: 1 },
];

const pick = (ids: readonly string[], n: number) => ids[n % ids.length] ?? '';

const FEATURES: Record<string, Feature> = {
  reactions: {
    rpcs: ['SortedSetPut', 'SortedSetRemove', 'SortedSetFetch', 'Publish'],
    act: (room, ids, n) => room[n % 2 === 0 ? 'react' : 'unreact'](ids[0] ?? '', n % 3 === 0 ? ':+1:' : '👍'),
    shown: ({ messages }) =>
      messages.map(({ reactions }) => reactions.map(({ emoji, users }) => [emoji, users])),
  },
  pins: {
    rpcs: ['DictionarySet', 'DictionaryFetch', 'Publish'],
    act: (room, ids, n) => room[n % 2 === 0 ? 'pin' : 'unpin'](pick(ids, n % 3)),
    shown: ({ pinned }) => pinned.map(({ id }) => id),
  },
  'edits and deletions': {
    rpcs: ['DictionarySet', 'DictionaryGet', 'Publish', 'ListRemove'],
    act: (room, ids, n, at) =>
      n === 11 ? room.delete(pick(ids, 1)) : room.edit(pick(ids, n % 2), `<edit ${at}>`),
    shown: ({ messages }, ids) =>
      messages.flatMap(({ id, text, deletedAt }) => (ids.includes(id) && !deletedAt ? [[id, text]] : [])),
  },
  'read markers': {
    rpcs: ['DictionarySet', 'DictionaryFetch', 'Publish'],
    act: (room, ids, n) => (n % 3 === 0 ? room.read.markUnread(pick(ids, n)) : room.read.mark(pick(ids, n))),
    shown: ({ read }) => [...read.receipts].sort(),
    examples: [
      [LEFT_BEFORE_IT_TOLD, 0, 0],
      [READ_BEFORE_IT_WAS_WRITTEN_OVER, 2147483617, 0],
      [READ_BEFORE_IT_WAS_WRITTEN_OVER, 2147483617, -90_000],
    ],
  },
};

const stepsOf = ({ rpcs }: Feature): fc.Arbitrary<Step> => {
  const as = <const Name extends string>(...names: Name[]) => fc.constantFrom(...names);
  const who = fc.nat(USERS.length - 1);
  const weathers = [{ deliveryMs: 5000 }, { latencyMs: 1 }, { latencyMs: 300 }, { skip: 0.5 }];
  const weather = fc.constantFrom(...weathers.map((change) => ({ ...FAIR, ...change })));
  const ms = fc.constantFrom(1, 5, 20, 50, 300, 3000);
  const slowMs = fc.constantFrom(0, 100, 1500, 4000);
  return fc.oneof(
    { weight: 10, arbitrary: fc.record({ do: as('act'), who, n: fc.nat(11) }) },
    { weight: 4, arbitrary: fc.record({ do: as('wait'), ms }) },
    { weight: 4, arbitrary: fc.record({ do: as('cut'), who: fc.nat(1), how: as('told', 'silent') }) },
    { weight: 2, arbitrary: fc.record({ do: as('weather'), who, weather }) },
    { weight: 2, arbitrary: fc.record({ do: as('slow'), who, rpc: fc.constantFrom(...rpcs), ms: slowMs }) },
    { weight: 1, arbitrary: fc.record({ do: as('leave', 'join', 'again'), who }) },
  );
};

async function live(feature: Feature, steps: readonly Step[], seed: number, skewMs: number): Promise<void> {
  const world = inProcessWorld({ seed });
  const open = (name: string, index = 0) => {
    const room = world.room({ room: 'lobby', user: { id: name, name }, skewMs: index === 1 ? skewMs : 0 });
    room.on('pins', () => {});
    room.on('read', () => {});
    return room;
  };
  const rooms = USERS.map(open);
  const [first] = rooms as [ChatRoom];
  await world.join(...rooms);
  const ids: string[] = [];
  for (let n = 0; n < 3; n += 1) ids.push((await world.result(first.send('hello'))).id);
  await world.run(3000);
  for (const [at, next] of steps.entries()) {
    const room = 'who' in next ? (rooms[next.who] ?? first) : first;
    if (next.do === 'act') feature.act(room, ids, next.n, at).catch(() => {});
    else if (next.do === 'leave' || next.do === 'join' || next.do === 'again') {
      if (next.do !== 'join') void room.leave();
      if (next.do !== 'leave') void room.join().catch(() => {});
    } else await play(world, next as NetworkStep);
  }
  world.clearUp();
  await world.run(60_000);
  await world.join(...rooms);
  await world.run(120_000);
  // A stream that skipped its last item shows it by the next one.
  await world.result(first.signal('end', {}));
  await world.result(first.send('end'));
  await world.run(90_000);
  const fresh = open('fresh');
  await world.join(fresh);
  await world.run(30_000);
  for (const room of rooms) expect(feature.shown(room, ids)).toEqual(feature.shown(fresh, ids));
  await world.end();
}

it.each(Object.entries(FEATURES))(
  '%s of two devices that collide and miss each other are what storage holds, without another reading',
  timeoutOf(RUNS),
  async (_, feature) => {
    const steps = fc.array(stepsOf(feature), { minLength: 2, maxLength: 12, size: 'max' });
    const skewMs = fc.constantFrom(0, 90_000, -90_000);
    const property = fc.asyncProperty(steps, fc.nat(), skewMs, (...given) => live(feature, ...given));
    await fc.assert(property, { ...RUNS, examples: feature.examples ?? [] });
  },
);
