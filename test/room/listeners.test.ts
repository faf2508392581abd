import { expect, it } from 'vitest';
import { inProcessWorld } from '../support/in-process-rooms.js';

it('listeners given to once() hear once, have their context, and can be taken back', async () => {
  const world = inProcessWorld();
  const room = world.member('Ada');
  await world.joined(room);
  const heard: unknown[] = [];
  const context = { name: 'context' };
  room.once('message', ({ text }) => heard.push(text));
  room.on(
    'message',
    function (this: unknown) {
      heard.push(this);
    },
    context,
  );
  const removed = () => heard.push('removed');
  room.on('message', removed).off('message', removed);
  await world.say(room, 'one');
  await world.say(room, 'two');
  expect(heard).toEqual(['one', context, context]);
  expect(room.listenerCount('message')).toBe(1);
  await world.end();
});
