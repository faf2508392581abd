import { expect, it } from 'vitest';
import type { Gap } from '../../src/room/events.js';
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

it('G2: a room does not say that something is missing when the network hardly brings the list, and others go on talking', async () => {
  const world = inProcessWorld();
  const [ada, bob] = [world.member('Ada'), world.member('Bob')];
  const { link } = world.clientOf(ada);
  await world.joined(ada, bob);
  for (const text of ['first', 'second']) await world.say(bob, text);
  const gaps: Gap[] = [];
  ada.on('gap', (gap) => gaps.push(gap));
  // From now on four answers do not come in time, so that less and less is asked for; the others are slow.
  const { ListFetch: before = 0 } = link.calls;
  const readings = () => (link.calls.ListFetch ?? 0) - before;
  link.fates = (rpc) => {
    if (rpc !== 'ListFetch') return undefined;
    return readings() < 4 ? { outcome: 'answer-lost' } : { thereMs: 0, backMs: 2000 };
  };
  world.hint('online');
  await world.time.advance(60_000, () => readings() === 5);
  for (const text of ['third', 'fourth']) await world.say(bob, text);
  await world.run(60_000);
  expect(textsOf(ada)).toEqual(['first', 'second', 'third', 'fourth']);
  expect(gaps).toEqual([]);
  await world.end();
});
