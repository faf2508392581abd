import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { type AuthClientLike, createTokenVendor, momentoAuth, momentoTokenCache } from 'momento-chat/server';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { cacheClientOf, eventLog, serve } from '../server/support.js';

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

type Options = Parameters<typeof createTokenVendor>[0];

async function local(options: Parameters<typeof startLocalMomento>[0] = {}): Promise<LocalMomento> {
  const momento = await startLocalMomento({ caches: ['chat', 'user'], ...options });
  open.push(() => momento.close());
  return momento;
}

async function vendorOverHttp(momento: LocalMomento, options: Partial<Options> = {}) {
  const log = eventLog();
  const starts: number[] = [];
  const real = momentoAuth({ apiKey: momento.apiKey, endpoint: momento.url });
  const auth: AuthClientLike = {
    generateDisposableToken(...call) {
      starts.push(performance.now());
      return real.generateDisposableToken(...call);
    },
  };
  const vendor = createTokenVendor({
    auth,
    ...(options.authorize === undefined ? { rooms: ['a', 'b'] } : {}),
    rateLimit: false,
    // Only one test is about a slow cache; in the others a busy machine must not pass for one.
    tokenCacheTimeoutMs: 30_000,
    onEvent: log.onEvent,
    ...options,
  });
  const { url, close } = await serve(vendor);
  open.push(close);
  const get = (query = '?room=a', headers: Record<string, string> = {}) =>
    fetch(`${url}/${query}`, { headers });
  return { url, get, starts, vendor, ...log };
}

describe('many cold requests at once', () => {
  it('1,000 for one key are 1 mint', async () => {
    const { get, starts, types } = await vendorOverHttp(await local({ limits: { tokenMintsPerSecond: 5 } }));
    const responses = await Promise.all(Array.from({ length: 1000 }, () => get()));
    const tokens = await Promise.all(responses.map(async (response) => (await response.json()).token));
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(tokens).size).toBe(1);
    expect(starts).toHaveLength(1);
    expect(types().filter((type) => type === 'reused')).toHaveLength(999);
  });

  it('1,000 for 1,000 keys are paced below 5 a second, and the overflow is a 429 with Retry-After', async () => {
    const { get, starts } = await vendorOverHttp(await local({ limits: { tokenMintsPerSecond: 5 } }), {
      trustProxy: 1,
      // Long enough for three seconds of mints. One of forty takes ten.
      mintLimit: { queue: 12 },
    });
    const startedAt = performance.now();
    const responses = await Promise.all(
      Array.from({ length: 1000 }, (_, i) =>
        get('?room=a', { 'x-forwarded-for': `10.1.${i >> 8}.${i & 255}` }),
      ),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    const refused = responses.filter(({ status }) => status === 429);
    const served = responses.filter(({ status }) => status === 200);
    expect(served.length + refused.length).toBe(1000);
    // The first at once, then the queue; more find a place when they arrive later than others are served.
    expect(served.length).toBeGreaterThanOrEqual(13);
    expect(served.length).toBeLessThanOrEqual(14 + 4 * seconds);
    expect(seconds).toBeLessThan(served.length / 4 + 20);
    for (const response of refused) {
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      expect(Number(response.headers.get('retry-after'))).toBeLessThanOrEqual(4);
    }
    // On a busy machine Momento can see two mints closer together than they were started, and refuse one.
    expect(starts.length).toBeGreaterThanOrEqual(served.length);
    expect(starts.length).toBeLessThanOrEqual(served.length * 1.2);
    for (const [i, at] of starts.entries()) {
      expect(starts.slice(i).filter((other) => other - at < 1000).length).toBeLessThanOrEqual(5);
    }
    expect(
      new Set(await Promise.all(served.map(async (response) => (await response.json()).token))).size,
    ).toBe(served.length);
  });
});

describe('when Momento fails to mint', () => {
  const fast = { mintLimit: { perSecond: 100, timeoutSeconds: 2 } };

  it('for a moment, nobody notices', async () => {
    const momento = await local();
    const { get, starts } = await vendorOverHttp(momento, fast);
    momento.faults.failNext({ rpc: 'GenerateDisposableToken', code: 'UNAVAILABLE', times: 2 });
    expect((await get()).status).toBe(200);
    expect(starts).toHaveLength(3);
  });

  it.each([
    ['UNAUTHENTICATED', 502, 'server'],
    ['PERMISSION_DENIED', 502, 'server'],
    ['INVALID_ARGUMENT', 502, 'server'],
  ] as const)('for good (%s), it is a %i at once and without detail', async (code, status, chatCode) => {
    const momento = await local();
    const { get, starts, events } = await vendorOverHttp(momento, fast);
    momento.faults.failNext({
      rpc: 'GenerateDisposableToken',
      code,
      times: 100,
      message: 'key ey123 is bad',
    });
    const response = await get();
    expect(response.status).toBe(status);
    const body = await response.text();
    expect(JSON.parse(body).error.code).toBe(chatCode);
    expect(body + JSON.stringify(events)).not.toContain('ey123');
    expect(starts).toHaveLength(1);
    expect(events).toMatchObject([{ type: 'failed', step: 'mint', status }]);
  });

  it('because it is too much, it is a 429 in the end', async () => {
    const momento = await local();
    const { get } = await vendorOverHttp(momento, fast);
    momento.faults.failNext({ rpc: 'GenerateDisposableToken', code: 'RESOURCE_EXHAUSTED', times: 100 });
    const response = await get();
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  });

  it('because it is not there, it is a 503 within the deadline, and all is well when it is back', async () => {
    const momento = await local();
    const { get } = await vendorOverHttp(momento, fast);
    const restore = momento.faults.goOffline();
    const startedAt = performance.now();
    const response = await get();
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    restore();
    expect((await get()).status).toBe(200);
  });

  it('because it is silent, it is a 503 within the deadline', async () => {
    const momento = await local();
    const { get } = await vendorOverHttp(momento, fast);
    momento.faults.dropResponses({ rpc: 'GenerateDisposableToken', times: 100, how: 'hang' });
    const startedAt = performance.now();
    const response = await get();
    expect(response.status).toBe(503);
    expect((await response.json()).error.code).toBe('timeout');
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

describe('the rate limit', () => {
  const rateLimit = { perIp: 10, windowSeconds: 86_400 };

  it('is per address, with a 429 that says how long', async () => {
    const { get, types } = await vendorOverHttp(await local(), { rateLimit, trustProxy: 1 });
    const statuses = [];
    for (let i = 0; i < 12; i++)
      statuses.push((await get('?room=a', { 'x-forwarded-for': '10.0.0.1' })).status);
    expect(statuses).toEqual([...Array(10).fill(200), 429, 429]);
    const refused = await get('?room=a', { 'x-forwarded-for': '10.0.0.1' });
    expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(86_400);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await get('?room=a', { 'x-forwarded-for': '10.0.0.2' })).status).toBe(200);
    expect(types().filter((type) => type === 'limited')).toHaveLength(3);
  });

  it('counts what is refused as well, so that guessing is limited too', async () => {
    const { get } = await vendorOverHttp(await local(), { rateLimit, authenticate: () => null });
    const statuses = [];
    for (let i = 0; i < 11; i++) statuses.push((await get()).status);
    expect(statuses).toEqual([...Array(10).fill(401), 429]);
  });

  it('is shared by servers that share a Momento cache', async () => {
    const momento = await local();
    const client = await cacheClientOf(momento);
    const tokenCache = () => momentoTokenCache({ client, cache: 'user', secret: 'a secret of some length' });
    const one = await vendorOverHttp(momento, { rateLimit, tokenCache: tokenCache() });
    const two = await vendorOverHttp(momento, { rateLimit, tokenCache: tokenCache() });
    const statuses = [];
    for (let i = 0; i < 8; i++) {
      statuses.push((await one.get()).status, (await two.get()).status);
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(6);
    expect(one.starts.length + two.starts.length).toBe(1);
  });

  it('goes on alone when the cache cannot count, and says so', async () => {
    const momento = await local();
    const client = await cacheClientOf(momento);
    const tokenCache = momentoTokenCache({ client, cache: 'user' });
    const { get, events } = await vendorOverHttp(momento, { rateLimit, tokenCache });
    momento.faults.failNext({ rpc: 'Increment', code: 'INTERNAL', times: 1000 });
    const statuses = [];
    for (let i = 0; i < 11; i++) statuses.push((await get()).status);
    expect(statuses).toEqual([...Array(10).fill(200), 429]);
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'failed', step: 'rate-limit', recovered: true }),
    );
  });
});

describe('a token cache on Momento', () => {
  it('that is down, slow or does not exist never fails a request, and is reported', async () => {
    const momento = await local();
    const client = await cacheClientOf(momento);
    const fast = { mintLimit: { perSecond: 100 } };
    const missing = await vendorOverHttp(momento, {
      ...fast,
      tokenCache: momentoTokenCache({ client, cache: 'nowhere' }),
    });
    expect((await missing.get()).status).toBe(200);
    expect(missing.events.map(({ type, step }) => [type, step])).toEqual([
      ['failed', 'cache-read'],
      ['minted', undefined],
      ['failed', 'cache-write'],
    ]);

    const slow = await vendorOverHttp(momento, {
      ...fast,
      tokenCacheTimeoutMs: 500,
      tokenCache: momentoTokenCache({ client, cache: 'user' }),
    });
    const restore = momento.faults.delay({ rpc: 'Get', ms: 60_000 });
    const startedAt = performance.now();
    const first = await (await slow.get()).json();
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(slow.events[0]).toMatchObject({ type: 'failed', step: 'cache-read', recovered: true });
    // While it is down, what this process saw last is good enough.
    expect((await (await slow.get()).json()).token).toBe(first.token);
    expect(slow.starts).toHaveLength(1);
    restore();
    expect((await (await slow.get()).json()).token).toBe(first.token);
  });

  it('that somebody else wrote to is not believed', async () => {
    const momento = await local();
    const client = await cacheClientOf(momento);
    for (const secret of [undefined, 'a secret of some length']) {
      const keys: string[] = [];
      const spying = {
        get: client.get.bind(client),
        delete: client.delete.bind(client),
        set: (cache: string, key: string, value: string, options?: { ttl?: number }) => {
          keys.push(key);
          return client.set(cache, key, value, options);
        },
      };
      const { get, events } = await vendorOverHttp(momento, {
        mintLimit: { perSecond: 100 },
        tokenCache: momentoTokenCache({
          client: spying,
          cache: 'user',
          ...(secret === undefined ? {} : { secret }),
        }),
      });
      const a = await (await get('?room=a')).json();
      const b = await (await get('?room=b')).json();
      const [keyA = '', keyB = ''] = keys;
      const stored = await client.get('user', keyB);
      const entryB = stored.type === 'Hit' ? stored.valueString() : '';
      for (const forged of [
        entryB,
        'rubbish',
        '{}',
        '[]',
        'null',
        '"x"',
        JSON.stringify({ token: b.token, exp: b.exp }),
        JSON.stringify({ ...JSON.parse(entryB), token: a.token }),
      ]) {
        await client.set('user', keyA, forged);
        const answer = await (await get('?room=a')).json();
        expect(answer.token).not.toBe(b.token);
        expect(answer.token).toMatch(/^ey/);
      }
      expect(events.filter(({ step }) => step === 'cache-read').length).toBeGreaterThanOrEqual(7);
    }
  });

  it('survives a change of its secret', async () => {
    const momento = await local();
    const client = await cacheClientOf(momento);
    const withSecret = (secret: string | string[]) =>
      vendorOverHttp(momento, {
        mintLimit: { perSecond: 100 },
        tokenCache: momentoTokenCache({ client, cache: 'user', secret }),
      });
    const old = await withSecret('the old secret of these servers');
    const { token } = await (await old.get()).json();
    const rotating = await withSecret(['the new secret of these servers', 'the old secret of these servers']);
    expect((await (await rotating.get()).json()).token).toBe(token);
    expect(rotating.starts).toHaveLength(0);
    await rotating.get('?room=b');
    const rotated = await withSecret('the new secret of these servers');
    await rotated.get('?room=b');
    expect(rotated.starts).toHaveLength(0);
    await rotated.get('?room=a');
    expect(rotated.starts).toHaveLength(1);
  });

  it('by itself keeps what it is given, encrypted', async () => {
    const momento = await local();
    const client = await cacheClientOf(momento);
    const token = { token: 'a token', exp: 2_000_000_000, userId: 'ada' };
    const sealed = momentoTokenCache({ client, cache: 'user', secret: 'the old secret of these servers' });
    await sealed.set('k', token, 60);
    expect(await sealed.get('k')).toEqual(token);
    expect(await sealed.get('other')).toBeUndefined();
    const both = momentoTokenCache({
      client,
      cache: 'user',
      secret: ['the new secret of these servers', 'the old secret of these servers'],
    });
    expect(await both.get('k')).toEqual(token);
    const wrong = momentoTokenCache({ client, cache: 'user', secret: 'the secret of somebody else' });
    await expect(wrong.get('k')).rejects.toThrow('no secret opens this entry');
    await sealed.delete?.('k');
    expect(await sealed.get('k')).toBeUndefined();
    expect(await sealed.increment?.('n', 60)).toBe(1);
    expect(await sealed.increment?.('n', 60)).toBe(2);
  });
});
