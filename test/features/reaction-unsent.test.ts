import { afterEach, expect, it } from 'vitest';
// Loaded ahead: virtual time stands still meanwhile.
import '../../src/features/reaction-writer.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
afterEach(() => world.end());

it('a reaction is stored when its message is there: else who comes between the two would never see it', async () => {
  world = inProcessWorld();
  const ada = world.room({ room: 'lobby', user: { id: 'ada', name: 'Ada' } });
  await world.join(ada);
  const { link } = world.clientOf(ada);
  link.fates = (rpc) => (['Publish', 'ListPushFront'].includes(rpc) ? { thereMs: 3000 } : undefined);
  const sending = ada.send('hello');
  const reacting = ada.react(ada.messages.at(-1)?.id ?? '', '👍');
  await world.run(2000);
  expect(ada.messages.at(-1)?.reactions).toMatchObject([{ emoji: '👍', mine: true }]);
  expect(link.calls.SortedSetPut ?? 0).toBe(0);
  await world.result(sending);
  link.fates = undefined;
  await world.result(reacting);
  expect(link.calls.SortedSetPut).toBe(1);
});
