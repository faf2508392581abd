import { describe, expect, it } from 'vitest';
import { Cadence } from '../../src/transport/cadence.js';
import { VirtualTime } from '../support/virtual-time.js';

/** Beats after each of the pauses; tells which came on time, and the cadence after the last. */
async function beats(...pauses: number[]) {
  const time = new VirtualTime();
  const cadence = new Cadence(time);
  const onTime = [cadence.beat()];
  for (const pause of pauses) {
    await time.advance(pause);
    onTime.push(cadence.beat());
  }
  return { onTime: onTime.slice(1), ms: cadence.ms };
}

describe('the cadence of heartbeats', () => {
  it('is unknown until two have come, and the first one is on time', async () => {
    expect(new Cadence(new VirtualTime()).beat()).toBe(true);
    expect(await beats()).toEqual({ onTime: [], ms: undefined });
  });

  it.each<[what: string, pauses: number[], onTime: boolean[], ms: number | undefined]>([
    ['the second of a stream may be the first of another', [5000], [false], 5000],
    ['steady ones are on time', [5000, 5000, 5000], [false, true, true], 5000],
    ['one a fifth early is on time', [5000, 4000], [false, true], 4000],
    ['one a fifth late is on time', [5000, 6000], [false, true], 6000],
    ['one more than a fifth early is not', [5000, 3999], [false, false], 3999],
    ['one more than a fifth late is not', [5000, 6001], [false, false], 6001],
    [
      'each is held against the last pause, so that a slow drift is none',
      [1000, 1200, 1440],
      [false, true, true],
      1440,
    ],
    ['one out of turn spoils the next as well', [5000, 1000, 4000, 4000], [false, false, false, true], 4000],
    ['two at once are a cadence of 1 ms and not of none', [0], [false], 1],
    ['a pause of 20 s is a cadence', [20_000, 20_000], [false, true], 20_000],
    ['a longer pause is none, and the device may have slept', [5000, 20_001], [false, false], undefined],
    ['rare heartbeats are never on time', [30_000, 30_000], [false, false], undefined],
    ['after a sleep it is learnt anew', [5000, 60_000, 5000, 5000], [false, false, false, true], 5000],
  ])('%s', async (_, pauses, onTime, ms) => {
    expect(await beats(...pauses)).toEqual({ onTime, ms });
  });

  it('keeps to the monotonic clock when the wall clock is set back, and sees a sleep in which that stood still', async () => {
    const time = new VirtualTime();
    const clock = time.unsteady();
    const cadence = new Cadence(clock);
    const next = async (pause: number) => {
      await time.advance(pause);
      return cadence.beat();
    };
    cadence.beat();
    await next(5000);
    clock.jump(-3_600_000);
    expect(await next(5000)).toBe(true);
    const wake = clock.freeze();
    const slept = next(60_000);
    expect(await slept).toBe(false);
    wake();
    expect(cadence.ms).toBeUndefined();
  });
});
