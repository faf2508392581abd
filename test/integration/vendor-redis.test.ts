import { Redis } from 'ioredis';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { createTokenVendor, sealedTokenCache, type TokenCache } from 'momento-chat/server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startRedis } from '../server/redis-server.js';
import { eventLog } from '../server/support.js';

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

let redis: Redis;
let server: { port: number; stop: () => Promise<void> };
let momento: LocalMomento;

beforeAll(async () => {
  [server, momento] = await Promise.all([startRedis(), startLocalMomento({ caches: ['chat'] })]);
  redis = new Redis(server.port, '127.0.0.1', { maxRetriesPerRequest: 1, enableOfflineQueue: true });
  redis.on('error', () => {});
}, 180_000);
afterAll(async () => {
  redis?.disconnect();
  await Promise.all([server?.stop(), momento?.close()]);
});

/** The example of docs/token-vendor.md. */
function redisTokenCache(client: Redis): TokenCache {
  return {
    async get(key) {
      const text = await client.get(`token:${key}`);
      return text === null ? undefined : JSON.parse(text);
    },
    async set(key, token, ttlSeconds) {
      await client.set(`token:${key}`, JSON.stringify(token), 'EX', ttlSeconds);
    },
    async delete(key) {
      await client.del(`token:${key}`);
    },
    async increment(key, ttlSeconds) {
      const [[, count] = []] =
        (await client.multi().incr(`count:${key}`).expire(`count:${key}`, ttlSeconds).exec()) ?? [];
      return Number(count);
    },
  };
}

function vendorWith(
  tokenCache: TokenCache,
  rateLimit: { perIp: number; windowSeconds: number } | false = false,
) {
  const log = eventLog();
  const vendor = createTokenVendor({
    auth: { apiKey: momento.apiKey, endpoint: momento.url },
    authorize: (_, rooms) => ({ rooms, role: 'member' }),
    tokenCache,
    tokenCacheTimeoutMs: 30_000,
    rateLimit,
    mintLimit: { perSecond: 100 },
    onEvent: log.onEvent,
  });
  const vend = () => vendor.vend({ ip: '192.0.2.7', rooms: ['a'], identity: { userId: 'ada@example.com' } });
  return { vend, ...log };
}

describe('a token cache on a real Redis', () => {
  it('shares tokens and the rate limit among servers that share the API key, and tells nothing', async () => {
    const cache = sealedTokenCache(redisTokenCache(redis), 'a secret of some length');
    const one = vendorWith(cache, { perIp: 3, windowSeconds: 86_400 });
    const two = vendorWith(cache, { perIp: 3, windowSeconds: 86_400 });
    const { token } = await one.vend();
    expect((await two.vend()).token).toBe(token);
    expect([...one.types(), ...two.types()]).toEqual(['minted', 'reused']);
    expect((await one.vend()).token).toBe(token);
    await expect(two.vend()).rejects.toMatchObject({ status: 429 });

    const keys = await redis.keys('*');
    expect(keys.map((key) => key.split(':')[0]).sort()).toEqual(['count', 'token']);
    for (const key of keys) {
      const stored = `${key} ${await redis.get(key)}`;
      for (const secret of [token, 'ada@example.com', '192.0.2.7']) expect(stored).not.toContain(secret);
      expect(await redis.ttl(key)).toBeGreaterThan(0);
    }
  });

  it('that goes away in the middle costs nothing but the sharing', async () => {
    const { vend, events } = vendorWith(redisTokenCache(redis));
    const { token } = await vend();
    await server.stop();
    expect((await vend()).token).toBe(token);
    expect(events.at(-2)).toMatchObject({ type: 'failed', step: 'cache-read', recovered: true });
    expect(events.at(-1)).toMatchObject({ type: 'reused' });
  });
});
