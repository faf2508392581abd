import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  type AuthClientLike,
  createTokenVendor,
  type TokenCache,
  type VendedToken,
} from 'momento-chat/server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventLog, settle, success } from '../server/support.js';

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

// About half a minute of one core. VENDOR_CHAOS_REQUESTS makes it shorter or longer, VENDOR_CHAOS_SEED repeats it.
const REQUESTS = Number(process.env.VENDOR_CHAOS_REQUESTS ?? 20_000);
const SEED = Number(process.env.VENDOR_CHAOS_SEED ?? Date.now() % 1_000_000);
const CONCURRENCY = 200;
const USERS = 40;

// Mulberry32: small, and the same everywhere.
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const random = randomFrom(SEED);
const oneOf = <Value>(values: readonly Value[]): Value =>
  values[Math.floor(random() * values.length)] as Value;
const chance = (probability: number): boolean => random() < probability;
const never = (): Promise<never> => new Promise(() => {});
const now = (): number => Math.floor(Date.now() / 1000);

let collect: () => void;
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown) => void unhandled.push(reason);
beforeAll(() => {
  setFlagsFromString('--expose-gc');
  collect = runInNewContext('gc') as () => void;
  process.on('unhandledRejection', onUnhandled);
});
afterAll(() => void process.off('unhandledRejection', onUnhandled));

/** Mints tokens that say whose they are and what for; fails, hangs, and lies. */
function chaoticAuth(): AuthClientLike & { valid: Set<string> } {
  const valid = new Set<string>();
  let mints = 0;
  return {
    valid,
    async generateDisposableToken(scope, expiresIn, props) {
      mints += 1;
      if (chance(0.02)) throw new Error('a bug in the client');
      if (chance(0.002)) return never();
      if (chance(0.05)) {
        return {
          type: 'Error',
          errorCode: () => oneOf(['SERVER_UNAVAILABLE', 'INTERNAL_SERVER_ERROR', 'X', 42]),
        } as never;
      }
      if (chance(0.05)) {
        return oneOf<unknown>([
          undefined,
          null,
          'token',
          success('', now() + 60),
          success(42, now() + 60),
          success('expired', now() - 60),
          success('soon', 'soon'),
          { type: 'Success', authToken: 'bare' },
        ]) as never;
      }
      const token = JSON.stringify([mints, props?.tokenId ?? null, scope.permissions]);
      valid.add(token);
      return success(token, now() + expiresIn.seconds());
    },
  };
}

/** Keeps entries of everybody; fails, hangs, forgets, and gives away what belongs to others. */
function chaoticCache(): TokenCache & { size: () => number } {
  const entries = new Map<string, VendedToken>();
  const counters = new Map<string, number>();
  return {
    size: () => entries.size,
    async get(key) {
      if (chance(0.01)) throw new Error('the cache is down');
      if (chance(0.0005)) return never();
      if (chance(0.02)) return undefined;
      const entry = entries.get(key);
      if (!chance(0.1)) return entry;
      const others = [...entries.values()];
      const other = oneOf(others) ?? { token: 'x', exp: now() + 600 };
      return oneOf<unknown>([
        other,
        { ...entry, token: other.token },
        { ...entry, exp: now() + 90_000 },
        { ...other, exp: now() + 90_000 },
        { ...entry, seal: undefined },
        { token: 'forged', exp: now() + 3600, seal: 'forged' },
        'rubbish',
        42,
        null,
        [],
        {},
      ]) as VendedToken;
    },
    async set(key, token) {
      if (chance(0.01)) throw new Error('the cache is full');
      if (chance(0.0005)) return never();
      if (chance(0.02)) return;
      if (entries.size >= 2000) entries.clear();
      entries.set(key, structuredClone(token));
    },
    async increment(key) {
      if (chance(0.01)) throw new Error('the cache is down');
      if (chance(0.0002)) return never();
      if (chance(0.01)) return oneOf<unknown>([Number.NaN, -1, '7', undefined]) as number;
      if (counters.size > 5000) counters.clear();
      counters.set(key, (counters.get(key) ?? 0) + 1);
      return counters.get(key) ?? 1;
    },
  };
}

describe(`chaos (seed ${SEED})`, () => {
  it(`${REQUESTS.toLocaleString('en')} requests: no wrong token to anyone, nothing unhandled, memory flat`, {
    timeout: 300_000,
  }, async () => {
    const auth = chaoticAuth();
    const log = eventLog();
    const types = new Map<string, number>();
    const grants = [
      (rooms: string[]) => ({ rooms, role: 'member' as const }),
      (rooms: string[]) => ({ rooms, role: 'reader' as const }),
      (rooms: string[]) => ({ rooms: { prefix: rooms[0] ?? 'x' }, role: 'member' as const }),
    ];
    const vendor = createTokenVendor({
      auth,
      authenticate: (request) => {
        if (chance(0.01)) throw new Error('no database');
        const userId = request.headers.get('x-user');
        return userId === null ? null : { userId, kind: request.headers.get('x-kind') };
      },
      authorize: (identity, rooms) => {
        if (chance(0.01)) throw new Error('no database');
        return grants[Number(identity?.kind)]?.(rooms) ?? null;
      },
      tokenCache: chaoticCache(),
      ttlSeconds: 600,
      mintLimit: { perSecond: 1000, queue: 1000, timeoutSeconds: 1 },
      rateLimit: { perIp: REQUESTS, windowSeconds: 3600 },
      onEvent: (event) => {
        types.set(event.type, (types.get(event.type) ?? 0) + 1);
        if (log.events.length < 1000) log.events.push(event);
        if (chance(0.01)) throw new Error('the log is full');
      },
    });
    const statuses = new Map<number, number>();
    const wrong: unknown[] = [];
    const heap: number[] = [];
    let asked = 0;

    const check = (vended: VendedToken, userId: string, kind: number, rooms: string[]): void => {
      const [, tokenId, permissions] = auth.valid.has(vended.token) ? JSON.parse(vended.token) : [];
      const text = JSON.stringify(permissions);
      const reads = kind === 1;
      const expected =
        kind === 2
          ? text?.includes(`"namePrefix":"${rooms[0]}"`)
          : rooms.every((room) => text?.includes(`"topic":"${room}-chat"`)) &&
            permissions?.length === rooms.length * 4;
      const fine =
        tokenId === userId &&
        vended.userId === userId &&
        expected &&
        text.includes('"readwrite"') !== reads &&
        vended.exp > now() &&
        vended.exp <= now() + 600 &&
        (vended.expiresIn ?? 0) > 59;
      if (!fine) wrong.push({ vended, userId, kind, rooms });
    };

    const client = async (): Promise<void> => {
      while (asked < REQUESTS) {
        asked += 1;
        if (asked % Math.ceil(REQUESTS / 20) === 0) {
          collect();
          heap.push(process.memoryUsage().heapUsed);
        }
        const userId = `user ${Math.floor(random() * USERS)}`;
        const kind = Math.floor(random() * 3);
        const rooms = [...new Set([oneOf(['a', 'b', 'c', '__proto__']), oneOf(['a', 'b'])])];
        const ip = `10.0.0.${userId.length % 4}`;
        if (chance(0.5)) {
          const query = rooms.map((room) => `room=${room}`).join('&');
          const headers = { 'x-user': userId, 'x-kind': String(kind) };
          const response = await vendor.fetch(new Request(`http://x/?${query}`, { headers }), { ip });
          statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
          if (response.ok) check(await response.json(), userId, kind, rooms);
        } else {
          await vendor.vend({ ip, rooms, identity: { userId, kind } }).then(
            (vended) => {
              statuses.set(200, (statuses.get(200) ?? 0) + 1);
              check(vended, userId, kind, rooms);
            },
            (error: { status: number }) => statuses.set(error.status, (statuses.get(error.status) ?? 0) + 1),
          );
        }
      }
    };
    // Tokens live for ten minutes, so nothing goes stale and whatever is handed out must be right.
    await Promise.all(Array.from({ length: CONCURRENCY }, client));
    await settle();

    const total = [...statuses.values()].reduce((sum, count) => sum + count, 0);
    expect(wrong.slice(0, 3)).toEqual([]);
    expect(unhandled).toEqual([]);
    expect(total).toBe(REQUESTS);
    expect([...statuses.keys()].filter((status) => ![200, 429, 500, 502, 503].includes(status))).toEqual([]);
    expect(statuses.get(200) ?? 0).toBeGreaterThan(REQUESTS * 0.9);
    const text = JSON.stringify(log.events);
    for (const token of [...auth.valid].slice(0, 200)) expect(text).not.toContain(token);
    // Once warm, the second half of the run needs no more memory than the first.
    const half = heap.length >> 1;
    const warm = Math.max(...heap.slice(half >> 1, half));
    expect(Math.min(...heap.slice(-3)) - warm).toBeLessThan(24 * 1024 * 1024);
  });
});
