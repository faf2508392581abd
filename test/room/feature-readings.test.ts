import { describe, expect, it } from 'vitest';
import { featureReadings } from '../../src/room/feature-readings.js';
import { ChatError } from '../../src/shared/errors.js';
import { VirtualTime } from '../support/virtual-time.js';

/** The readings of a joined room, and one of a feature that takes a second. */
async function joined() {
  const time = new VirtualTime();
  const errors: string[] = [];
  const readings = featureReadings({ clock: time, ids: () => [], report: ({ code }) => errors.push(code) });
  const life = new AbortController();
  const seen = { begun: 0, ended: 0, overlapped: false, ends: [] as (() => void)[] };
  let fails: ChatError | undefined;
  readings.onResync(async () => {
    if (seen.begun > seen.ended) seen.overlapped = true;
    seen.begun += 1;
    await new Promise<void>((resolve) => seen.ends.push(resolve));
    seen.ended += 1;
    if (fails !== undefined) throw fails;
  });
  readings.begin(life.signal);
  readings.joined();
  await time.advance(0);
  const fail = (code: 'network' | 'permission-denied') => {
    fails = new ChatError(code, 'unable to read');
  };
  return { time, readings, life, seen, errors, fail };
}

describe('the readings of a feature', () => {
  it('never overlap, and the last one began after the last occasion', async () => {
    const { time, readings, seen } = await joined();
    readings.resync();
    readings.resync();
    await time.advance(0);
    expect(seen).toMatchObject({ begun: 1, overlapped: false });
    seen.ends.shift()?.();
    await time.advance(0);
    expect(seen).toMatchObject({ begun: 2, overlapped: false });
    seen.ends.shift()?.();
    await time.advance(60_000);
    expect(seen).toMatchObject({ begun: 2, ended: 2 });
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    'begin once more when something may have been missed %i turns after the last one ended',
    async (turns) => {
      const { time, readings, seen } = await joined();
      seen.ends.shift()?.();
      await time.advance(0);
      readings.resync();
      await time.advance(0);
      seen.ends.shift()?.();
      for (let turn = 0; turn < turns; turn += 1) await undefined;
      readings.resync();
      await time.advance(0);
      expect(seen.begun).toBe(3);
    },
  );

  it('are repeated after a failure that may pass, and told of', async () => {
    const { time, seen, errors, fail } = await joined();
    fail('network');
    seen.ends.shift()?.();
    await time.advance(10_000);
    expect(seen.begun).toBe(2);
    expect(errors).toEqual(['network']);
  });

  it('are told of after a failure that does not pass, and made again at the next occasion', async () => {
    const { time, readings, seen, errors, fail } = await joined();
    fail('permission-denied');
    seen.ends.shift()?.();
    await time.advance(60_000);
    expect(errors).toEqual(['permission-denied']);
    expect(seen.begun).toBe(1);
    readings.resync();
    expect(seen.begun).toBe(2);
  });

  it('end with the join', async () => {
    const { time, readings, life, seen, errors, fail } = await joined();
    readings.resync();
    fail('network');
    life.abort();
    readings.end();
    seen.ends.shift()?.();
    readings.resync();
    await time.advance(60_000);
    expect(seen.begun).toBe(1);
    expect(errors).toEqual([]);
    expect(time.pending).toBe(0);
  });
});
