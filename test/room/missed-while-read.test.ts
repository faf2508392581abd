import { afterEach, beforeEach, expect, it } from 'vitest';
import '../../src/features/revision-writer.js';
import type { ChatRoom } from '../../src/lite-room.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

const open = (name: string) =>
  world.room({ room: 'lobby', user: { id: name, name }, resumes: false, history: { pageSize: 10 } });

/** Has `load` read all that is known of a page but its reactions; `change` happens then, while the streams are lost. */
async function missWhileReading(
  room: ChatRoom,
  load: () => Promise<unknown>,
  change: () => Promise<unknown>,
) {
  const { link } = world.clientOf(room);
  link.fates = (rpc) => (rpc === 'SortedSetFetch' ? { backMs: 4000 } : undefined);
  const loading = load();
  await world.run(500);
  link.fates = (rpc) => (rpc === 'Subscribe' ? { thereMs: 1000 } : undefined);
  link.cut('told');
  await world.run(100);
  await world.result(change());
  await world.result(loading);
  link.fates = undefined;
  await world.run(10_000);
}

it('a page that is read while events are missed shows what they told', async () => {
  const [ada, bob] = [open('ada'), open('bob')];
  await world.join(ada);
  const { id } = await world.result(ada.send('before'));
  for (let sent = 0; sent < 15; sent += 1) await world.say(ada, 'filler');
  await world.joined(bob);
  await missWhileReading(
    bob,
    () => bob.loadOlder(),
    () => ada.edit(id, 'after'),
  );
  expect(bob.messages.find((message) => message.id === id)?.text).toBe('after');
});

it('so does a page of a thread', async () => {
  const [ada, bob] = [open('ada'), open('bob')];
  await world.join(ada);
  const { id: root } = await world.result(ada.send('root'));
  const ours = ada.thread(root);
  const { id } = await world.result(ours.send('before'));
  for (let sent = 0; sent < 15; sent += 1) await world.result(ours.send('filler'));
  await world.joined(bob);
  const theirs = bob.thread(root);
  await world.result(theirs.open());
  await world.run(20_000);
  await missWhileReading(
    bob,
    () => theirs.loadOlder(),
    () => ours.edit(id, 'after'),
  );
  expect(theirs.messages.find((reply) => reply.id === id)?.text).toBe('after');
});
