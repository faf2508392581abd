import { type ChatStorage, memoryStorage } from 'momento-chat/storage';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import type { Tab } from '../support/tab.js';
import { adaTabs, send, shown } from './ada-tabs.js';

let world: InProcessWorld;
let storage: ChatStorage;
/** Milliseconds that the storage takes to open. */
let openMs: number;
beforeEach(() => {
  world = inProcessWorld();
  openMs = 0;
  const memory = memoryStorage({ maxAgeMs: 60_000 });
  storage = {
    ...memory,
    open: async (...args) => {
      if (openMs > 0) await new Promise<void>((resolve) => world.time.after(openMs, resolve));
      return memory.open(...args);
    },
  };
});
afterEach(() => world.end());
const { open, openBob, openOffline, tick } = adaTabs(() => ({ world, storage }));

it('a reaction that is taken back before the storage has opened is not made by what an earlier page kept', async () => {
  const [bob, first] = [openBob(), open()];
  await world.join(bob, first.room);
  const { id } = await world.result(bob.send('hi'));
  await world.run(1000);
  first.offline(true);
  await world.run(1000);
  first.room.react(id, '👍').catch(() => {});
  await tick();
  first.die();
  openMs = 3000;
  const { room } = open();
  await world.join(room);
  await world.run(200);
  await world.result(room.react(id, '👍'));
  await world.result(room.unreact(id, '👍'));
  await world.run(60_000);
  expect(bob.messages[0]?.reactions ?? []).toEqual([]);
});

describe('a message that is unsent when its room is left, and retried in the next join before the storage has opened', () => {
  async function leftUnsent(): Promise<{ tab: Tab; id: string }> {
    const tab = await openOffline({ retry: { maxAttempts: 1 } });
    const id = send(tab, 'hello');
    await tick();
    await world.result(tab.room.leave());
    tab.offline(false);
    openMs = 1500;
    return { tab, id };
  }

  it('is not sent behind the back of a user who discards it', async () => {
    const { tab, id } = await leftUnsent();
    await world.join(tab.room);
    tab.client.link.fates = () => ({ outcome: 'refused' });
    const retrying = tab.room.retry(id).catch(() => {});
    await world.run(500);
    await world.result(retrying);
    tab.client.link.fates = undefined;
    tab.room.discard(id);
    await world.run(60_000);
    expect([shown(tab.room), world.list('r')]).toEqual([[], []]);
  });

  it('is sent once, however old it is', async () => {
    const { tab, id } = await leftUnsent();
    await world.run(120_000);
    await world.join(tab.room);
    tab.client.link.fates = () => ({ outcome: 'answered', thereMs: 3000 });
    const retrying = world.settled(tab.room.retry(id));
    await world.run(10_000);
    expect([
      await retrying,
      shown(tab.room),
      world.list('r').length,
      tab.errors.includes('timeout'),
    ]).toMatchObject([{ status: 'fulfilled' }, ['hello sent'], 1, false]);
  });
});

it('a reaction that another tab makes later is taken over, though this tab made and undid one before the storage had opened', async () => {
  const [bob, heir, other] = [openBob(), open(), open()];
  await world.join(bob);
  const { id } = await world.result(bob.send('hi'));
  await world.join(other.room);
  openMs = 3000;
  await world.join(heir.room);
  await world.run(200);
  await world.result(heir.room.react(id, '👍'));
  await world.result(heir.room.unreact(id, '👍'));
  await world.run(10_000);
  other.offline(true);
  await world.run(1000);
  other.room.react(id, '👍').catch(() => {});
  await tick();
  other.die();
  await world.run(30_000);
  expect(bob.messages[0]?.reactions ?? []).toMatchObject([{ emoji: '👍' }]);
});
