import { expect, it } from 'vitest';
import { inProcessWorld } from '../support/in-process-rooms.js';

it('a resync of a room without messages reads nothing of messages, so that no failure of that goes unhandled (found by the property of presence)', async () => {
  const world = inProcessWorld();
  const room = world.room({ room: 'lobby', user: { id: 'ada', name: 'Ada' } });
  await world.join(room);
  const unhandled: unknown[] = [];
  const note = (problem: unknown) => unhandled.push(problem);
  process.on('unhandledRejection', note);
  const { link } = world.clientOf(room);
  link.fates = (rpc) => (rpc.startsWith('Dictionary') ? { outcome: 'refused' } : undefined);
  link.cut('told');
  await world.run(30_000);
  // Node tells of a rejection after the turn that it was left alone in.
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
  expect(world.calls.DictionaryGet).toBeUndefined();
  await world.end();
});

it('a cache client of the app that has no more than rooms of messages need joins a room with history, and is told once', async () => {
  const world = inProcessWorld();
  const ada = world.member('Ada');
  await world.join(ada);
  await world.say(ada, 'hello');
  // Its client has lists, and neither dictionaries nor sorted sets.
  const bob = world.member('Bob', { via: 'clients', events: true });
  const errors: string[] = [];
  bob.on('error', ({ message }) => errors.push(message));
  await world.settled(bob.join());
  expect(bob.status).toBe('joined');
  expect(bob.messages.map(({ text }) => text)).toEqual(['hello']);
  expect(new Set(errors).size).toBe(errors.length);
  expect(errors.join()).toMatch(/the given cache client has no/);
  await world.end();
});
