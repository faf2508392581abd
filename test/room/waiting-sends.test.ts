import { expect, it } from 'vitest';
import type { ChatRoom } from '../../src/lite-room.js';
import { textsOf } from '../support/chat.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

/** Ada and Bob, who have joined. */
async function scene() {
  const world = inProcessWorld();
  const [ada, bob] = [world.member('Ada'), world.member('Bob')];
  await world.joined(ada, bob);
  return { world, ada, bob, ...world.clientOf(ada) };
}

/** What is sent while the network is gone goes out when it is back, a minute later, and does not fail before. */
async function expectItWaits(world: InProcessWorld, ada: ChatRoom, bob: ChatRoom): Promise<void> {
  const { link } = world.clientOf(ada);
  await world.run(3000);
  expect(ada.status).toBe('reconnecting');
  const sending = ada.send('from the tunnel');
  let outcome = 'waits';
  const settle = (how: string) => () => {
    outcome = how;
  };
  sending.then(settle('sent'), settle('failed'));
  await world.run(60_000);
  expect(outcome).toBe('waits');
  link.refusing = false;
  link.fates = undefined;
  await world.run(60_000);
  expect(outcome).toBe('sent');
  expect(textsOf(bob)).toContain('from the tunnel');
  await world.end();
}

it('G3: a send waits for its connection when a stream came and went within the outage', async () => {
  const { world, ada, bob, link } = await scene();
  // One stream gets through; the list does not.
  link.fates = (rpc) => (rpc === 'ListFetch' ? { outcome: 'request-lost', learnsAfterMs: 0 } : undefined);
  link.cut('told');
  await world.run(300);
  link.refusing = true;
  link.cut('told');
  await expectItWaits(world, ada, bob);
});

it('G3: a send waits for its connection on a page that comes back from the cache of pages without one', async () => {
  const { world, ada, bob, link, page } = await scene();
  page.becomes('pagehide');
  link.refusing = true;
  link.cut('told');
  await world.run(10_000);
  page.becomes('visible');
  await expectItWaits(world, ada, bob);
});

it('G3: a send waits for its connection in a room that was left as its page was hidden, and joined again', async () => {
  const { world, ada, bob, link, page } = await scene();
  page.becomes('pagehide');
  await world.result(ada.leave());
  page.becomes('visible');
  await world.joined(ada);
  link.refusing = true;
  link.cut('told');
  await expectItWaits(world, ada, bob);
});

it('G3: a send is not held back on a page that comes back with its stream', async () => {
  const { world, ada, bob, page } = await scene();
  page.becomes('pagehide');
  await world.run(10_000);
  page.becomes('visible');
  await world.say(ada, 'still here');
  expect(textsOf(bob)).toEqual(['still here']);
  await world.end();
});
