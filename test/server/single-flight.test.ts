import { expect, it } from 'vitest';
import { SingleFlight } from '../../src/server/single-flight.js';
import { FakeClock } from './support.js';

const flights = (clock: FakeClock) =>
  new SingleFlight<string>({ clock, limit: 10, full: () => new Error('full') });

it('does the work once for all who ask meanwhile', async () => {
  const clock = new FakeClock();
  const made = flights(clock);
  let finish: (value: string) => void = () => {};
  const work = () =>
    new Promise<string>((resolve) => {
      finish = resolve;
    });
  const asked = [made.run('k', work), made.run('k', async () => 'never')];
  // Work takes as long as it takes.
  await clock.advance(60_000);
  finish('done');
  expect(await Promise.all(asked)).toEqual([
    { value: 'done', joined: false },
    { value: 'done', joined: true },
  ]);
  expect(clock.timers).toBe(0);
});

it('does the work of a request that was dropped with its timers', async () => {
  const clock = new FakeClock();
  const made = flights(clock);
  void made.run('k', () => new Promise(() => {}));
  clock.forgetTimers();
  const asked = made.run('k', async () => 'mine');
  await clock.advance(5000);
  expect(await asked).toEqual({ value: 'mine', joined: false });
});

it('is full of work that is under way, and not of what was dropped', async () => {
  const clock = new FakeClock();
  const made = flights(clock);
  const drop = (key: string) => void made.run(key, () => new Promise(() => {}));
  for (let flight = 0; flight < 9; flight++) drop(`gone ${flight}`);
  clock.forgetTimers();
  let finish: (value: string) => void = () => {};
  const alive = made.run(
    'alive',
    () =>
      new Promise<string>((resolve) => {
        finish = resolve;
      }),
  );
  const ask = (key: string) => made.run(key, async () => 'mine');
  await expect(ask('k')).rejects.toThrow('full');
  await clock.advance(2100);
  expect(await ask('k')).toEqual({ value: 'mine', joined: false });
  const joined = ask('alive');
  finish('done');
  expect(await Promise.all([alive, joined])).toEqual([
    { value: 'done', joined: false },
    { value: 'done', joined: true },
  ]);
});

it('shares a failure, and tries again for who asks after it', async () => {
  const made = flights(new FakeClock());
  const fail = () => Promise.reject(new Error('no'));
  const outcomes = await Promise.allSettled([made.run('k', fail), made.run('k', fail)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await made.run('k', async () => 'yes')).toEqual({ value: 'yes', joined: false });
});
