import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { inProcessWorld } from '../support/in-process-rooms.js';
import { anyNetworkStep, type NetworkStep, play } from '../support/in-process-steps.js';
import { propertyRuns, timeoutOf } from '../support/property-runs.js';

const RUNS = propertyRuns(15, 2000);
const PAGES = 3;
const ROOMS = ['one', 'two', 'three'];

type Step =
  | NetworkStep
  | { do: 'create'; who: number; room: number; titled: boolean }
  | { do: 'send'; who: number; room: number }
  | { do: 'reopen'; who: number };

const who = fc.nat(PAGES - 1);
const room = fc.nat(ROOMS.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('send' as const), who, room }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('create' as const), who, room, titled: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('reopen' as const), who }) },
  { weight: 8, arbitrary: anyNetworkStep(PAGES) },
);

/** Three pages create rooms, chat in them and open their directories, under whatever weather. */
async function live(steps: readonly Step[], seed: number): Promise<void> {
  const world = inProcessWorld({ seed });
  const pages = ['ada', 'bob', 'cy'].map((id, index) => {
    const client = world.client({ userId: id, skewMs: index * 60_000 });
    const session = client.session(undefined, { directory: 'rooms' });
    const open: ChatRoom[] = ROOMS.map((name) =>
      client.room({ room: name, user: { id, name: id }, session }),
    );
    return { session, rooms: open };
  });
  const listed = new Set<string>();
  let titles = 0;
  await world.join(...pages.flatMap(({ rooms }) => rooms));
  await world.result(Promise.all(pages.map(({ session }) => session.rooms.open())));
  for (const { session } of pages)
    session.on('rooms', (list) => expect(new Set(list.map(({ name }) => name)).size).toBe(list.length));
  for (const next of steps) {
    const page = 'who' in next ? pages[next.who] : undefined;
    if (next.do === 'send' || next.do === 'create') {
      const name = ROOMS[next.room] ?? '';
      titles += 1;
      const done =
        next.do === 'send'
          ? page?.rooms[next.room]?.send('text')
          : page?.session.rooms.create(name, next.titled ? { title: `title ${titles}` } : {});
      done?.then(() => listed.add(name)).catch(() => {});
    } else if (next.do === 'reopen') {
      void page?.session.rooms.close();
      void page?.session.rooms.open().catch(() => {});
    } else await play(world, next);
  }
  world.clearUp();
  await world.run(400_000);
  await world.result(Promise.all(pages.map(({ session }) => session.rooms.open())));
  // As after every doubt: one more reading finds what is left to be repaired, and the next one that it was.
  for (let round = 0; round < 2; round += 1) {
    for (const { hints } of world.clients) hints.give('visible');
    await world.run(30_000);
  }
  const fresh = world.client({ userId: 'fresh' }).session();
  await world.result(fresh.rooms.open());
  const shown = [...pages.map(({ session }) => session), fresh].map(({ rooms }) =>
    rooms.list.map(({ name, title, lastActivityAt }) => [name, title, lastActivityAt.getTime()]),
  );
  for (const list of shown) expect(list, 'all pages and storage agree').toEqual(shown[0]);
  expect(new Set(shown[0]?.map(([name]) => name)), 'none is missing').toEqual(
    new Set([...listed, ...(shown[0]?.map(([name]) => name) ?? [])]),
  );
  const times = (shown[0] ?? []).map(([, , at]) => Number(at));
  expect(times).toEqual([...times].sort((a, b) => b - a));
  for (const { session } of pages) await session.rooms.close();
  await fresh.rooms.close();
  await world.end();
}

it(
  'directories converge, each room once and none missing, whatever is created, said, lost and late',
  timeoutOf(RUNS),
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12, size: 'max' }), fc.nat(), live),
      RUNS,
    );
  },
);

it.each<[string, Step[]]>([
  [
    'closed and opened again while it is being opened',
    [
      { do: 'reopen', who: 1 },
      { do: 'reopen', who: 1 },
      { do: 'send', who: 0, room: 0 },
    ],
  ],
  [
    'two titles at once after a message',
    [
      { do: 'send', who: 2, room: 0 },
      { do: 'create', who: 2, room: 0, titled: true },
      { do: 'create', who: 2, room: 0, titled: true },
      { do: 'wait', ms: 5 },
    ],
  ],
])('directories converge: %s', (_, steps) => live(steps, 0));

it('directories converge: one that Momento refused for good is opened anew', () =>
  live(
    [
      { do: 'revoke' },
      { do: 'wait', ms: 5 },
      { do: 'create', who: 0, room: 0, titled: false },
      { do: 'revoke' },
    ],
    841071944,
  ));
