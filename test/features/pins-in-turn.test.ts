import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import '../../src/features/pins.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

/** Ada's joined room, and the ids of so many messages in it. */
async function scene(messages: number): Promise<{ ada: ChatRoom; ids: string[] }> {
  const ada = world.room({ room: 'r', user: { id: 'ada', name: 'ada' } });
  ada.on('pins', () => {});
  await world.join(ada);
  const ids = [];
  for (let n = 0; n < messages; n += 1) ids.push((await world.result(ada.send(`${n}`))).id);
  await world.run(5000);
  return { ada, ids };
}

const outcomes = (pins: Promise<void>[]) =>
  world.result(
    Promise.all(
      pins.map((pin) =>
        pin.then(
          () => 'pinned',
          ({ code }) => code,
        ),
      ),
    ),
  );

it('pins that are asked for in an outage are given up together', async () => {
  const { ada, ids } = await scene(4);
  const { link } = world.clientOf(ada);
  link.cut('told');
  link.connected = false;
  await world.run(1000);
  const began = world.time.monotonic();
  expect(await outcomes(ids.map((id) => ada.pin(id)))).not.toContain('pinned');
  expect(world.time.monotonic() - began).toBeLessThan(400_000);
});

it('a change that waits for its turn as the room is left is not made in the next join', async () => {
  const { ada, ids } = await scene(1);
  const [id = ''] = ids;
  world.clientOf(ada).link.fates = (rpc) => (rpc === 'DictionarySet' ? { backMs: 3000 } : undefined);
  const changing = outcomes([ada.pin(id), ada.unpin(id)]);
  await world.run(100);
  const again = Promise.all([ada.leave(), ada.join()]);
  expect(await changing).toEqual(['closed', 'closed']);
  await world.result(again);
  await world.run(60_000);
  expect(ada.pinned.map(({ text }) => text)).toEqual(['0']);
});
