import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RoomPlaces } from '../../src/directory/room-places.js';
import { VirtualTime } from '../support/virtual-time.js';

const names = (count: number, what: string) =>
  Array.from({ length: count }, (_, index) => `${what}-${index}`);
const taken = (places: RoomPlaces, rooms: readonly string[]) =>
  rooms.filter((room) => places.take(room)).length;

it('rooms that are none: a hundred at once, and one in five seconds', async () => {
  const time = new VirtualTime();
  const places = new RoomPlaces(time);
  expect(taken(places, names(1000, 'none'))).toBe(100);
  await time.advance(60_000);
  expect(taken(places, names(1000, 'none'))).toBe(12);
});

it('rooms that hold messages: ten times as many, however often they are found', async () => {
  const time = new VirtualTime();
  const places = new RoomPlaces(time);
  const real = names(50, 'real');
  expect(taken(places, real)).toBe(50);
  for (let round = 0; round < 3; round += 1) for (const room of real) places.found(room);
  for (let round = 0; round < 19; round += 1) expect(taken(places, real)).toBe(50);
  expect(taken(places, real)).toBe(0);
  await time.advance(60_000);
  expect(taken(places, [...real, ...real, ...real])).toBe(120);
});

it('a room that is not listed any more is unknown again', () => {
  const places = new RoomPlaces(new VirtualTime());
  places.take('real');
  places.found('real');
  places.keep(new Set());
  places.take('real');
  expect(taken(places, names(1000, 'none'))).toBe(98);
});

it('there is enough for a room after as long as was said, and no millisecond earlier', async () => {
  const waits = fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(waits, async (steps) => {
      const time = new VirtualTime();
      const places = new RoomPlaces(time);
      taken(places, names(1000, 'none'));
      for (const step of steps) {
        await time.advance(step);
        taken(places, names(10, 'none'));
        await time.advance(places.waitMs('none') - 1);
        expect(places.take('none')).toBe(false);
        await time.advance(1);
        expect(places.take('none')).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});
