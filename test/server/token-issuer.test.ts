import { describe, expect, it, vi } from 'vitest';
import { resolveOptions } from '../../src/server/options.js';
import { TokenIssuer } from '../../src/server/token-issuer.js';
import type { AuthClientLike, TokenCache, TokenVendorOptions } from '../../src/server/types.js';
import type { VendedToken } from '../../src/shared/vended-token.js';
import { countingAuth, error, eventLog, FakeClock, settle } from './support.js';

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const HOUR = 3600;
const DAY = 24 * HOUR;

function vending(clock: FakeClock, options: Partial<TokenVendorOptions> = {}) {
  const auth = countingAuth(() => clock.time);
  const log = eventLog();
  const resolved = resolveOptions({ auth, rooms: ['a', 'b'], onEvent: log.onEvent, ...options });
  const made = new TokenIssuer(resolved, clock);
  const vend = (address = '192.0.2.1', rooms = ['a'], rejected = false) =>
    made.vend({ address, rooms, identity: undefined, rejected });
  return { vend, made, mints: auth.mints, ...log };
}

/** Runs to the end while time passes. */
async function during<Value>(clock: FakeClock, work: Promise<Value>): Promise<Value> {
  let done = false;
  const finished = work.finally(() => {
    done = true;
  });
  finished.catch(() => {});
  while (!done) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await clock.advance(50);
  }
  return finished;
}

describe('a token', () => {
  it.each([-5 * DAY, -HOUR, -600, 600])(
    'is vended, and replaced when Momento refused it, though the clock of the server jumps by %i s',
    async (jump) => {
      const clock = new FakeClock();
      const { vend, types } = vending(clock, { ttlSeconds: 3600 });
      const first = await during(clock, vend());
      const second = await during(clock, vend('192.0.2.1', ['a'], true));
      clock.wallOffset = jump * 1000;
      await clock.advance(3000);
      const third = await during(clock, vend('192.0.2.1', ['a'], true));
      expect(new Set([first.token, second.token, third.token]).size).toBe(3);
      expect(types()).toEqual(['minted', 'minted', 'minted']);
      // Nor is it said to live for longer than it does.
      expect((await during(clock, vend())).expiresIn).toBeLessThanOrEqual(3600);
    },
  );

  it('is not handed out beyond its life by a clock that was set back', async () => {
    const clock = new FakeClock();
    const { vend } = vending(clock, { ttlSeconds: 3600 });
    const first = await during(clock, vend());
    clock.wallOffset = -HOUR * 1000;
    await clock.advance(3500 * 1000);
    expect((await during(clock, vend())).token).not.toBe(first.token);
  });

  it('is remembered when a shared cache can be read but not written', async () => {
    const readOnly: TokenCache = { get: async () => undefined, set: () => Promise.reject(new Error('full')) };
    const clock = new FakeClock();
    const { vend, mints } = vending(clock, { tokenCache: readOnly });
    const first = await during(clock, vend());
    for (let request = 0; request < 20; request += 1)
      expect((await during(clock, vend())).token).toBe(first.token);
    expect(mints).toHaveLength(1);
  });

  it.each<[string, (entries: Map<string, VendedToken>) => Partial<TokenCache>]>([
    ['takes no other', () => ({ set: () => Promise.reject(new Error('full')) })],
    [
      'lags behind',
      (entries) => {
        const before = new Map(entries);
        return { get: async (key) => before.get(key) };
      },
    ],
  ])('that Momento refused is not handed out again by a shared cache that %s', async (_, fails) => {
    const entries = new Map<string, VendedToken>();
    const tokenCache: TokenCache = {
      get: async (key) => entries.get(key),
      set: async (key, token) => void entries.set(key, token),
    };
    const clock = new FakeClock();
    const { vend, mints } = vending(clock, { tokenCache });
    await during(clock, vend());
    await clock.advance(10_000);
    Object.assign(tokenCache, fails(entries));
    const successor = await during(clock, vend('192.0.2.1', ['a'], true));
    for (let request = 0; request < 3; request += 1)
      expect((await during(clock, vend())).token).toBe(successor.token);
    expect(mints).toHaveLength(2);
  });

  it('is counted apart by two vendors on one cache', async () => {
    const counts = new Map<string, number>();
    const shared: TokenCache = {
      get: async () => undefined,
      set: async () => {},
      async increment(key) {
        counts.set(key, (counts.get(key) ?? 0) + 1);
        return counts.get(key) ?? 0;
      },
    };
    const clock = new FakeClock();
    const secret = 'a secret of some length';
    const one = vending(clock, { tokenCache: shared, secret, rooms: ['a'] });
    const other = vending(clock, { tokenCache: shared, secret, rooms: ['b'] });
    await one.made.admit('192.0.2.1');
    await other.made.admit('192.0.2.1');
    expect([...counts.values()]).toEqual([1, 1]);
  });

  it('is handed out until a tenth of its life is left, then renewed', async () => {
    const clock = new FakeClock();
    const { vend, mints } = vending(clock, { ttlSeconds: 1000 });
    const first = await during(clock, vend());
    clock.time = first.exp * 1000 - 101_000;
    expect(await during(clock, vend())).toMatchObject({ token: first.token, expiresIn: 101 });
    clock.time = first.exp * 1000 - 100_000;
    const second = await during(clock, vend());
    expect(second.token).not.toBe(first.token);
    expect(second.expiresIn).toBeGreaterThanOrEqual(999);
    expect(mints).toHaveLength(2);
  });

  it('that Momento refused is not handed out again; all who shared it share its successor', async () => {
    const clock = new FakeClock();
    const { vend, mints, types } = vending(clock);
    const refused = () => during(clock, vend('192.0.2.1', ['a'], true));
    const first = await during(clock, vend());
    const successors = await Promise.all([refused(), refused()]);
    successors.push(await refused(), await during(clock, vend()));
    expect(new Set(successors.map(({ token }) => token)).size).toBe(1);
    expect(successors[0]?.token).not.toBe(first.token);
    expect(types()).toEqual(['minted', 'minted', 'reused', 'reused', 'reused']);
    clock.time += 2000;
    expect((await refused()).token).not.toBe(successors[0]?.token);
    expect(mints).toHaveLength(3);
  });

  it('is minted once for all who ask at the same time, and the failure of a mint is shared too', async () => {
    const clock = new FakeClock();
    let answer: (value: { type: string }) => void = () => {};
    let calls = 0;
    const auth: AuthClientLike = {
      generateDisposableToken: () => {
        calls += 1;
        return new Promise((resolve) => {
          answer = resolve;
        });
      },
    };
    const { vend, types } = vending(clock, { auth });
    const waiting = Promise.allSettled([vend(), vend(), vend()]);
    await expect.poll(() => calls, { timeout: 20_000 }).toBe(1);
    answer(error('AUTHENTICATION_ERROR'));
    expect((await waiting).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(calls).toBe(1);
    expect(types()).toEqual([]);
    clock.time += 1000;
    void vend().catch(() => {});
    await expect.poll(() => calls, { timeout: 20_000 }).toBe(2);
    answer(error('AUTHENTICATION_ERROR'));
    await settle();
  });

  it('is another one with another address, other rooms, another life or another cache', async () => {
    const clock = new FakeClock();
    const store = new Map();
    const tokenCache: TokenCache = {
      get: async (key) => store.get(key),
      set: async (key, token) => void store.set(key, token),
    };
    const secret = 'a secret that they share';
    const one = vending(clock, { tokenCache, secret });
    await during(clock, one.vend());
    await during(clock, one.vend('192.0.2.2'));
    await during(clock, one.vend('192.0.2.1', ['b']));
    await during(clock, one.vend('192.0.2.1', ['a', 'b']));
    await during(clock, vending(clock, { tokenCache, secret, ttlSeconds: 60 }).vend());
    await during(clock, vending(clock, { tokenCache, secret, cache: 'other' }).vend());
    const scope = () => ({ permissions: [{ role: 'readonly', cache: 'chat', item: 'a' }] });
    await during(clock, vending(clock, { tokenCache, secret, scope }).vend());
    expect(store.size).toBe(7);
    await during(clock, one.vend());
    const again = vending(clock, { tokenCache, secret });
    await during(clock, again.vend());
    expect(store.size).toBe(7);
    expect(again.mints).toHaveLength(0);
  });

  it('is kept under a key that tells neither address nor user, and not by another secret', async () => {
    const clock = new FakeClock();
    const keys: string[] = [];
    const tokenCache: TokenCache = { get: async () => undefined, set: async (key) => void keys.push(key) };
    for (const secret of ['the first of secrets', 'the second of secrets', undefined, undefined]) {
      await during(clock, vending(clock, { tokenCache, secret }).vend());
    }
    expect(new Set(keys).size).toBe(4);
    for (const key of keys) expect(key).toMatch(/^[\w-]{43}$/);
  });
});

describe('a custom cache', () => {
  it.each<[string, Partial<TokenCache>]>([
    ['throws', { get: () => Promise.reject(new Error('x')), set: () => Promise.reject(new Error('x')) }],
    [
      'throws at once',
      {
        get: () => {
          throw new Error('x');
        },
        set: () => {
          throw new Error('x');
        },
      },
    ],
    ['hangs', { get: () => new Promise(() => {}), set: () => new Promise(() => {}) }],
    ['answers rubbish', { get: async () => 'rubbish' as never }],
    ['answers null', { get: async () => null as never }],
    ['answers an object of another kind', { get: async () => ({ token: 'x', exp: 9e9 }) }],
    ['answers a promise of nothing', { get: () => undefined as never, set: () => undefined as never }],
  ])('that %s costs a mint and nothing else', async (_, broken) => {
    const clock = new FakeClock();
    const tokenCache: TokenCache = { get: async () => undefined, set: async () => {}, ...broken };
    const { vend, mints } = vending(clock, { tokenCache });
    expect(await during(clock, vend())).toMatchObject({ token: 'token-1' });
    expect(mints).toHaveLength(1);
  });
});
