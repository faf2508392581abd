import { afterEach, beforeEach, expect, it } from 'vitest';
import '../../src/features/reaction-writer.js';
import type { ChatRoom } from '../../src/lite-room.js';
import { type FailureCode, MomentoError } from '../../src/local/status.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

const TEN_MINUTES_MS = 600_000;

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

/** Bob, who tries to call `rpc`s, and a message that he has. Returns how often he tried, which fail with `code`. */
async function refused(
  rpcs: readonly string[],
  code: FailureCode,
): Promise<[ChatRoom, string, () => number]> {
  const [ada, bob] = ['ada', 'bob'].map((id) => world.room({ room: 'lobby', user: { id, name: id } }));
  if (ada === undefined || bob === undefined) throw new Error('there are two');
  await world.join(ada, bob);
  const { id } = await world.result(ada.send('hello'));
  await world.run(10_000);
  let tries = 0;
  world.clientOf(bob).link.fates = (rpc) => {
    if (!rpcs.includes(rpc)) return undefined;
    tries += 1;
    throw new MomentoError(code, 'no');
  };
  return [bob, id, () => tries];
}

const readings = (room: ChatRoom) => world.clientOf(room).link.calls.SortedSetFetch ?? 0;

it('of a reaction that may not be stored nobody is told', async () => {
  const [bob, id, tries] = await refused(['SortedSetPut', 'Publish'], 'PERMISSION_DENIED');
  await expect(world.result(bob.react(id, '👍'))).rejects.toMatchObject({ code: 'permission-denied' });
  const before = readings(bob);
  await world.run(TEN_MINUTES_MS);
  expect(tries()).toBe(1);
  expect(readings(bob) - before).toBeLessThanOrEqual(1);
  expect(bob.messages.at(-1)?.reactions).toEqual([]);
});

it('of a reaction that nobody may be told of it is not tried again', async () => {
  const [bob, id, tries] = await refused(['Publish'], 'PERMISSION_DENIED');
  await world.result(bob.react(id, '👍'));
  const before = readings(bob);
  await world.run(TEN_MINUTES_MS);
  expect(tries()).toBe(1);
  expect(readings(bob)).toBe(before);
  expect(bob.messages.at(-1)?.reactions).toMatchObject([{ emoji: '👍', mine: true }]);
});

it('of a reaction that others cannot be told of it is tried so often only, and in the next join not at all', async () => {
  const [bob, id, tries] = await refused(['Publish'], 'RESOURCE_EXHAUSTED');
  await world.result(bob.react(id, '👍'));
  await world.run(6 * TEN_MINUTES_MS);
  const [before, read] = [tries(), readings(bob)];
  await world.run(TEN_MINUTES_MS);
  expect([tries(), readings(bob)]).toEqual([before, read]);
  await world.result(bob.leave());
  await world.join(bob);
  await world.run(TEN_MINUTES_MS);
  expect(tries()).toBe(before);
});
