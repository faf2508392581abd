import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { encodeMessage } from '../../src/messages/codec.js';
import { MessageIds } from '../../src/messages/message-id.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import { anyNetworkStep, anyRestart, type NetworkStep, play } from '../support/in-process-steps.js';
import { propertyRuns, timeoutOf } from '../support/property-runs.js';

const RUNS = propertyRuns(150, 1000);

type Step =
  | NetworkStep
  | { do: 'send'; who: number }
  | { do: 'burst'; who: number; count: number }
  | { do: 'leave'; who: number }
  | { do: 'join'; who: number };

const SKEWS_MS = [0, 90_000, -3_600_000];
const CLIENTS = SKEWS_MS.length;
const who = fc.nat(CLIENTS - 1);
const anyStep = (skips: boolean): fc.Arbitrary<Step> =>
  fc.oneof(
    { weight: 7, arbitrary: fc.record({ do: fc.constant('send' as const), who }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('burst' as const),
        who,
        count: fc.integer({ min: 2, max: 30 }),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), who }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('join' as const), who }) },
    { weight: 1, arbitrary: anyRestart(CLIENTS) },
    { weight: 14, arbitrary: anyNetworkStep(CLIENTS, { skips }) },
  );

/** One user: a room, and what it told. */
class Member {
  readonly room: ChatRoom;
  readonly seen: string[] = [];
  readonly gaps: boolean[] = [];

  constructor(world: InProcessWorld, number: number, via: Life['via'], maxStored: number) {
    this.room = world.member(`user ${number}`, {
      // One of them may take the other way: each tells of the same things in its own manner.
      via: number === 0 ? via : 'sdk',
      skewMs: SKEWS_MS[number],
      history: { pageSize: 10, maxStored, maxInMemory: 10_000 },
    });
    this.room.on('message', ({ id }) => this.seen.push(id));
    this.room.on('gap', ({ complete }) => this.gaps.push(complete));
  }

  get ids(): string[] {
    return this.room.messages.filter(({ status }) => status === 'sent').map(({ id }) => id);
  }
}

interface Life {
  steps: Step[];
  seed: number;
  via: 'fetch' | 'sdk';
  /** Whether streams leave items out. */
  skips: boolean;
}

const life = (skips: boolean): fc.Arbitrary<Life> =>
  fc.record({
    steps: fc.array(anyStep(skips), { maxLength: 60 }),
    seed: fc.nat(),
    via: fc.constantFrom('sdk', 'fetch'),
    skips: fc.constant(skips),
  });
const anyLife = fc.oneof({ weight: 2, arbitrary: life(false) }, { weight: 1, arbitrary: life(true) });

/** Lives through the steps, and then through fair weather until all can have come. */
async function live({ steps, seed, via, skips }: Life, maxStored: number) {
  const world = inProcessWorld({ seed });
  const members = SKEWS_MS.map((_, number) => new Member(world, number, via, maxStored));
  /** Ids of the messages whose `send()` resolved. */
  const resolved = new Set<string>();
  const send = (room: ChatRoom | undefined, count: number) => {
    for (let sent = 0; sent < count; sent += 1)
      void room?.send('text').then(
        ({ id }) => resolved.add(id),
        () => {},
      );
  };
  for (const { room } of members) void room.join().catch(() => {});
  await world.run(1000);
  for (const next of steps) {
    const room = 'who' in next ? members[next.who]?.room : undefined;
    if (next.do === 'send') send(room, 1);
    else if (next.do === 'burst') send(room, next.count);
    else if (next.do === 'leave') void room?.leave();
    else if (next.do === 'join') void room?.join().catch(() => {});
    else await play(world, next);
  }
  world.clearUp();
  await world.run(400_000);
  await world.join(...members.map(({ room }) => room));
  // A stream that skipped its last item shows it by the next one. Whatever else went wrong shows without.
  if (skips) for (const { room } of members) resolved.add((await world.result(room.send('the end'))).id);
  await world.run(60_000);
  return { world, members, resolved };
}

describe('with any interleaving of sends, losses, tokens, joins and leaves', () => {
  it(
    'G1, G2: every resolved send shows once, in the same order, in every joined room',
    timeoutOf(RUNS),
    async () => {
      await fc.assert(
        fc.asyncProperty(anyLife, async (life) => {
          const { world, members, resolved } = await live(life, 10_000);
          for (const member of members) {
            expect(member.room.status).toBe('joined');
            await world.loadAll(member.room);
            const own = member.ids;
            expect(own).toEqual([...new Set(own)].sort());
            expect(
              [...resolved].filter((id) => !own.includes(id)),
              'lost',
            ).toEqual([]);
            expect(new Set(member.seen).size, 'G1: no message event twice for one id').toBe(
              member.seen.length,
            );
            expect(
              member.gaps.every((complete) => complete),
              'G2: nothing is truncated, so no gap is open',
            ).toBe(true);
          }
          await world.end();
        }),
        RUNS,
      );
    },
  );

  it(
    'G2: when storage is truncated, a room has everything or says that it may not',
    timeoutOf(RUNS),
    async () => {
      await fc.assert(
        fc.asyncProperty(anyLife, async (life) => {
          const { world, members, resolved } = await live(life, 12);
          for (const { ids, gaps } of members) {
            const own = new Set(ids);
            const missing = [...resolved].filter((id) => id > (ids[0] ?? '') && !own.has(id));
            if (missing.length > 0) expect(gaps, 'a gap that is not complete').toContain(false);
          }
          await world.end();
        }),
        RUNS,
      );
    },
  );
});

it('G2: an entry that was pushed again ends a truncated list, and is not where the list was last read', async () => {
  const world = inProcessWorld();
  const room = world.member('Ada', { history: { maxStored: 12 } });
  const gaps: boolean[] = [];
  room.on('gap', ({ complete }) => gaps.push(complete));
  await world.joined(room);
  await world.say(room, 'known');
  await world.settled(world.result(room.leave()));
  await world.joined(room);
  const ids = new MessageIds(world.time);
  const missed = Array.from({ length: 11 }, (_, index) =>
    encodeMessage({ id: ids.next(), text: `${index}`, user: { name: 'Bob' }, sentAt: new Date(0) }),
  );
  world.clientOf(room).link.cut('silent');
  world.setList('lobby', [...missed.reverse(), ...world.list('lobby')]);
  world.hint('online');
  await world.run(60_000);
  expect(room.messages).toHaveLength(12);
  expect(gaps).toEqual([false]);
  await world.end();
});
