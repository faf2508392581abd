import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeMessage } from '../../src/messages/codec.js';
import { MessageIds } from '../../src/messages/message-id.js';
import { ModelWorld } from '../support/model-room.js';
import { FAIR } from '../support/weather.js';

const RUNS = Math.min(200, Number(process.env.PROPERTY_RUNS ?? 20));

/** A room that was cut off while others stored `missed` messages of `bytes`, and comes back to a slow network. */
async function catchUp(missed: number, bytes: number, bytesPerSecond: number) {
  const world = new ModelWorld();
  const room = world.room('Bob', { history: { maxInMemory: 2000 } });
  await world.joined(room);
  await world.send(room, 'hello');
  world.momento.cut(() => true, 'silent');
  const ids = new MessageIds(world.time);
  const list = world.momento.lists.get('r') ?? [];
  for (let count = 0; count < missed; count += 1) {
    const text = 'x'.repeat(bytes - 150);
    list.unshift(encodeMessage({ id: ids.next(), text, user: { name: 'Ada' }, sentAt: new Date(0) }));
  }
  world.momento.weather = { ...FAIR, latencyMs: 400, bytesPerSecond };
  const began = world.time.monotonic();
  world.hint('online');
  for (let waited = 0; room.messages.length <= missed && waited < 7200; waited += 1)
    await world.time.advance(1000);
  const seconds = (world.time.monotonic() - began) / 1000;
  const shown = room.messages.length;
  const leaving = room.leave();
  await world.time.advance(10_000);
  await leaving;
  world.momento.close();
  return { shown, seconds };
}

it('G2: eight hundred missed messages of 1 KB come over 50 kB/s', async () => {
  const { shown, seconds } = await catchUp(800, 1024, 50_000);
  expect(shown).toBe(801);
  expect(seconds).toBeLessThan(60);
});

it('G2: a room catches up on any network that brings one entry in five seconds', {
  timeout: 120_000,
}, async () => {
  const bytes = fc.integer({ min: 200, max: 4000 });
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 120 }),
      bytes,
      fc.double({ min: 1, max: 300, noNaN: true }),
      async (missed, size, factor) => {
        // One entry takes four seconds at most.
        const { shown } = await catchUp(missed, size, (size / 4) * factor);
        expect(shown).toBe(missed + 1);
      },
    ),
    { numRuns: RUNS, verbose: 1, examples: [[60, 1000, 1]] },
  );
});
