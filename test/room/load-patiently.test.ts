import { describe, expect, it } from 'vitest';
import { loadPatiently } from '../../src/room/load-patiently.js';
import { sleep } from '../../src/shared/clock.js';
import { ChatError } from '../../src/shared/errors.js';
import { VirtualTime } from '../support/virtual-time.js';

const MINUTE = 60_000;

/** A room that loads a part. The connection of the room and the part's server are two things. */
function world() {
  const time = new VirtualTime();
  const life = new AbortController();
  const began = time.monotonic();
  const state = { lost: false, served: true, requests: 0 };
  const problem = new ChatError('network', 'unable to use pins; a part of the library cannot be loaded');
  const load = async () => {
    state.requests += 1;
    if (!state.served) throw problem;
    return 'the part';
  };
  const loading = () =>
    loadPatiently(load, {
      action: 'use pins',
      scheduler: time,
      backoff: { baseMs: 250, maxMs: 8000 },
      signal: life.signal,
      patienceMs: 5 * MINUTE,
      isLost: () => state.lost,
      sleep: (ms) => sleep(time, ms, life.signal),
    });
  return { time, life, state, problem, loading, passed: () => time.monotonic() - began };
}

describe('a part that is first needed in a joined room', () => {
  it('is loaded at once', async () => {
    const { loading, time } = world();
    expect(await loading()).toBe('the part');
    expect(time.pending).toBe(0);
  });

  it('that comes after a while is waited for', async () => {
    const { loading, time, state } = world();
    state.served = false;
    time.after(3000, () => {
      state.served = true;
    });
    expect(await time.until(loading())).toBe('the part');
  });

  it('that is gone from its server is given up after some 15 seconds', async () => {
    const { loading, time, state, problem, passed } = world();
    state.served = false;
    await expect(time.until(loading())).rejects.toBe(problem);
    expect(passed()).toBeLessThanOrEqual(15_000);
  });

  it('waits for a lost connection as long as a change does, and no longer', async () => {
    const { loading, time, state, problem, passed } = world();
    Object.assign(state, { served: false, lost: true });
    time.after(4 * MINUTE, () => {
      Object.assign(state, { served: true, lost: false });
    });
    expect(await time.until(loading())).toBe('the part');
    Object.assign(state, { served: false, lost: true });
    const before = passed();
    await expect(time.until(loading())).rejects.toBe(problem);
    expect(passed() - before).toBeGreaterThan(4 * MINUTE);
    expect(passed() - before).toBeLessThanOrEqual(5 * MINUTE);
  });

  it('is no longer waited for once the room is left', async () => {
    const { loading, time, state, life } = world();
    state.lost = true;
    state.served = false;
    const part = loading();
    await time.advance(MINUTE);
    const { requests } = state;
    life.abort();
    await expect(time.until(part)).rejects.toMatchObject({ code: 'closed' });
    expect(state.requests).toBe(requests);
    expect(time.pending).toBe(0);
  });
});
