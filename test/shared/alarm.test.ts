import { expect, it } from 'vitest';
import { Alarm } from '../../src/shared/alarm.js';
import { VirtualTime } from '../support/virtual-time.js';

function alarm() {
  const time = new VirtualTime();
  const rung: number[] = [];
  const began = time.monotonic();
  const made = new Alarm(time, () => rung.push(time.monotonic() - began));
  return { time, rung, alarm: made, at: (ms: number) => began + ms };
}

it('rings once, when its moment has come, and is not set then', async () => {
  const { time, rung, alarm: one, at } = alarm();
  one.at = at(100);
  expect(one.at).toBe(at(100));
  await time.advance(1000);
  expect([rung, one.at, time.pending]).toEqual([[100], Number.POSITIVE_INFINITY, 0]);
});

it('set anew it rings at the new moment alone, earlier or later', async () => {
  const { time, rung, alarm: one, at } = alarm();
  for (const ms of [300, 100, 200]) one.at = at(ms);
  await time.advance(1000);
  expect(rung).toEqual([200]);
});

it('G5: set to never it leaves no timer', () => {
  const { time, alarm: one, at } = alarm();
  one.at = at(100);
  one.at = Number.POSITIVE_INFINITY;
  expect(time.pending).toBe(0);
});

it('for a moment that has passed it rings at once, but not within the turn', async () => {
  const { time, rung, alarm: one, at } = alarm();
  one.at = at(-5000);
  expect(rung).toEqual([]);
  await time.advance(0);
  expect(rung).toEqual([0]);
});

it('may be set again while it rings', async () => {
  const time = new VirtualTime();
  let rung = 0;
  const one: Alarm = new Alarm(time, () => {
    rung += 1;
    one.at = time.monotonic() + 10;
  });
  one.at = time.monotonic() + 10;
  await time.advance(55);
  one.at = Number.POSITIVE_INFINITY;
  expect([rung, time.pending]).toEqual([5, 0]);
});
