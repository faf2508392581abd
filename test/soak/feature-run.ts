import type { ChatRoom } from 'momento-chat';
import type { LocalMomento } from 'momento-chat/local';
import type { nodeClients } from '../support/chat.js';
import { lookUntil } from '../support/look-until.js';
import { randomFrom } from '../support/virtual-time.js';
import { type Day, FAULTS } from './fault-run.js';
import { brokenPromises, differencesOf, readStored, troublesOf, viewOf } from './feature-agreement.js';
import type { Act, FeatureUser } from './feature-user.js';

export interface FeatureRunOptions {
  seed: number;
  /** How long people are at it, in ms. */
  lastsMs: number;
  /** Mean pause between two acts of anybody, in ms. */
  paceMs: number;
  /** So often something breaks, in ms. */
  faultEveryMs: number;
  /** How long they may take to agree when all is whole again, in ms. */
  patienceMs: number;
  cache: ReturnType<typeof nodeClients>['cache'];
  acts: readonly Act[];
  /** Opens the room for somebody who was never there. */
  newcomers: () => ChatRoom[];
}

export interface FeatureRunResult {
  /** How often each fault struck. */
  struck: Map<string, number>;
  /** The errors that are found in the end; empty is well. */
  wrong: string[];
  /** How long it took them to agree, in ms. */
  agreedAfterMs: number;
}

const RPCS = ['DictionarySet', 'DictionaryGet', 'DictionaryFetch', 'ListRemove', 'SortedSetFetch'] as const;
const WRITES = ['DictionarySet', 'SortedSetPut', 'SortedSetRemove', 'ListRemove', 'Publish'] as const;
const MORE_FAULTS: typeof FAULTS = {
  'calls of features delayed': ({ momento, between, pick }) =>
    void momento.faults.delay({ rpc: pick(RPCS), ms: between(200, 4500), times: between(1, 10) }),
  'writes delayed': ({ momento, between, pick }) =>
    void momento.faults.delay({ rpc: pick(WRITES), ms: between(200, 4500), times: between(1, 5) }),
  'calls of features failed': ({ momento, between, pick }) =>
    void momento.faults.failNext({
      rpc: pick([...RPCS, ...WRITES]),
      code: pick(['UNAVAILABLE', 'INTERNAL', 'DEADLINE_EXCEEDED', 'RESOURCE_EXHAUSTED']),
      times: between(1, 4),
    }),
  'answers to writes cut off': ({ momento, between, pick }) =>
    void momento.faults.dropResponses({ rpc: pick(WRITES), times: between(1, 4) }),
  'answers to writes that never come': ({ momento, between, pick }) =>
    void momento.faults.dropResponses({ rpc: pick(WRITES), times: between(1, 3), how: 'hang' }),
  'events lost without a trace': ({ momento, between }) =>
    void momento.faults.losePublishes(between(1, 8), { topic: 'bad-day:events', numbered: false }),
};

/** Lets everybody use everything while faults strike, drawn from the seed; then waits until they agree. */
export async function featureRun(
  momento: LocalMomento,
  users: readonly FeatureUser[],
  options: FeatureRunOptions,
): Promise<FeatureRunResult> {
  const random = randomFrom(options.seed);
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  const pick = <T>(all: readonly [T, ...T[]]): T => all[between(0, all.length - 1)] ?? all[0];
  const timers = new Set<NodeJS.Timeout>();
  const later = (ms: number, task: () => void) => void timers.add(setTimeout(task, ms));
  const day: Day = { momento, participants: users, between, pick, later };
  const faults = Object.entries({ ...FAULTS, ...MORE_FAULTS });
  const struck = new Map<string, number>();

  const end = Date.now() + options.lastsMs;
  let faultAt = Date.now() + options.faultEveryMs;
  while (Date.now() < end) {
    if (Date.now() >= faultAt) {
      faultAt += options.faultEveryMs;
      const [name, strike] = faults[between(0, faults.length - 1)] ?? ['', () => {}];
      struck.set(name, (struck.get(name) ?? 0) + 1);
      strike(day);
    }
    users[between(0, users.length - 1)]?.act((most) => between(0, most));
    await new Promise((resolve) => setTimeout(resolve, random() * 2 * options.paceMs));
  }
  for (const timer of timers) clearTimeout(timer);
  momento.faults.reset();
  // An event that was lost without a trace shows at the next reading: here is the occasion.
  momento.faults.dropConnections();
  const calmAt = Date.now();
  // Somebody stays, somebody goes: the last word counts.
  await Promise.all(users.map((user, index) => insist(() => user.be(index % 2 ? 'at last' : undefined))));
  const wrong = await untilAgreed(users, options, calmAt + options.patienceMs);
  return { struck, wrong, agreedAfterMs: Date.now() - calmAt };
}

async function insist(act: () => Promise<void>): Promise<void> {
  const [outcome] = await lookUntil(
    () => Promise.allSettled([act()]),
    ([last]) => last.status === 'fulfilled',
    { patienceMs: 60_000, everyMs: 500 },
  );
  if (outcome.status === 'rejected') throw outcome.reason;
}

/** Returns what is still wrong when patience ends, or nothing as soon as nothing is. */
async function untilAgreed(
  users: readonly FeatureUser[],
  { cache, acts, newcomers }: FeatureRunOptions,
  patience: number,
): Promise<string[]> {
  const broken = () => users.flatMap((user) => user.broken.map((what) => `${user.name}: ${what}`));
  const nothing = (wrong: readonly string[]) => wrong.length === 0;
  const wrong = await lookUntil(
    async () => {
      for (const { room } of users)
        while (room.status === 'joined' && room.hasOlder) await room.loadOlder(500);
      return disagreements(users, cache, acts);
    },
    nothing,
    { patienceMs: patience - Date.now(), everyMs: 250 },
  );
  if (wrong.length > 0) return [...broken(), ...wrong];
  const rooms = newcomers();
  for (const room of rooms)
    for (const event of ['pins', 'presence', 'read', 'typing'] as const) room.on(event, () => {});
  await Promise.all(rooms.map((room) => room.join()));
  const late = rooms.map((room) => ({ name: 'a newcomer', userId: 'late', room }));
  const wrongWithThem = await lookUntil(
    async () => {
      for (const room of rooms) while (room.hasOlder) await room.loadOlder(500);
      return disagreements([...users, ...late], cache, acts);
    },
    nothing,
    { patienceMs: 30_000, everyMs: 100 },
  );
  return [...broken(), ...wrongWithThem];
}

async function disagreements(
  users: readonly Pick<FeatureUser, 'name' | 'room' | 'userId'>[],
  cache: FeatureRunOptions['cache'],
  acts: readonly Act[],
): Promise<string[]> {
  const [first] = users;
  if (first === undefined) return [];
  const away = users.filter(({ room }) => room.status !== 'joined').map(({ name }) => `${name} is away`);
  const expected = viewOf(first);
  const wrong = [...away, ...users.flatMap(troublesOf), ...brokenPromises(acts, first)];
  for (const user of users.slice(1)) {
    for (const [what, value] of Object.entries(viewOf(user))) {
      const [theirs, ours] = [value, expected[what]].map((part) => difference(part));
      if (JSON.stringify(theirs) === JSON.stringify(ours)) continue;
      const only = theirs?.filter((part) => !ours?.includes(part));
      const lacks = ours?.filter((part) => !theirs?.includes(part));
      wrong.push(`${what}: ${user.name} shows ${only}, ${first.name} shows ${lacks}`);
    }
    if (user.userId === first.userId && user.room.read.unread.count !== first.room.read.unread.count)
      wrong.push(`unread: ${user.room.read.unread.count}, ${first.room.read.unread.count}`);
  }
  const stored = await readStored(cache, first.room.room, [...new Set(acts.map(({ id }) => id))]);
  return [...wrong, ...differencesOf(stored, first, acts)];
}

function difference(part: unknown): string[] {
  return Array.isArray(part) ? part.map((one) => JSON.stringify(one)) : [JSON.stringify(part)];
}
