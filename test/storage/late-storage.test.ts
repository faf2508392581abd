import { type ChatStorage, memoryStorage } from 'momento-chat/storage';
import { expect, it } from 'vitest';
import { inProcessWorld } from '../support/in-process-rooms.js';
import { adaTabs, send, shown } from './ada-tabs.js';

it('a write that never ends in one join keeps nothing from being kept in the next', async () => {
  const world = inProcessWorld();
  const storage: ChatStorage = memoryStorage();
  const { open, openOffline, tick } = adaTabs(() => ({ world, storage }));
  const tab = await openOffline();
  tab.storage.fault = 'hangs';
  send(tab, 'one');
  await tick();
  await world.result(tab.room.leave());
  tab.storage.fault = undefined;
  tab.offline(false);
  await world.join(tab.room);
  tab.offline(true);
  await world.run(1000);
  send(tab, 'two');
  await world.run(5000);
  tab.die();
  const next = open();
  await world.join(next.room);
  await world.run(5000);
  expect(shown(next.room)).toContain('two sent');
  await world.end();
});
