import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import type { ChatThread } from '../../src/room/chat-thread.js';
import { inProcessWorld } from '../support/in-process-rooms.js';
import { anyNetworkStep, anySlowStep, type NetworkStep, play } from '../support/in-process-steps.js';
import { propertyRuns, timeoutOf } from '../support/property-runs.js';

const RUNS = propertyRuns(15, 2000);
/** Two devices of Ada, one of Bob. Eve is in the room and never opens the thread. */
const USERS = ['ada', 'ada', 'bob', 'eve'];

type Step =
  | NetworkStep
  | { do: 'open' | 'close' | 'reply' | 'also' | 'leave' | 'join'; who: number }
  | { do: 'delete'; who: number; which: number };

const who = fc.nat(USERS.length - 2);
const act = fc.constantFrom(
  'reply' as const,
  'reply' as const,
  'reply' as const,
  'also' as const,
  'open' as const,
  'open' as const,
  'close' as const,
  'leave' as const,
  'join' as const,
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 9, arbitrary: fc.record({ do: act, who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), who, which: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('leave' as const, 'join' as const), who: fc.constant(3) }),
  },
  {
    weight: 2,
    arbitrary: anySlowStep(USERS.length, ['Publish', 'DictionarySet', 'ListPushFront', 'DictionaryGet']),
  },
  { weight: 8, arbitrary: anyNetworkStep(USERS.length) },
);

const there = ({ messages }: Pick<ChatThread, 'messages'>) =>
  messages.filter(({ status, deletedAt }) => status === 'sent' && deletedAt === undefined);
/** How many replies the room shows, and when the last was sent. */
const summaryOf = (room: ChatRoom, root: string) => {
  const { replyCount = 0, lastReplyAt } = room.messages.find(({ id }) => id === root)?.thread ?? {};
  return { replyCount, lastReplyAt: replyCount === 0 ? undefined : lastReplyAt?.getTime() };
};

/** Three clients reply in the thread of one message, delete, open and close it, under whatever weather; one looks on. */
async function live(steps: readonly Step[], seed: number): Promise<void> {
  const world = inProcessWorld({ seed });
  const open = (id: string, index: number) =>
    world.room({ room: 'lobby', user: { id, name: id }, skewMs: index * 90_000 });
  const rooms = USERS.map(open);
  const [first] = rooms as [ChatRoom];
  await world.join(...rooms);
  const root = (await world.result(first.send('root'))).id;
  await world.run(5000);
  /** Ids of replies that were sent, of replies whose deletion resolved, and of those whose deletion was tried. */
  const [replied, deleted, tried] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const seen = rooms.map(() => [] as string[]);
  const threads = rooms.slice(0, -1).map((room, index) => {
    const thread = room.thread(root);
    thread.on('message', ({ id }) => seen[index]?.push(id));
    return thread;
  });
  for (const next of steps) {
    const thread = 'who' in next ? threads[next.who] : undefined;
    const room = 'who' in next ? rooms[next.who] : undefined;
    const quiet = (promise: Promise<unknown> | undefined) => void promise?.catch(() => {});
    if (next.do === 'reply' || next.do === 'also')
      quiet(thread?.send('reply', { alsoInRoom: next.do === 'also' }).then(({ id }) => replied.add(id)));
    else if (next.do === 'delete') {
      const id = thread === undefined ? undefined : there(thread).at(-1 - next.which)?.id;
      if (id === undefined) continue;
      tried.add(id);
      quiet(thread?.delete(id).then(() => deleted.add(id)));
    } else if (next.do === 'open') quiet(thread?.open());
    else if (next.do === 'close') {
      thread?.close();
      // Replies that are shown anew are seen anew.
      seen[next.who]?.splice(0);
    } else if (next.do === 'leave') quiet(room?.leave());
    else if (next.do === 'join') quiet(room?.join());
    else await play(world, next as NetworkStep);
  }
  world.clearUp();
  await world.run(400_000);
  await world.join(...rooms);
  // Quiet, and a reading: whoever opened the thread or not, all show the same.
  const cut = async () => {
    for (const { link } of world.clients) link.cut('told');
    await world.run(60_000);
  };
  await cut();
  const newcomer = open('newcomer', 0);
  await world.join(newcomer);
  const told = [...rooms, newcomer].map((room) => summaryOf(room, root));
  expect(told, 'all agree').toEqual(told.map(() => told[0]));
  for (const thread of threads) await world.result(thread.open());
  // A stream that skipped its last item shows it by the next one.
  await world.result(first.signal('end', {}));
  await world.run(60_000);
  const fresh = open('fresh', 0);
  await world.join(fresh);
  const late = fresh.thread(root);
  await world.result(late.open());
  await world.run(60_000);
  const expected = there(late).map(({ id }) => id);
  expect(expected, 'G1: each once and in order').toEqual([...new Set(expected)].sort());
  expect(
    [...replied].filter((id) => !tried.has(id) && !expected.includes(id)),
    'G2: lost',
  ).toEqual([]);
  expect(
    [...deleted].filter((id) => expected.includes(id)),
    'deleted, and back',
  ).toEqual([]);
  const stored = world.list(`lobby:thread:${root}`).map((entry) => String(JSON.parse(entry).id));
  expect([...new Set(stored)].sort(), 'what is stored').toEqual(expected);
  for (const [index, thread] of threads.entries()) {
    // A reply that was given up may be stored: who sent it is told that it failed, and can retry it.
    const failed = thread.messages.filter(({ id, status }) => status === 'failed' && expected.includes(id));
    // A reply that its sender gave up, and that was never stored, is shown where it was heard. It does not count.
    const kept = there(thread).filter(({ id }) => expected.includes(id) || replied.has(id));
    expect([...kept, ...failed].map(({ id }) => id).sort()).toEqual(expected);
    expect(there(thread)).toEqual([...there(thread)].sort((a, b) => (a.id < b.id ? -1 : 1)));
    expect(new Set(seen[index]).size, 'G1: no message event twice for one id').toBe(seen[index]?.length);
  }
  await cut();
  const all = [...rooms, newcomer, fresh].map((room) => summaryOf(room, root));
  expect(all, 'all agree with what is stored').toEqual(
    all.map(() => ({ replyCount: expected.length, lastReplyAt: all[0]?.lastReplyAt })),
  );
  for (const thread of [...threads, late]) thread.close();
  await world.end();
}

it(
  'G1, G2: a thread brings each reply once and in order to all who have it open, and its counts are what is stored',
  timeoutOf(RUNS),
  async () => {
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 30, size: 'max' }), fc.nat(), live), RUNS);
  },
);

const FAIR_BUT_LOSSY: Step = {
  do: 'weather',
  who: 1,
  weather: {
    latencyMs: 1,
    loseRequest: 0.1,
    loseResponse: 0,
    slow: { chance: 0, ms: 500 },
    refuse: 0,
    deliveryMs: 0,
    skip: 0,
  },
};

it.each<[string, number, Step[]]>([
  [
    'whoever heard a reply whose thread was closed at once, and whoever comes later',
    0,
    [
      { do: 'reply', who: 2 },
      { do: 'wait', ms: 5 },
      { do: 'close', who: 2 },
    ],
  ],
  [
    'everybody when a clock is an hour ahead',
    0,
    [
      { do: 'jump', who: 1, ms: 3_600_000 },
      { do: 'reply', who: 1 },
    ],
  ],
  [
    'everybody when the server sets right the clock of who replies',
    0,
    [{ do: 'jump', who: 0, ms: 600_000 }, { do: 'reply', who: 0 }, { do: 'revoke' }],
  ],
  [
    'everybody when a reply that failed is stored all the same',
    1_455_553_338,
    [
      { do: 'reply', who: 2 },
      { do: 'jump', who: 0, ms: 600_000 },
      { do: 'leave', who: 2 },
    ],
  ],
  [
    'whoever has it open when a reply came live and was never stored',
    30_110_809,
    [
      { do: 'reply', who: 1 },
      FAIR_BUT_LOSSY,
      { do: 'close', who: 1 },
      { do: 'leave', who: 3 },
      { do: 'open', who: 1 },
      { do: 'slow', who: 0, rpc: 'DictionarySet', ms: 1500 },
      { do: 'open', who: 0 },
      { do: 'delete', who: 1, which: 0 },
      { do: 'reply', who: 2 },
      { do: 'wait', ms: 5 },
    ],
  ],
])('a thread is the same to %s', (_, seed, steps) => live(steps, seed));
