import { expect, it } from 'vitest';
import { CheckpointPolicy } from '../../src/sync/checkpoint-policy.js';

function audits(maxStored: number) {
  let now = 0;
  const schedule = new CheckpointPolicy({ maxStored, clock: { monotonic: () => now } });
  /** How often the list is read while `count` messages come, one each `everyMs`. */
  const during = (count: number, everyMs: number) => {
    let read = 0;
    for (let message = 0; message < count; message += 1) {
      now += everyMs;
      if (schedule.count()) read += 1;
    }
    return read;
  };
  return { schedule, during };
}

it('asks for a reading after each quarter of what is stored', () => {
  expect(audits(1000).during(1000, 100)).toBe(4);
  expect(audits(1).during(3, 60_000)).toBe(3);
});

it('asks for none while the list turns over within ten seconds, and again when it is calm', () => {
  const { during } = audits(1000);
  expect(during(10_000, 1)).toBe(0);
  expect(during(10_000, 9)).toBe(0);
  expect(during(250, 10)).toBe(1);
});

it('counts from the last reading, whatever it was for', () => {
  const { schedule, during } = audits(1000);
  expect(during(249, 100)).toBe(0);
  schedule.restart();
  expect(during(249, 100)).toBe(0);
  expect(during(1, 100)).toBe(1);
});
