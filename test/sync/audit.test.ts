import { expect, it } from 'vitest';
import { textsOf } from '../support/chat.js';
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

it('reads down in one call to where it read as it joined, however much came live in between', async () => {
  const world = inProcessWorld();
  const read: number[] = [];
  const ada = world.member('Ada', { wrap: notingReads((entries) => read.push(entries)) });
  const bob = world.member('Bob');
  await world.joined(bob);
  await world.join(ada);
  read.length = 0;
  for (let sent = 0; sent < 150; sent += 1) {
    bob.send(`${sent}`).catch(() => {});
    await world.run(10);
  }
  await world.run(1000);
  expect(ada.messages).toHaveLength(150);
  expect(read).toEqual([150]);
  await world.end();
});

it('G1: what a small page left out is told of as missed by no later reading', async () => {
  const world = inProcessWorld();
  const [ada, bob] = [world.member('Ada', { history: { pageSize: 5 } }), world.member('Bob')];
  await world.joined(bob);
  for (let sent = 0; sent < 20; sent += 1) await world.say(bob, `before ${sent}`);
  const told: string[] = [];
  ada.on('message', ({ text }) => told.push(text));
  await world.join(ada);
  for (let sent = 0; sent < 3; sent += 1) await world.say(bob, `after ${sent}`);
  await world.run(5000);
  expect(told).toEqual(['after 0', 'after 1', 'after 2']);
  const page = Array.from({ length: 5 }, (_, index) => `before ${15 + index}`);
  expect(textsOf(ada)).toEqual([...page, ...told]);
  await world.end();
});
