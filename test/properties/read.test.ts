import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeMark, encodeMark, type Mark, mergeMarks } from '../../src/features/read-state.js';
import type { ChatRoom } from '../../src/lite-room.js';
import { MessageIds } from '../../src/messages/message-id.js';
import { dictionaryFetch } from '../../src/transport/operations/dictionaries.js';
import { inProcessWorld } from '../support/in-process-rooms.js';
import { anyNetworkStep, anySlowStep, type NetworkStep, play } from '../support/in-process-steps.js';
import { propertyRuns, timeoutOf } from '../support/property-runs.js';
import { VirtualTime } from '../support/virtual-time.js';

const RUNS = propertyRuns(30, 1000);

const IDS = new MessageIds(new VirtualTime());
const id = fc.constantFrom(...Array.from({ length: 6 }, () => IDS.next()));
const mark: fc.Arbitrary<Mark> = fc
  .tuple(id, fc.option(id, { nil: '' }), fc.option(id, { nil: '' }))
  .map(([of, version, read]) => ({ id: of, version, read, at: 1 }));

it('marks merge the same in any order, in any grouping and however often; receipts never go back', () => {
  fc.assert(
    fc.property(fc.array(mark, { minLength: 1, maxLength: 6 }), fc.nat(), (marks, seed) => {
      const merge = (all: Mark[]) => all.reduce<Mark | undefined>(mergeMarks, undefined);
      const shuffled = [...marks, ...marks].sort((a, b) =>
        a.id + b.id + seed > b.id + a.id + seed * 7 ? 1 : -1,
      );
      const split = seed % (marks.length + 1);
      const [left, right] = [merge(marks.slice(0, split)), merge(marks.slice(split))];
      const grouped = right === undefined ? left : mergeMarks(left, right);
      expect(merge(shuffled)).toEqual(merge(marks));
      expect(merge([...marks].reverse())).toEqual(merge(marks));
      expect(grouped).toEqual(merge(marks));
      expect(marks.every(({ read }) => read <= (merge(marks)?.read ?? ''))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

it('a mark decodes to what was encoded', () => {
  fc.assert(
    fc.property(mark, (given) => {
      expect(decodeMark(encodeMark(given), Date.UTC(2026, 0, 1))).toEqual(given);
    }),
  );
});

type Step =
  | NetworkStep
  | { do: 'send' | 'mark' | 'markUnread' | 'leave' | 'join' | 'hide' | 'show'; who: number; which: number };

const who = fc.nat(2);
const act = (name: 'send' | 'mark' | 'markUnread' | 'leave' | 'join' | 'hide' | 'show', weight: number) => ({
  weight,
  arbitrary: fc.record({ do: fc.constant(name), who, which: fc.nat(9) }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  act('send', 5),
  act('mark', 5),
  act('markUnread', 2),
  act('leave', 1),
  act('join', 1),
  act('hide', 1),
  act('show', 1),
  { weight: 3, arbitrary: anySlowStep(3, ['Publish', 'DictionarySet', 'DictionaryFetch']) },
  { weight: 8, arbitrary: anyNetworkStep(3) },
);

it(
  'read state converges on all clients and in storage; receipts never go back; unread never counts own messages',
  timeoutOf(RUNS),
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30, size: 'max' }), fc.nat(), async (steps, seed) => {
        const world = inProcessWorld({ seed });
        const rooms = ['ada', 'ada', 'bob'].map((name) =>
          world.room({ room: 'lobby', user: { id: name, name } }),
        );
        for (const room of rooms) {
          let before: ReadonlyMap<string, string> = new Map();
          room.on('read', ({ count, mentions }, receipts) => {
            for (const [user, receipt] of before) expect((receipts.get(user) ?? '') >= receipt).toBe(true);
            before = receipts;
            const others = room.messages.filter(({ own }) => !own);
            expect(count).toBeGreaterThanOrEqual(0);
            expect(count).toBeLessThanOrEqual(others.length);
            expect(mentions).toBeLessThanOrEqual(count);
          });
        }
        await world.join(...rooms);
        for (const next of steps) {
          if ('which' in next)
            perform(world.clientOf(rooms[next.who] as ChatRoom).page, rooms[next.who] as ChatRoom, next);
          else await play(world, next);
        }
        world.clearUp();
        for (const room of rooms) world.clientOf(room).page.becomes('visible');
        await world.run(400_000);
        await world.join(...rooms);
        await world.run(60_000);
        // A change that could not be stored is stored at the next occasion: here, at a new join.
        for (const room of rooms) {
          await world.result(room.leave());
          await world.join(room);
          await world.run(5000);
        }
        const [one, two, bob] = rooms.map(({ read }) => read);
        // A message that its sender gave up, and that was never stored, is shown and counted where it was heard live.
        const listed = new Set(world.list('lobby').map((entry) => String(JSON.parse(entry).id)));
        const [unread, same] = rooms.slice(0, 2).map((room) => {
          const { count, firstId, capped } = room.read.unread;
          const counted = room.messages.filter(
            ({ id, own }) => !own && firstId !== undefined && id >= firstId,
          );
          expect(count).toBe(counted.length);
          return { capped, ids: counted.map(({ id }) => id).filter((id) => listed.has(id)) };
        });
        expect(same).toEqual(unread);
        expect(new Map(two?.receipts)).toEqual(new Map(one?.receipts));
        expect(new Map(bob?.receipts)).toEqual(new Map(one?.receipts));
        const stored = await world.result(
          world.transport().call(dictionaryFetch, { cache: 'chat', dictionary: 'lobby:read' }),
        );
        for (const [user, receipt] of one?.receipts ?? [])
          expect(decodeMark(stored.get(user) ?? '', world.time.now() + 1e10)?.read).toBe(receipt);
        await world.end();
      }),
      RUNS,
    );
  },
);

function perform(
  page: { becomes(state: 'visible' | 'hidden'): void },
  room: ChatRoom,
  { do: what, which }: Extract<Step, { which: number }>,
): void {
  const any = room.messages[which % Math.max(1, room.messages.length)]?.id;
  const quiet = (promise: Promise<unknown>) => void promise.catch(() => {});
  if (what === 'send') quiet(room.send('text'));
  else if (what === 'mark') quiet(room.read.mark(which % 2 === 0 ? any : undefined));
  else if (what === 'markUnread' && any !== undefined) quiet(room.read.markUnread(any));
  else if (what === 'leave') quiet(room.leave());
  else if (what === 'join') quiet(room.join());
  else if (what === 'hide') page.becomes('hidden');
  else if (what === 'show') page.becomes('visible');
}
