import { expect, it } from 'vitest';
import { elapsedBetween } from '../../src/shared/clock.js';

it.each([
  ['goes on', { wall: 1000, monotonic: 50 }, { wall: 1250, monotonic: 300 }, 250],
  ['is set back', { wall: 601_000, monotonic: 50 }, { wall: 1250, monotonic: 300 }, 250],
  ['alone goes on in a sleep', { wall: 1000, monotonic: 50 }, { wall: 9000, monotonic: 50 }, 8000],
  [
    'was set back between an end and a later start',
    { wall: 1000, monotonic: 50 },
    { wall: 601_000, monotonic: 40 },
    -10,
  ],
])('counts what passed by the clock that ran on, when the wall clock %s', (_, start, end, elapsed) => {
  expect(elapsedBetween(start, end)).toBe(elapsed);
});
