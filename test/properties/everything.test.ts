import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import type { ChatThread } from '../../src/room/chat-thread.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import { anyNetworkStep, anySlowStep, type NetworkStep, play } from '../support/in-process-steps.js';
import { propertyRuns, timeoutOf } from '../support/property-runs.js';

const RUNS = propertyRuns(12, 2000);
/** Two devices of Ada, one of Bob and one of Eve, whose connection does not take up streams where they broke. */
const USERS = ['ada', 'ada', 'bob', 'eve'];
const EMOJI = ['👍', '❤️'] as const;

/** What a user does, and how often next to the rest. */
const ACTS = {
  send: 5,
  answer: 3,
  edit: 4,
  delete: 2,
  react: 4,
  unreact: 2,
  pin: 2,
  unpin: 1,
  reply: 5,
  'reply in the room as well': 2,
  'edit reply': 2,
  'delete reply': 2,
  'open thread': 2,
  'close thread': 1,
  mark: 2,
  markUnread: 1,
  older: 1,
  retry: 2,
  leave: 2,
  join: 2,
};
type Act = { do: keyof typeof ACTS; who: number; which: number };
type Step = NetworkStep | Act;

const act = fc.oneof(
  ...Object.entries(ACTS).map(([name, weight]) => ({
    weight,
    arbitrary: fc.constant(name as keyof typeof ACTS),
  })),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: fc.record({ do: act, who: fc.nat(USERS.length - 1), which: fc.nat(3) }) },
  {
    weight: 3,
    arbitrary: anySlowStep(USERS.length, [
      'Publish',
      'DictionarySet',
      'DictionaryGet',
      'DictionaryFetch',
      'SortedSetPut',
      'ListPushFront',
      'ListFetch',
    ]),
  },
  { weight: 10, arbitrary: anyNetworkStep(USERS.length) },
);

const there = ({ messages }: Pick<ChatRoom, 'messages'>) =>
  messages.filter(({ status, deletedAt }) => status === 'sent' && deletedAt === undefined);

/** Each room has the threads of the first two messages at hand. `text`: of what is written. */
function perform({ do: what, which }: Act, room: ChatRoom, threads: readonly ChatThread[], text: string) {
  const thread = threads[which % 2] as ChatThread;
  const id = there(room).at(-1 - which)?.id ?? '';
  const reply = there(thread).at(-1 - (which >> 1))?.id ?? '';
  const hasThread = threads.some(({ rootId }) => rootId === id);
  const emoji = EMOJI[which % 2] as string;
  if (what === 'send') return room.send(text);
  if (what === 'answer') return room.send(text, id === '' ? {} : { replyTo: id });
  if (what === 'reply') return thread.send(text);
  if (what === 'reply in the room as well') return thread.send(text, { alsoInRoom: true });
  if (what === 'edit reply') return thread.edit(reply, text);
  if (what === 'delete reply') return thread.delete(reply);
  if (what === 'open thread') return thread.open();
  if (what === 'close thread') return thread.close();
  if (what === 'edit') return room.edit(id, text);
  if (what === 'delete') return hasThread ? undefined : room.delete(id);
  if (what === 'react' || what === 'unreact') return room[what](id, emoji);
  if (what === 'mark' || what === 'markUnread') return room.read[what](id);
  if (what === 'older') return room.loadOlder();
  if (what === 'retry') return retryAny(room) ?? retryAny(thread);
  return room[what](id);
}

function retryAny(of: ChatRoom | ChatThread) {
  const failed = of.messages.find(({ status }) => status === 'failed');
  return failed && of.retry(failed.id);
}

/** What a room shows of these messages. A quote or a pin of another one is shown only where that is in memory. */
function shown(room: ChatRoom, ids: ReadonlySet<string>) {
  const messages = there(room)
    .filter(({ id }) => ids.has(id))
    .map(({ id, text, editedAt, reactions, replyTo, thread }) => ({
      id,
      text,
      editedAt: editedAt?.getTime(),
      reactions: reactions.map(({ emoji, count, users }) => `${emoji} ${count} ${[...users].sort()}`).sort(),
      quote: replyTo !== undefined && ids.has(replyTo.id) ? [replyTo.text, replyTo.state] : [],
      replies: thread?.replyCount ?? 0,
    }));
  return { messages, pins: room.pinned.map(({ id }) => id).filter((id) => ids.has(id)) };
}

/** Ids of what is stored in a list, but for what its sender gave up and may still retry. */
function stored(world: InProcessWorld, list: string, senders: readonly (ChatRoom | ChatThread)[]) {
  const failed = senders.flatMap(({ messages }) =>
    messages.filter(({ status }) => status === 'failed').map(({ id }) => id),
  );
  const entries = world.list(list).map((entry) => String(JSON.parse(entry).id));
  return new Set(entries.filter((id) => !failed.includes(id)));
}

/** `readings`: how often all read all state again in the end. */
async function live(steps: readonly Step[], seed: number, readings = 1): Promise<void> {
  const world = inProcessWorld({ seed });
  const open = (id: string, index: number) => {
    const room = world.room({
      room: 'lobby',
      user: { id, name: id },
      skewMs: index * 90_000,
      resumes: index !== 3,
    });
    room.on('pins', () => {});
    room.on('read', () => {});
    return room;
  };
  const rooms = USERS.map(open);
  const [first, second] = rooms as [ChatRoom, ChatRoom];
  await world.join(...rooms);
  const roots = [await world.result(first.send('root')), await world.result(second.send('another'))];
  await world.run(5000);
  const threads = rooms.map((room) => roots.map(({ id }) => room.thread(id)));
  for (const [index, next] of steps.entries())
    if ('which' in next) {
      const result = perform(next, rooms[next.who] as ChatRoom, threads[next.who] ?? [], `text ${index}`);
      void result?.catch(() => {});
    } else await play(world, next);
  world.clearUp();
  await world.run(400_000);
  await world.join(...rooms);
  // A stream that skipped its last item shows it by the next one.
  await world.result(Promise.all([first.send('end'), first.signal('end', {})]));
  await world.run(60_000);
  // Who reads all state again writes anew what is stale, and tells the others.
  for (let done = 0; done < readings; done += 1) {
    for (const { link } of world.clients) link.cut('told');
    await world.run(60_000);
  }
  const late = open('late', 0);
  await world.join(late);
  await world.run(60_000);
  for (const room of [...rooms, late]) await world.loadAll(room);
  await world.run(10_000);
  const ids = stored(world, 'lobby', rooms);
  for (const [index, room] of rooms.entries())
    expect(shown(room, ids), `device ${index}`).toEqual(shown(late, ids));
  for (const [index, { id }] of roots.entries()) {
    const all = [...threads.map((of) => of[index] as ChatThread), late.thread(id)];
    await world.result(Promise.all(all.map((thread) => thread.open())));
    await world.run(60_000);
    const replies = stored(world, `lobby:thread:${id}`, all);
    const told = all.map((thread) =>
      there(thread)
        .filter((reply) => replies.has(reply.id))
        .map((reply) => [reply.id, reply.text, reply.editedAt?.getTime()]),
    );
    expect(told, `thread ${index}`).toEqual(told.map(() => told.at(-1)));
    const counts = [...rooms, late].map(
      ({ messages }) => messages.find((root) => root.id === id)?.thread?.replyCount ?? 0,
    );
    const count = there(all.at(-1) as ChatThread).length;
    expect(counts, `replies of thread ${index}`).toEqual(counts.map(() => count));
    for (const thread of all) thread.close();
  }
  await world.end();
}

it(
  'messages, edits, reactions, pins, quotes and threads are the same on all clients in the end, all features in use at once',
  timeoutOf(RUNS),
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: 'max' }), fc.nat(), (steps, seed) =>
        live(steps, seed),
      ),
      RUNS,
    );
  },
);

it('a message that its sender left unstored and that somebody pinned changes nothing else', () =>
  live(
    [
      { do: 'slow', who: 0, rpc: 'ListPushFront', ms: 4000 },
      { do: 'answer', who: 0, which: 0 },
      { do: 'wait', ms: 1000 },
      { do: 'revoke' },
      { do: 'leave', who: 0, which: 0 },
      { do: 'pin', who: 1, which: 0 },
    ],
    0,
  ));

it.each<[string, Step[], seed: number]>([
  [
    'where a mark was written over by a client whose clock is behind, and which had not heard of it',
    [
      { do: 'react', who: 2, which: 0 },
      { do: 'open thread', who: 2, which: 2 },
      { do: 'reply', who: 1, which: 2 },
      { do: 'wait', ms: 20_000 },
      { do: 'pin', who: 3, which: 0 },
      { do: 'offline', who: 0, ms: 60_000 },
      { do: 'edit', who: 0, which: 0 },
      { do: 'wait', ms: 3000 },
      { do: 'reply in the room as well', who: 2, which: 0 },
      { do: 'reply', who: 3, which: 3 },
      { do: 'send', who: 2, which: 1 },
      { do: 'reply', who: 0, which: 3 },
    ],
    2_067_184_712,
  ],
  [
    'where a reply was deleted by somebody who left at once',
    [
      { do: 'reply', who: 2, which: 1 },
      { do: 'cut', who: 1, how: 'silent' },
      { do: 'delete reply', who: 1, which: 1 },
      { do: 'wait', ms: 20_000 },
      { do: 'revoke' },
      { do: 'delete reply', who: 1, which: 1 },
      { do: 'wait', ms: 100 },
      { do: 'leave', who: 1, which: 0 },
    ],
    1_930_765_943,
  ],
  [
    'where two replied at once, and a third one joined meanwhile',
    [
      { do: 'slow', who: 0, rpc: 'ListPushFront', ms: 1500 },
      { do: 'sleep', who: 0, ms: 300_000 },
      { do: 'sleep', who: 1, ms: 30_000 },
      { do: 'reply', who: 0, which: 3 },
      { do: 'reply', who: 2, which: 1 },
      {
        do: 'weather',
        who: 3,
        weather: {
          latencyMs: 300,
          loseRequest: 0.3,
          loseResponse: 0,
          slow: { chance: 0, ms: 4000 },
          refuse: 0,
          deliveryMs: 1000,
          skip: 0,
        },
      },
      { do: 'leave', who: 1, which: 0 },
      { do: 'join', who: 1, which: 3 },
    ],
    24,
  ],
])('the count of replies becomes the same without a reading %s', (_, steps, seed) => live(steps, seed, 0));
