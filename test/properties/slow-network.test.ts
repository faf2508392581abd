import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeMessage } from '../../src/messages/codec.js';
import { MessageIds } from '../../src/messages/message-id.js';
import { inProcessWorld } from '../support/in-process-rooms.js';
import { propertyRuns, timeoutOf } from '../support/property-runs.js';
import { FAIR } from '../support/weather.js';

const RUNS = propertyRuns(20, 1500, 200);

/** A room that was cut off while others stored `missed` messages of `bytes`, and comes back to a slow network. */
async function catchUp(missed: number, bytes: number, bytesPerSecond: number) {
  const world = inProcessWorld();
  const room = world.member('Bob', { history: { maxInMemory: 2000 } });
  const { link } = world.clientOf(room);
  await world.joined(room);
  await world.say(room, 'hello');
  link.cut('silent');
  const ids = new MessageIds(world.time);
  const text = 'x'.repeat(bytes - 150);
  const others = Array.from({ length: missed }, () =>
    encodeMessage({ id: ids.next(), text, user: { name: 'Ada' }, sentAt: new Date(0) }),
  );
  world.setList('lobby', [...others.reverse(), ...world.list('lobby')]);
  link.weather = { ...FAIR, latencyMs: 400, bytesPerSecond };
  const began = world.time.monotonic();
  world.hint('online');
  for (let waited = 0; room.messages.length <= missed && waited < 7200; waited += 1) await world.run(1000);
  const seconds = (world.time.monotonic() - began) / 1000;
  const shown = room.messages.length;
  await world.end();
  return { shown, seconds };
}

it('G2: eight hundred missed messages of 1 KB come over 50 kB/s', async () => {
  const { shown, seconds } = await catchUp(800, 1024, 50_000);
  expect(shown).toBe(801);
  expect(seconds).toBeLessThan(60);
});

it(
  'G2: a room catches up on any network that brings two entries in five seconds',
  timeoutOf(RUNS),
  async () => {
    const bytes = fc.integer({ min: 200, max: 4000 });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 120 }),
        bytes,
        fc.double({ min: 1, max: 300, noNaN: true }),
        async (missed, size, factor) => {
          // Two entries take three and a half seconds at most, and the way there and back up to 0.8 s.
          const { shown } = await catchUp(missed, size, ((2 * size) / 3.5) * factor);
          expect(shown).toBe(missed + 1);
        },
      ),
      { ...RUNS, examples: [[60, 1000, 1]] },
    );
  },
);
