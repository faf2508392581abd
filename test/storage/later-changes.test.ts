import { type ChatStorage, memoryStorage } from 'momento-chat/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
// Loaded ahead, so that nothing waits for the disk while virtual time stands still.
import '../../src/features/revision-writer.js';
import { adaTabs, shown } from './ada-tabs.js';

let world: InProcessWorld;
let storage: ChatStorage;
beforeEach(() => {
  world = inProcessWorld();
  storage = memoryStorage();
});
afterEach(() => world.end());
const { open, openBob } = adaTabs(() => ({ world, storage }));

describe('where two tabs of a user change a message offline, and the later one is closed, its change counts', () => {
  it('an edit', async () => {
    const [bob, heir, other] = [openBob(), open(), open()];
    await world.join(bob, heir.room, other.room);
    const { id } = await world.result(heir.room.send('zero'));
    await world.run(5000);
    await world.result(heir.room.edit(id, 'zero!'));
    await world.result(other.room.edit(id, 'zero!!'));
    heir.offline(true);
    other.offline(true);
    await world.run(1000);
    heir.room.edit(id, 'one').catch(() => {});
    await world.run(5000);
    other.room.edit(id, 'two').catch(() => {});
    await world.run(1000);
    other.die();
    await world.run(5000);
    heir.offline(false);
    await world.run(60_000);
    expect([shown(bob), shown(heir.room)]).toEqual([['two sent'], ['two sent']]);
  });

  it('a reaction', async () => {
    const [bob, heir, other] = [openBob(), open(), open()];
    await world.join(bob, heir.room, other.room);
    const { id } = await world.result(bob.send('hi'));
    await world.result(heir.room.react(id, '👍'));
    await world.run(5000);
    heir.offline(true);
    other.offline(true);
    await world.run(1000);
    heir.room.unreact(id, '👍').catch(() => {});
    await world.run(5000);
    other.room.unreact(id, '👍').catch(() => {});
    await world.run(100);
    other.room.react(id, '👍').catch(() => {});
    await world.run(1000);
    other.die();
    await world.run(5000);
    heir.offline(false);
    await world.run(60_000);
    expect(bob.messages[0]?.reactions ?? []).toMatchObject([{ emoji: '👍' }]);
  });
});
