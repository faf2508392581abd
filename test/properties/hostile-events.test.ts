import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MessageIds } from '../../src/messages/message-id.js';
import { publish } from '../../src/transport/operations/topics.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import { propertyRuns, timeoutOf } from '../support/property-runs.js';

const RUNS = propertyRuns(12, 3000);
const ROOM = 'lobby';
const ROOT = '{root}';
const OTHER = '{other}';
const FUTURE = 'ffffffff-ffff-7000-8000-000000000000';
const EVE = { id: 'eve', name: 'eve' };

/** The data of a good event of each kind; `{root}` stands for a message, `{other}` for an id that is none. */
const GOOD: Record<string, Record<string, unknown>> = {
  edit: { of: ROOT, text: 'b', meta: {}, mentions: ['ada'] },
  delete: { of: OTHER },
  swept: { ids: [ROOT] },
  reaction: { id: ROOT, emoji: '👍', on: true, rank: 0 },
  typing: { on: true, thread: ROOT },
  presence: { do: 'enter', c: OTHER, s: 0, d: {}, e: 1e12, now: true },
  read: { id: ROOT, at: 0, version: '', read: ROOT, scope: ROOT },
  pin: { of: ROOT, off: true },
  signal: { type: 'x', data: {} },
  thread: {
    root: ROOT,
    deleted: OTHER,
    message: { v: 1, id: OTHER, username: 'eve', message: 'x', replyTo: ROOT, mentions: [], files: [] },
    mark: { v: 1, count: 1, lastAt: 0, who: [EVE], newest: [], from: '', gone: [], version: OTHER },
  },
  message: {
    v: 1,
    id: OTHER,
    username: 'eve',
    message: 'x',
    userId: 'eve',
    sentAt: '',
    replyTo: ROOT,
    files: [],
  },
};

const strange = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom<unknown>(ROOT, OTHER, FUTURE) },
  {
    weight: 3,
    // Of the objects no text can be made, nor a number.
    arbitrary: fc.constantFrom<unknown>(null, '', '__proto__', -1, 1e308, '\ud800', '\u202e', {
      toString: 1,
      valueOf: 1,
      length: 1e9,
    }),
  },
  fc.jsonValue(),
);
const value = fc.oneof(strange, fc.array(strange, { maxLength: 4 }));

/** Somewhere in a good event, at whatever depth, one thing or several are strange. */
const event = fc.constantFrom(...Object.keys(GOOD)).chain((type) =>
  fc.record({
    type: fc.constant(type),
    changes: fc.array(fc.tuple(fc.constantFrom(...pathsIn(GOOD[type] ?? {})), value), {
      minLength: 1,
      maxLength: 3,
    }),
    user: fc.constantFrom<object>(EVE, { name: 'eve' }, { id: 'bob', name: 'bob' }),
  }),
);

function pathsIn(data: Record<string, unknown>, above: string[] = []): string[][] {
  return Object.entries(data).flatMap(([key, inner]) => {
    const path = [...above, key];
    const deeper = typeof inner === 'object' && inner !== null && !Array.isArray(inner);
    return deeper ? [path, ...pathsIn(inner as Record<string, unknown>, path)] : [path];
  });
}

function changed(type: string, changes: readonly (readonly [string[], unknown])[]): unknown {
  const data = structuredClone(GOOD[type] ?? {});
  for (const [path, inner] of changes) {
    let at: Record<string, unknown> | undefined = data;
    for (const key of path.slice(0, -1)) at = at?.[key] as Record<string, unknown> | undefined;
    // Another change may have taken the place of what it stands in. What is taken is a copy: another change may be within it.
    if (typeof at === 'object' && at !== null) at[path.at(-1) ?? ''] = structuredClone(inner);
  }
  return data;
}

/** Two people who have used every feature, so that all of it listens; gives the message that they did it to. */
async function busyRoom(world: InProcessWorld) {
  const [ada, bob] = ['ada', 'bob'].map((name) => {
    const room = world.room({ room: ROOM, user: { id: name, name } });
    for (const heard of ['pins', 'presence', 'read', 'signal', 'typing'] as const) room.on(heard, () => {});
    return room;
  }) as [ReturnType<InProcessWorld['room']>, ReturnType<InProcessWorld['room']>];
  await world.join(ada, bob);
  const { id } = await world.result(ada.send('root'));
  await world.run(500);
  await world.result(bob.thread(id).send('reply'));
  await world.result(ada.thread(id).open());
  await world.result(
    Promise.all([ada.edit(id, 'edited'), ada.react(id, '🎉'), ada.pin(id), ada.read.mark(id)]),
  );
  await world.result(Promise.all([ada.presence.enter({ a: 1 }), bob.presence.enter()]));
  await world.run(1000);
  return { ada, bob, root: id };
}

it(
  'G6: whatever a member sends in the place of an event, no stream breaks and the room goes on',
  timeoutOf(RUNS),
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 20, maxLength: 80 }), async (events) => {
        const world = inProcessWorld();
        const { ada, bob, root } = await busyRoom(world);
        const ids = new MessageIds(world.time);
        const subscriptions = world.calls.Subscribe;
        for (const { type, changes, user } of events) {
          const said = { v: 1, id: ids.next(), type, user, data: changed(type, changes) };
          const text = JSON.stringify(type === 'message' ? said.data : said)
            .replaceAll(ROOT, root)
            .replaceAll(OTHER, () => ids.next());
          const topic = type === 'message' ? `${ROOM}-chat` : `${ROOM}:events`;
          await world.result(world.transport().call(publish, { cache: 'chat', topic, value: text }));
          await world.run(50);
        }
        await world.run(30_000);
        expect(world.calls.Subscribe, 'streams that were opened').toBe(subscriptions);
        const { id } = await world.result(bob.send('on we go'));
        await world.run(2000);
        expect(ada.messages.map((message) => message.id)).toContain(id);
        expect(Object.keys(Object.prototype)).toEqual([]);
        await world.end();
      }),
      RUNS,
    );
  },
);
