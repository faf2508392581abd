import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { inProcessWorld } from '../support/in-process-rooms.js';
import { anyNetworkStep, anySlowStep, type NetworkStep, play } from '../support/in-process-steps.js';
import { propertyRuns, timeoutOf } from '../support/property-runs.js';

const RUNS = propertyRuns(15, 1500);
const CLIENTS = ['ada', 'ada', 'bob', 'carl'];

const DEEDS = ['enter', 'update', 'exit', 'leave', 'join', 'kill', 'hide', 'show', 'reload'] as const;
type Step = NetworkStep | { do: (typeof DEEDS)[number]; who: number; n: number };

const who = fc.nat(CLIENTS.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom(...DEEDS, 'enter' as const, 'enter' as const, 'kill' as const),
      who,
      n: fc.nat(99),
    }),
  },
  {
    weight: 3,
    arbitrary: anySlowStep(CLIENTS.length, ['Publish', 'SortedSetPut', 'SortedSetRemove', 'SortedSetFetch']),
  },
  { weight: 8, arbitrary: anyNetworkStep(CLIENTS.length) },
);

it(
  'presence converges within its lease, whatever is lost, killed, reloaded, hidden or set to another time',
  timeoutOf(RUNS),
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 30, size: 'max' }),
        fc.nat(),
        fc.constantFrom(0, 40_000, -200_000),
        async (steps, seed, skewMs) => {
          const world = inProcessWorld({ seed });
          const rooms = CLIENTS.map((name, index) =>
            world.room({ room: 'lobby', user: { id: name, name }, skewMs: index % 2 === 0 ? 0 : skewMs }),
          );
          const killed = new Set<ChatRoom>();
          /** Enters and leaves take turns, for each member. */
          for (const room of rooms) {
            const there = new Set<string>();
            room.on('status', (status) => {
              if (status === 'left' || status === 'failed') there.clear();
            });
            room.on('presence', ({ type, member }) => {
              expect(there.has(member.userId), type).toBe(type !== 'enter');
              if (type === 'enter') there.add(member.userId);
              else if (type !== 'update') there.delete(member.userId);
            });
          }
          await world.join(...rooms);
          for (const next of steps) {
            const room = 'n' in next ? rooms[next.who] : undefined;
            if (!('n' in next)) await play(world, next);
            else if (room !== undefined && !killed.has(room)) {
              const { page, link } = world.clientOf(room);
              const quiet = (promise: Promise<unknown>) => void promise.catch(() => {});
              if (next.do === 'enter') quiet(room.presence.enter({ n: next.n }));
              else if (next.do === 'update') quiet(room.presence.update({ n: next.n }));
              else if (next.do === 'exit') quiet(room.presence.leave());
              else if (next.do === 'leave') quiet(room.leave());
              else if (next.do === 'join') quiet(room.join());
              else if (next.do === 'hide') page.becomes('hidden');
              else if (next.do === 'show') page.becomes('visible');
              else if (next.do === 'reload') page.becomes('pagehide');
              else if (killed.size < CLIENTS.length - 1) {
                killed.add(room);
                link.refusing = true;
                link.cut('silent');
              }
            }
          }
          world.clearUp();
          const living = rooms.filter((room) => !killed.has(room));
          for (const room of living) world.clientOf(room).page.becomes('visible');
          await world.run(120_000);
          await world.join(...living);
          for (const room of living) {
            if (room.presence.members.some(({ own }) => own)) continue;
            await world.result(room.presence.leave());
          }
          await world.run(400_000);
          const seen = living.map(({ presence: { members, count, connections } }) => ({
            members: members.map(({ own: _, ...member }) => member),
            count,
            connections,
          }));
          for (const each of seen) expect(each).toEqual(seen[0]);
          const names = seen[0]?.members.map(({ userId }) => userId) ?? [];
          const alive = new Set(CLIENTS.filter((_, index) => living.includes(rooms[index] as ChatRoom)));
          expect(
            names.filter((name) => !alive.has(name)),
            'ghosts',
          ).toEqual([]);
          for (const room of killed) world.clientOf(room).link.refusing = false;
          await world.end();
        },
      ),
      RUNS,
    );
  },
);
