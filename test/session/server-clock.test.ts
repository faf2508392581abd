import { afterEach, beforeEach, expect, it } from 'vitest';
import { ServerClock } from '../../src/session/server-clock.js';
import { instant } from '../../src/shared/clock.js';
import { textsOf } from '../support/chat.js';
import { type InProcessWorld, inProcessWorld } from '../support/in-process-rooms.js';
import { VirtualTime } from '../support/virtual-time.js';
import { FAIR } from '../support/weather.js';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

let world: InProcessWorld;
beforeEach(() => {
  world = inProcessWorld();
});
afterEach(() => world.end());

const told = (time: VirtualTime) => ({
  token: 't',
  exp: Math.ceil(time.now() / 1000) + 3600,
  expiresIn: 3600,
});

it.each([3 * DAY, -3 * DAY])(
  'G1: a clock that is off by %i ms hides nobody, where the token tells the time',
  async (skew) => {
    const wrong = world.member('Ada', { skewMs: skew });
    const right = world.member('Bob', { via: 'clients' });
    const errors: unknown[] = [];
    wrong.on('error', (error) => errors.push(error));
    await world.joined(wrong, right);
    await world.say(wrong, 'from the wrong clock');
    await world.say(right, 'from the right one');
    expect(textsOf(right)).toEqual(['from the wrong clock', 'from the right one']);
    expect(textsOf(wrong)).toEqual(textsOf(right));
    expect(Math.abs((right.messages[0]?.sentAt.getTime() ?? 0) - world.time.now())).toBeLessThan(MINUTE);
    expect(errors).toEqual([]);
  },
);

it('the time is told in whole milliseconds, also where it is worked out from an answer that took a fraction of one', () => {
  const time = new VirtualTime();
  const clock = new ServerClock({ now: () => time.now() - DAY, monotonic: () => time.monotonic() + 0.4 });
  const asked = { wall: time.now() - DAY, monotonic: time.monotonic() - 20.3 };
  clock.learn(told(time), asked);
  expect(Number.isSafeInteger(clock.now())).toBe(true);
  expect(Math.abs(clock.now() - time.now())).toBeLessThan(MINUTE);
});

it('G1: a clock that is days ahead is told of, once, where nothing tells the time', async () => {
  const ahead = world.member('Ada', { via: 'clients', skewMs: 3 * DAY });
  const right = world.member('Bob', { via: 'clients' });
  const errors: string[] = [];
  ahead.on('error', ({ message }) => errors.push(message));
  right.on('error', ({ message }) => errors.push(`Bob: ${message}`));
  await world.joined(ahead, right);
  for (const text of ['1', '2', '3', '4', '5', '6', '7']) await world.say(right, text);
  expect(errors).toEqual([expect.stringContaining('it seems to be ahead')]);
  expect(textsOf(ahead)).toHaveLength(7);
});

it('G1: messages that are sent again after days make nobody doubt the clock', async () => {
  const sender = world.member('Ada', { via: 'clients', retry: { maxAttempts: 1 } });
  const reader = world.member('Bob', { via: 'clients' });
  const errors: string[] = [];
  await world.joined(sender, reader);
  for (const { link } of world.clients) link.weather = { ...FAIR, refuse: 1 };
  const sends = Promise.allSettled(['a', 'b'].map((text) => sender.send(text)));
  await world.run(10_000);
  await sends;
  world.clearUp();
  await world.run(10_000);
  reader.on('error', ({ message }) => errors.push(message));
  // As if the tab had been left open for three days.
  for (const { clock } of world.clients) clock.jump(3 * DAY);
  const retries = Promise.all(sender.messages.map(({ id }) => sender.retry(id)));
  await world.run(10_000);
  await retries;
  await world.say(sender, 'c');
  expect(textsOf(reader)).toEqual(['a', 'b', 'c']);
  expect(errors).toEqual([]);
});

it.each([
  ['is right', 0, 0, 0],
  ['is off by what order survives', 4 * MINUTE, 0, 4 * MINUTE],
  ['is three days ahead', 3 * DAY, 0, 0],
  ['is three days behind', -3 * DAY, 0, 0],
  ['was right and is set back', 0, -DAY, 0],
  ['was right and is set ahead by days', 0, 5 * DAY, 0],
  ['was wrong and is set right', 3 * DAY, -3 * DAY, 0],
])('a clock that %s is believed as far as it goes', async (_, skew, jump, expected) => {
  const time = new VirtualTime();
  const clock = time.unsteady(skew);
  const server = new ServerClock(clock);
  server.learn(told(time), instant(clock));
  await time.advance(10 * MINUTE);
  clock.jump(jump);
  expect(Math.abs(server.now() - time.now() - expected)).toBeLessThan(2000);
});

it('a sleep in which the monotonic clock stood still is no jump', async () => {
  const time = new VirtualTime();
  const clock = time.unsteady(3 * DAY);
  const server = new ServerClock(clock);
  server.learn(told(time), instant(clock));
  const wake = clock.freeze();
  await time.advance(8 * 60 * MINUTE);
  wake();
  expect(Math.abs(server.now() - time.now())).toBeLessThan(2000);
});

it('a token that was sent before a sleep and comes after it sets no clock', async () => {
  const time = new VirtualTime();
  const clock = time.unsteady();
  const server = new ServerClock(clock);
  const asked = instant(clock);
  const sent = told(time);
  const wake = clock.freeze();
  await time.advance(8 * 60 * MINUTE);
  wake();
  server.learn(sent, asked);
  expect(server.now()).toBe(time.now());
});

it.each([{ exp: 0, expiresIn: 3600 }, { exp: 4_000_000_000 }])(
  'a token that does not tell the time (%j) changes nothing',
  (vended) => {
    const time = new VirtualTime();
    const server = new ServerClock(time);
    server.learn({ token: 't', ...vended }, instant(time));
    expect(server.now()).toBe(time.now());
  },
);
