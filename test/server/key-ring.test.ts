import { describe, expect, it, vi } from 'vitest';
import { ExpiringKeyRing, type KeyRingOptions, keyRing } from '../../src/server/minting/key-ring.js';
import { sleep } from '../../src/shared/clock.js';
import { error, FakeClock, success } from './support.js';

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const HOUR = 3600;

/** A key ring over a service that is made up, one hour of life per key. */
function ring(clock: FakeClock, options: Partial<KeyRingOptions> = {}) {
  const saved: unknown[] = [];
  const used: string[] = [];
  const problems: string[] = [];
  let serial = 1;
  let refreshes = 0;
  let broken = false;
  const now = () => Math.floor(clock.time / 1000);
  const made = new ExpiringKeyRing(
    {
      apiKey: 'key 1',
      refreshToken: 'refresh 1',
      expiresAt: now() + HOUR,
      save: (key) => void saved.push(key),
      connect: (apiKey) => ({
        async generateDisposableToken() {
          used.push(apiKey);
          return success('t', now() + 60);
        },
        async refreshApiKey(refreshToken) {
          refreshes += 1;
          if (broken || refreshToken !== `refresh ${serial}`) return error('AUTHENTICATION_ERROR');
          serial += 1;
          const expiresAt = now() + HOUR;
          return {
            type: 'Success',
            apiKey: `key ${serial}`,
            refreshToken: `refresh ${serial}`,
            expiresAt: { epoch: () => expiresAt },
          };
        },
      }),
      onProblem: (problem) => problems.push(problem),
      ...options,
    },
    clock,
  );
  const mint = () => made.generateDisposableToken({}, { doesExpire: () => true, seconds: () => 60 });
  return {
    made,
    mint,
    saved,
    used,
    problems,
    refreshes: () => refreshes,
    break: (is: boolean) => {
      broken = is;
    },
  };
}

describe('a key ring', () => {
  it('renews the key by itself when a fifth of its life is left, saves it, and goes on with it', async () => {
    const clock = new FakeClock();
    const { made, mint, saved, used, refreshes } = ring(clock);
    await clock.advance(HOUR * 0.74 * 1000);
    expect(refreshes()).toBe(0);
    await clock.advance(HOUR * 0.1 * 1000);
    expect(refreshes()).toBe(1);
    expect(saved).toEqual([{ apiKey: 'key 2', refreshToken: 'refresh 2', expiresAt: made.expiresAt }]);
    await mint();
    expect(used).toEqual(['key 2']);
    await clock.advance(10 * HOUR * 1000);
    expect(refreshes()).toBeGreaterThan(10);
    expect(made.expiresAt * 1000).toBeGreaterThan(clock.time);
    made.close();
    expect(clock.timers).toBe(0);
  });

  it('renews it when it is used, where no timer has run', async () => {
    const clock = new FakeClock();
    const { mint, used, refreshes } = ring(clock);
    clock.time += HOUR * 0.9 * 1000;
    await Promise.all([mint(), mint(), mint()]);
    expect(used).toEqual(['key 2', 'key 2', 'key 2']);
    expect(refreshes()).toBe(1);
  });

  it('has saved the new key when the request ends that renewed it, and with it all that it began', async () => {
    const clock = new FakeClock();
    const stored: string[] = [];
    const { mint, made } = ring(clock, {
      save: async ({ apiKey }) => {
        await sleep(clock, 300);
        stored.push(apiKey);
      },
    });
    const inRequest = async (work: () => Promise<unknown>) => {
      clock.time += HOUR * 0.9 * 1000;
      const answered = work().then(() => clock.forgetTimers());
      await clock.advance(1000);
      await answered;
    };
    await inRequest(mint);
    expect(stored).toEqual(['key 2']);
    await inRequest(() => made.refresh());
    expect(stored).toEqual(['key 2', 'key 3']);
    clock.time += HOUR * 1000;
    await inRequest(mint);
    expect(stored).toEqual(['key 2', 'key 3', 'key 4']);
  });

  it('saves a key though the saving of the one before was dropped with its request', async () => {
    const clock = new FakeClock();
    const asked: string[] = [];
    const { mint } = ring(clock, {
      save: ({ apiKey }) => (asked.push(apiKey) === 1 ? new Promise(() => {}) : undefined),
    });
    for (let request = 0; request < 3; request++) {
      clock.time += HOUR * 0.9 * 1000;
      void mint();
      await clock.advance(0);
      clock.forgetTimers();
    }
    expect(asked).toEqual(['key 2', 'key 3', 'key 4']);
  });

  it('is saved at a later request, where no timer runs and saving failed', async () => {
    const clock = new FakeClock();
    const asked: string[] = [];
    const { mint } = ring(clock, {
      save: ({ apiKey }) => {
        if (asked.push(apiKey) < 3) throw new Error('the disk is full');
      },
    });
    clock.forgetTimers();
    clock.time += HOUR * 0.9 * 1000;
    for (let second = 0; second < 90; second++) {
      await mint();
      clock.forgetTimers();
      clock.time += 1000;
    }
    expect(asked).toEqual(['key 2', 'key 2', 'key 2']);
  });

  it.each(['renewing', 'saving'])(
    'lets no mint wait for more than a second when %s hangs',
    async (hanging) => {
      const clock = new FakeClock();
      const { mint, made, used } = ring(
        clock,
        hanging === 'saving' ? { save: () => new Promise(() => {}) } : { load: () => new Promise(() => {}) },
      );
      clock.time += HOUR * 0.9 * 1000;
      for (let request = 0; request < 5; request++) {
        const before = clock.time;
        const waited = mint().then(() => clock.time - before);
        await clock.advance(1000);
        expect(await waited).toBeLessThanOrEqual(500);
      }
      expect(used[0]).toBe(hanging === 'saving' ? 'key 2' : 'key 1');
      made.close();
    },
  );

  it('saves a key whose renewal ends after its mint, and after the ring was closed', async () => {
    const clock = new FakeClock();
    const { mint, made, saved } = ring(clock, {
      connect: () => ({
        generateDisposableToken: async () => success('t', Math.floor(clock.time / 1000) + 60),
        async refreshApiKey() {
          await sleep(clock, 800);
          const expiresAt = { epoch: () => Math.floor(clock.time / 1000) + HOUR };
          return { type: 'Success', apiKey: 'key 2', refreshToken: 'refresh 2', expiresAt };
        },
      }),
    });
    clock.forgetTimers();
    clock.time += HOUR * 0.9 * 1000;
    const minted = mint();
    await clock.advance(600);
    await minted;
    made.close();
    await clock.advance(60_000);
    expect(saved).toHaveLength(1);
  });

  it.each(['load', 'save'] as const)('goes on when %s never answers, and tells of it', async (hanging) => {
    const clock = new FakeClock();
    const { made, used, mint, problems, refreshes } = ring(clock, { [hanging]: () => new Promise(() => {}) });
    await clock.advance(3 * HOUR * 1000);
    expect(refreshes()).toBeGreaterThan(1);
    await mint();
    expect(used).not.toEqual(['key 1']);
    expect(made.expiresAt * 1000).toBeGreaterThan(clock.time);
    const problem = {
      load: 'the saved API key could not be loaded',
      save: 'the renewed API key could not be saved',
    };
    expect(new Set(problems)).toEqual(new Set([problem[hanging]]));
    made.close();
  });

  it.each<[string, NonNullable<KeyRingOptions['load']>]>([
    ['throws', () => JSON.parse('')],
    ['rejects', () => Promise.reject(new Error('torn'))],
    ['gives an expiry in milliseconds', () => ({ apiKey: 'k', refreshToken: 'r', expiresAt: Date.now() })],
    ['gives something else', () => ({ expiresAt: 9e9 }) as never],
  ])('takes nothing for saved when load %s, and renews', async (_, load) => {
    const clock = new FakeClock();
    const { made, problems, refreshes } = ring(clock, { load });
    expect(await made.refresh()).toBe(true);
    expect(refreshes()).toBe(1);
    expect(problems).toEqual(['the saved API key could not be loaded']);
  });

  it.each([-5 * 24 * HOUR, -HOUR, -600, 600, HOUR, 5 * 24 * HOUR])(
    'keeps the key fresh though the clock jumps by %i s',
    async (jump) => {
      const clock = new FakeClock();
      const { made, mint, used, refreshes } = ring(clock);
      await clock.advance(60_000);
      clock.wallOffset = jump * 1000;
      await clock.advance(HOUR * 1000);
      expect(refreshes()).toBeGreaterThan(0);
      expect(refreshes()).toBeLessThan(8);
      expect(await mint()).toMatchObject({ type: 'Success' });
      expect(used.at(-1)).not.toBe('key 1');
      made.close();
    },
  );

  it('is made while a module loads, where no timer may be set', async () => {
    const clock = new FakeClock();
    const refusing = Object.assign(Object.create(clock) as FakeClock, {
      after: () => {
        throw new Error('no timers while a module loads');
      },
    });
    expect(() => ring(refusing)).not.toThrow();
  });

  it('renews it once for all who ask', async () => {
    const { made, refreshes } = ring(new FakeClock());
    expect(await Promise.all([made.refresh(), made.refresh(), made.refresh()])).toEqual([true, true, true]);
    expect(refreshes()).toBe(1);
  });

  it('never mints with an expired key', async () => {
    const clock = new FakeClock();
    const { mint, used, problems, break: breakIt } = ring(clock);
    breakIt(true);
    await clock.advance(2 * HOUR * 1000);
    expect(await mint()).toMatchObject({ type: 'Error' });
    expect(used).toEqual([]);
    expect(problems.length).toBeGreaterThan(3);
    expect(problems.length).toBeLessThan(200);
    expect(new Set(problems)).toEqual(new Set(['the API key could not be renewed']));
  });

  it('tries again until it works, ahead of expiry', async () => {
    const clock = new FakeClock();
    const { made, problems, saved, break: breakIt } = ring(clock);
    breakIt(true);
    await clock.advance(HOUR * 0.85 * 1000);
    expect(problems.length).toBeGreaterThan(0);
    breakIt(false);
    await clock.advance(60_000);
    expect(saved).toHaveLength(1);
    expect(made.expiresAt * 1000).toBeGreaterThan(clock.time + HOUR * 900);
  });

  it('lives on when onProblem throws, or rejects', async () => {
    const unheard = vi.fn();
    process.on('unhandledRejection', unheard);
    try {
      for (const onProblem of [
        async () => Promise.reject(new Error('the log is full')),
        () => {
          throw new Error('the log is full');
        },
      ]) {
        const clock = new FakeClock();
        const { made, break: breakIt } = ring(clock, { onProblem });
        breakIt(true);
        expect(await made.refresh()).toBe(false);
        made.close();
      }
      await new Promise((resolve) => setImmediate(resolve));
      expect(unheard).not.toHaveBeenCalled();
    } finally {
      process.off('unhandledRejection', unheard);
    }
  });

  it('uses a key that could not be saved, and saves it later', async () => {
    const clock = new FakeClock();
    const tries: unknown[] = [];
    let full = true;
    const { mint, used, problems } = ring(clock, {
      save: async (key) => {
        tries.push(key);
        if (full) throw new Error('the disk is full');
      },
    });
    await clock.advance(HOUR * 0.85 * 1000);
    await mint();
    expect(used).toEqual(['key 2']);
    expect(problems).toContain('the renewed API key could not be saved');
    full = false;
    await clock.advance(120_000);
    expect(tries.length).toBeGreaterThan(1);
    expect(tries.at(-1)).toMatchObject({ apiKey: expect.stringMatching(/key \d/) });
  });

  it('saves one key at a time, and the newest last', async () => {
    const clock = new FakeClock();
    const stored: string[] = [];
    const finish: (() => void)[] = [];
    const { made } = ring(clock, {
      save: ({ apiKey }) =>
        new Promise<void>((resolve) => {
          finish.push(() => {
            stored.push(apiKey);
            resolve();
          });
        }),
    });
    for (let renewal = 0; renewal < 3; renewal++) {
      void made.refresh();
      await clock.advance(0);
    }
    // The disk is slow, and slowest with what came first.
    while (finish.length > 0) {
      finish.pop()?.();
      await clock.advance(0);
    }
    expect(stored).toEqual(['key 2', 'key 4']);
    await clock.advance(60_000);
    expect(finish).toEqual([]);
    made.close();
  });

  it('takes the key that another server has renewed and saved', async () => {
    const clock = new FakeClock();
    const { mint, used, refreshes, saved } = ring(clock, {
      load: async () => ({
        apiKey: 'key of another',
        refreshToken: 'r',
        expiresAt: Math.floor(clock.time / 1000) + HOUR,
      }),
    });
    await clock.advance(HOUR * 0.85 * 1000);
    await mint();
    expect(used).toEqual(['key of another']);
    expect(refreshes()).toBe(0);
    expect(saved).toEqual([]);
  });

  it.each<[string, Partial<KeyRingOptions>]>([
    ['apiKey is missing', { apiKey: '' }],
    ['refreshToken is missing', { refreshToken: '' }],
    ['expiresAt must be in seconds', { expiresAt: Number.NaN }],
    ['not milliseconds', { expiresAt: Date.now() }],
    ['save must be a function', { save: undefined as never }],
  ])('says that %s', (message, wrong) => {
    const options = { apiKey: 'k', refreshToken: 'r', expiresAt: 2e9, save: () => {}, ...wrong };
    expect(() => keyRing(options)).toThrow(message);
  });
});
