import { expect, it } from 'vitest';
import { inProcessWorld } from '../support/in-process-rooms.js';
import { notingReads } from '../support/noted-reads.js';

it('reads a quarter of what is stored in one call, and hardly an entry beyond, when nothing is in doubt', async () => {
  const world = inProcessWorld();
  const read: number[] = [];
  const ada = world.member('Ada', { wrap: notingReads((entries) => read.push(entries)) });
  const bob = world.member('Bob');
  await world.joined(ada, bob);
  await world.say(bob, 'first');
  read.length = 0;
  // Eighty a second: the list turns over in 12.5 s.
  for (let sent = 0; sent < 1000; sent += 2) {
    for (const text of [`${sent}`, `${sent + 1}`]) bob.send(text).catch(() => {});
    await world.run(25);
  }
  await world.run(1000);
  expect(ada.messages).toHaveLength(500);
  expect(read).toHaveLength(4);
  for (const entries of read) expect(entries).toBeLessThanOrEqual(250 + 32);
  await world.end();
});
