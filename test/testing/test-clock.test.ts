import { ManualClock } from 'momento-chat/local';
import { TestClock } from 'momento-chat/testing';
import { beforeEach, expect, it } from 'vitest';

let real: ManualClock;
let clock: TestClock;
let fired: string[];
const note = (name: string) => () => fired.push(`${name}@${clock.now()}`);

beforeEach(() => {
  real = new ManualClock(1000);
  clock = new TestClock(real);
  fired = [];
});

it('goes with the real time', () => {
  clock.setTimeout(note('a'), 10);
  real.advance(10);
  expect(fired).toEqual(['a@1010']);
});

it('runs what falls due when it is moved, in order and at its time', () => {
  clock.setTimeout(note('late'), 30);
  clock.setTimeout(() => clock.setTimeout(note('nested'), 5), 10);
  clock.setTimeout(note('early'), 10);
  clock.advance(100);
  expect(fired).toEqual(['early@1010', 'nested@1015', 'late@1030']);
  expect(clock.now()).toBe(1100);
});

it('lets what is not yet due come so much sooner', () => {
  clock.setTimeout(note('a'), 100);
  clock.advance(60);
  real.advance(39);
  expect(fired).toEqual([]);
  real.advance(1);
  expect(fired).toEqual(['a@1100']);
  expect(real.pending).toBe(0);
});

it('forgets what is taken back', () => {
  clock.setTimeout(note('a'), 10)();
  clock.advance(20);
  expect(fired).toEqual([]);
  expect(real.pending).toBe(0);
});
