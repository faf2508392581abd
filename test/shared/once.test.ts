import { describe, expect, it } from 'vitest';
import { loadOnce } from '../../src/shared/load-once.js';
import { oncePerTurn } from '../../src/shared/once-per-turn.js';

describe('oncePerTurn()', () => {
  it('acts at the end of the turn, once for all calls in it, and again in the next', async () => {
    let acts = 0;
    const act = oncePerTurn(() => {
      acts += 1;
    });
    act();
    act();
    expect(acts).toBe(0);
    await Promise.resolve();
    expect(acts).toBe(1);
    act();
    await Promise.resolve();
    expect(acts).toBe(2);
  });

  it('acts once more for a call that the act itself makes', async () => {
    let acts = 0;
    const act = oncePerTurn(() => {
      acts += 1;
      if (acts === 1) act();
    });
    act();
    await new Promise((resolve) => setImmediate(resolve));
    expect(acts).toBe(2);
  });
});

describe('loadOnce()', () => {
  it('loads when it is first called, and once', async () => {
    let loads = 0;
    const load = loadOnce(async () => {
      loads += 1;
      return loads;
    });
    expect(loads).toBe(0);
    expect(await Promise.all([load(), load()])).toEqual([1, 1]);
    expect(await load()).toBe(1);
  });

  it('tries again after a failure, which all who waited are told of', async () => {
    const ends = ['no network', undefined];
    const load = loadOnce(async () => {
      const problem = ends.shift();
      if (problem !== undefined) throw new Error(problem);
      return 'loaded';
    });
    const outcomes = await Promise.allSettled([load(), load()]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await load()).toBe('loaded');
  });
});
