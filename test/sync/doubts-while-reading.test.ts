import { expect, it } from 'vitest';
import { textsOf } from '../support/chat.js';
import { inProcessWorld } from '../support/in-process-rooms.js';
import { FAIR } from '../support/weather.js';

it.each<[when: string, joined: boolean]>([
  ['its first reading takes', false],
  ['its reading after an outage takes', true],
])('G2: a room whose stream skips a message while %s long has that message as well', async (_, joined) => {
  const world = inProcessWorld();
  const [ada, bob] = [world.member('Ada'), world.member('Bob')];
  const [{ link }, bobs] = [world.clientOf(ada), world.clientOf(bob)];
  await world.joined(bob);
  await world.say(bob, 'first');
  if (joined) await world.joined(ada);
  let readings = 0;
  link.fates = (rpc) => {
    if (rpc !== 'ListFetch') return undefined;
    readings += 1;
    return readings === 1 ? { backMs: 4500 } : undefined;
  };
  if (joined) link.cut('told');
  else void ada.join();
  await world.run(4000);
  expect(readings).toBe(1);
  await world.say(bob, 'second');
  // The reading is long past its look at the list, and the next one begins before this is stored.
  bobs.link.fates = (rpc) => (rpc === 'ListPushFront' ? { thereMs: 1500 } : undefined);
  link.weather = { ...FAIR, skip: 1 };
  void bob.send('skipped');
  await world.run(100);
  bobs.link.fates = undefined;
  link.weather = FAIR;
  await world.say(bob, 'third');
  await world.run(10_000);
  expect(ada.status).toBe('joined');
  expect(textsOf(ada)).toEqual(['first', 'second', 'skipped', 'third']);
  await world.end();
});

it.each<[how: string, refused: boolean]>([
  ['and is not there when that has ended', true],
  ['and is there again, and not read for', false],
])('a room is reconnecting while its stream is lost again during a reading, %s', async (_, refused) => {
  const world = inProcessWorld();
  const ada = world.member('Ada');
  const { link } = world.clientOf(ada);
  await world.joined(ada);
  await world.run(10_000);
  link.fates = (rpc) => (rpc === 'ListFetch' ? { backMs: 3000 } : undefined);
  link.cut('told');
  await world.run(1500);
  link.refusing = refused;
  link.cut('told');
  await world.run(2500);
  expect(ada.status).toBe('reconnecting');
  link.refusing = false;
  await world.run(60_000);
  expect(ada.status).toBe('joined');
  await world.end();
});
