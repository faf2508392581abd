import fc from 'fast-check';
import { expect, it } from 'vitest';
import '../../src/features/pins.js';
import '../../src/features/revision-keeper.js';
import '../../src/features/revision-writer.js';
import '../../src/features/stored-messages.js';
import { dictionaryFetch } from '../../src/transport/operations/dictionaries.js';
import { inProcessWorld } from '../support/in-process-rooms.js';
import { anyNetworkStep, type NetworkStep, play } from '../support/in-process-steps.js';

const RUNS = Number(process.env.PROPERTY_RUNS ?? 15);
const CLIENTS = 3;

type Step =
  | NetworkStep
  | { do: 'send' | 'leave' | 'join'; who: number }
  | { do: 'edit' | 'delete' | 'pin' | 'unpin'; who: number; which: number };

const who = fc.nat(CLIENTS - 1);
const change = fc.constantFrom(
  'edit' as const,
  'edit' as const,
  'delete' as const,
  'pin' as const,
  'unpin' as const,
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('send' as const), who }) },
  { weight: 8, arbitrary: fc.record({ do: change, who, which: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('leave' as const, 'join' as const), who }) },
  { weight: 8, arbitrary: anyNetworkStep(CLIENTS) },
);

it('edits, deletions, quotes and pins are the same on all clients in the end, and no deleted text is stored', {
  timeout: Math.max(60_000, RUNS * 400),
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.nat(), async (steps, seed) => {
      const world = inProcessWorld({ seed });
      // Two devices of one user, and another user.
      const open = (id: string, index: number) => {
        const room = world.room({ room: 'r', user: { id, name: id }, skewMs: index * 90_000 });
        room.on('pins', () => {});
        return room;
      };
      const rooms = ['ada', 'ada', 'bob'].map(open);
      await world.join(...rooms);
      let texts = 0;
      const words = new Map<string, Set<string>>();
      const said = (id: string | undefined, text: string) => {
        if (id !== undefined) words.set(id, (words.get(id) ?? new Set()).add(text));
      };
      for (const next of steps) {
        const room = 'who' in next ? rooms[next.who] : undefined;
        if (room === undefined) {
          await play(world, next as NetworkStep);
          continue;
        }
        texts += 1;
        const text = `<text ${texts}>`;
        const chosen = 'which' in next ? room.messages.at(-1 - next.which)?.id : undefined;
        if (next.do === 'send') {
          const replyTo = room.messages.findLast(({ status }) => status === 'sent')?.id;
          room.send(text, replyTo === undefined ? {} : { replyTo }).catch(() => {});
          said(room.messages.find((message) => message.text === text)?.id, text);
        } else if (next.do === 'leave') void room.leave();
        else if (next.do === 'join') void room.join().catch(() => {});
        else if (chosen === undefined) continue;
        else if (next.do === 'edit') {
          said(chosen, text);
          room.edit(chosen, text).catch(() => {});
        } else room[next.do as 'delete'](chosen).catch(() => {});
      }
      world.clearUp();
      await world.run(400_000);
      // Whoever joins reads all state; what is stale is written again.
      for (let turn = 0; turn < 3; turn += 1) {
        for (const room of rooms) await world.result(room.leave());
        await world.join(...rooms);
        await world.run(60_000);
      }
      const late = open('late', 0);
      await world.join(late);
      await world.run(60_000);
      const shown = new Map(
        late.messages.map(({ id, text, deletedAt, replyTo }) => [
          id,
          { text, deletedAt, quote: replyTo?.text },
        ]),
      );
      const stored = await world.result(
        world.transport().call(dictionaryFetch, { cache: 'chat', dictionary: 'r:revisions' }),
      );
      const everything = [...world.list('r'), ...stored.values()].join('\n');
      for (const room of rooms) {
        for (const { id, text, status, deletedAt, replyTo } of room.messages) {
          if (status !== 'sent') continue;
          if (deletedAt === undefined)
            expect({ text, quote: replyTo?.text }).toEqual({
              text: shown.get(id)?.text,
              quote: shown.get(id)?.quote,
            });
          else
            for (const word of words.get(id) ?? [])
              expect(everything.includes(word) || JSON.stringify(room.messages).includes(word), word).toBe(
                false,
              );
        }
        expect(room.pinned.map(({ id }) => id)).toEqual(late.pinned.map(({ id }) => id));
      }
      await world.end();
    }),
    { numRuns: RUNS },
  );
});
