import { startLocalMomento } from 'momento-chat/local';
import {
  ChatError,
  createTokenVendor,
  keyRing,
  lambdaHandler,
  memoryTokenCache,
  momentoAuth,
  momentoTokenCache,
  sealedTokenCache,
  type TokenCache,
  VendorError,
} from 'momento-chat/server';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { countingAuth, eventLog, serve } from './server/support.js';

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

type Options = Parameters<typeof createTokenVendor>[0];

/** A vendor behind Node's http, and everything it did. */
async function vendorOverHttp(options: Partial<Options> = {}) {
  const auth = countingAuth();
  const log = eventLog();
  const vendor = createTokenVendor({
    auth,
    ...(options.authorize === undefined ? { rooms: ['a', 'b', 'c'] } : {}),
    mintLimit: { perSecond: 1000 },
    onEvent: log.onEvent,
    ...options,
  });
  const { url, close } = await serve(vendor);
  open.push(close);
  const get = (path = '', init?: RequestInit) => fetch(`${url}/token${path}`, init);
  return { auth, vendor, url, get, ...log };
}

const member: NonNullable<Options['authorize']> = (_, rooms) => ({ rooms, role: 'member' });

const SECRET = 'a secret of some length';

/** A cache on Momento that holds nothing. */
const onMomento = (cache: string, secret?: string): TokenCache => {
  const client = { get: async () => ({ type: 'Miss' }), set: async () => ({ type: 'Success' }) };
  return momentoTokenCache({ client: client as never, cache, ...(secret === undefined ? {} : { secret }) });
};

const TOKEN_CACHES: [string, (cache: string) => TokenCache][] = [
  ['momentoTokenCache', (cache) => onMomento(cache)],
  ['momentoTokenCache with a secret', (cache) => onMomento(cache, SECRET)],
  ['sealedTokenCache around it', (cache) => sealedTokenCache(onMomento(cache), SECRET)],
  [
    'sealedTokenCache twice around it',
    (cache) => sealedTokenCache(sealedTokenCache(onMomento(cache, SECRET), SECRET), SECRET),
  ],
];

describe('a token vendor cannot be created', () => {
  const auth = countingAuth();
  it.each<[string, unknown, RegExp]>([
    ['without options', undefined, /options must be an object/],
    ['without auth', { rooms: ['a'] }, /auth is missing/],
    ['with auth that cannot mint', { auth: {}, rooms: ['a'] }, /auth must be/],
    ['with no API key', { auth: { apiKey: '', endpoint: 'x' }, rooms: ['a'] }, /API key is missing/],
    ['with no endpoint', { auth: { apiKey: 'k' }, rooms: ['a'] }, /endpoint is missing/],
    [
      'with an endpoint that has a path',
      { auth: { apiKey: 'k', endpoint: 'http://a/b' }, rooms: ['a'] },
      /no path/,
    ],
    ['open to everybody', { auth }, /say who may do what/],
    ['open to everybody who has signed in', { auth, authenticate: () => null }, /say who may do what/],
    ['for no rooms', { auth, rooms: [] }, /at least one room/],
    ['for a room with a colon', { auth, rooms: ['a:b'] }, /must not contain ':'/],
    ['for rooms that are no array', { auth, rooms: 'a' }, /must be an array/],
    ['with a ttl beyond 25 hours', { auth, rooms: ['a'], ttlSeconds: 90_001 }, /25 hours/],
    ['with a ttl of part of a second', { auth, rooms: ['a'], ttlSeconds: 60.5 }, /whole number/],
    ['with a ttl of nothing', { auth, rooms: ['a'], ttlSeconds: 0 }, /ttlSeconds/],
    ['with a cache without name', { auth, rooms: ['a'], cache: ' ' }, /cache must be/],
    ['with an authorize that is none', { auth, authorize: 'yes' }, /authorize must be a function/],
    ['with a token cache that is none', { auth, rooms: ['a'], tokenCache: {} }, /get and set/],
    ['with a wildcard origin', { auth, rooms: ['a'], cors: { origins: ['*'] } }, /not an origin/],
    ['with a cors of null', { auth, rooms: ['a'], cors: null }, /origins must be an array/],
    [
      'with an origin that has a path',
      { auth, rooms: ['a'], cors: { origins: ['https://a.b/'] } },
      /not an origin/,
    ],
    ['with the origin null', { auth, rooms: ['a'], cors: { origins: ['null'] } }, /not an origin/],
    ['with hops that are a string', { auth, rooms: ['a'], trustProxy: '1' }, /must be a number/],
    ['with a limit of nothing', { auth, rooms: ['a'], rateLimit: { perIp: 0, windowSeconds: 1 } }, /perIp/],
    [
      'with a window of nothing',
      { auth, rooms: ['a'], rateLimit: { perIp: 1, windowSeconds: 0 } },
      /windowSeconds/,
    ],
    ['with no time for its cache', { auth, rooms: ['a'], tokenCacheTimeoutMs: 0 }, /tokenCacheTimeoutMs/],
    ['with no pace', { auth, rooms: ['a'], mintLimit: { perSecond: 0 } }, /perSecond/],
    ['with a short secret', { auth, rooms: ['a'], secret: 'x'.repeat(15) }, /at least 16 characters/],
    [
      'with an endpoint that is no origin',
      { auth, rooms: ['a'], endpoint: 'cell-1.momentohq.com' },
      /origin/,
    ],
  ])('%s', (_, options, message) => {
    const create = () => createTokenVendor(options as Options);
    expect(create).toThrow(message);
    expect(create).toThrow(ChatError);
  });

  it.each(TOKEN_CACHES)('with its tokens in the cache that browsers read, by %s', (_, make) => {
    const tokenCache = make('chat');
    expect(() => createTokenVendor({ auth, rooms: ['a'], tokenCache })).toThrow(/browsers can read it/);
    expect(() => createTokenVendor({ auth, rooms: ['a'], cache: 'rooms', tokenCache })).not.toThrow();
  });
});

it.each<[string, (nothing: never) => unknown]>([
  ['memoryTokenCache', memoryTokenCache],
  ['momentoTokenCache', momentoTokenCache],
  ['sealedTokenCache', (nothing) => sealedTokenCache(nothing, SECRET)],
  ['momentoAuth', momentoAuth],
  ['keyRing', keyRing],
])('%s throws nothing but a ChatError where it is given nothing', (_, make) => {
  for (const nothing of [undefined, null]) {
    try {
      make(nothing as never);
    } catch (problem) {
      expect(problem).toMatchObject({ name: 'ChatError', code: 'invalid-argument' });
    }
  }
});

describe('a token vendor over HTTP', () => {
  it('gives a token for the rooms that are asked for', async () => {
    const { get, auth } = await vendorOverHttp();
    const response = await get('?room=a&room=b');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const vended = await response.json();
    expect(vended).toEqual({ token: 'token-1', exp: expect.any(Number), expiresIn: expect.any(Number) });
    expect(vended.expiresIn).toBeGreaterThan(3590);
    expect(vended.expiresIn).toBeLessThanOrEqual(3600);
    expect(auth.mints).toHaveLength(1);
    expect(auth.mints[0]?.scope.permissions).toHaveLength(8);
    expect(auth.mints[0]).toMatchObject({ seconds: 3600, tokenId: undefined });
  });

  it('gives the same token again, whatever the order of rooms and however often they are named', async () => {
    const { get, auth, types } = await vendorOverHttp();
    const tokens = [];
    for (const query of ['?room=a&room=b', '?room=b&room=a', '?room=b&room=a&room=b']) {
      tokens.push((await (await get(query)).json()).token);
    }
    expect(new Set(tokens).size).toBe(1);
    expect(auth.mints).toHaveLength(1);
    expect(types()).toEqual(['minted', 'reused', 'reused']);
  });

  it('takes rooms by POST as well', async () => {
    const { get, auth } = await vendorOverHttp();
    const post = (body: string, type = 'application/json') =>
      get('', { method: 'POST', body, headers: { 'content-type': type } });
    const byPost = await (await post('{"rooms":["a"]}')).json();
    expect(byPost.token).toBe((await (await get('?room=a')).json()).token);
    expect(auth.mints).toHaveLength(1);
    expect((await post('{"rooms":["a"')).status).toBe(400);
    expect((await post('{"rooms":"a"}')).status).toBe(400);
    expect((await post('{"rooms":[1]}')).status).toBe(400);
    expect((await post('rooms=a', 'application/x-www-form-urlencoded')).status).toBe(415);
    expect((await post(JSON.stringify({ rooms: ['a'.repeat(20_000)] }))).status).toBe(413);
  });

  it('gives every room of the list when none is asked for, as long as they fit', async () => {
    const fits = await vendorOverHttp();
    expect((await fits.get()).status).toBe(200);
    expect(fits.auth.mints[0]?.scope.permissions).toHaveLength(12);
    const many = await vendorOverHttp({ rooms: ['1', '2', '3', '4', '5', '6'] });
    expect((await many.get()).status).toBe(400);
  });

  it.each([
    ['HEAD', 200],
    ['PUT', 405],
    ['DELETE', 405],
    ['PATCH', 405],
  ])('answers %s with %i', async (method, status) => {
    const { get } = await vendorOverHttp();
    const response = await get('?room=a', { method });
    expect(response.status).toBe(status);
    if (status === 405) expect(response.headers.get('allow')).toBe('GET, HEAD, POST, OPTIONS');
    if (method === 'HEAD') expect(await response.text()).toBe('');
  });

  it('says in JSON what is wrong', async () => {
    const { get } = await vendorOverHttp();
    const response = await get('?room=secret');
    expect(response.status).toBe(403);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({
      error: { code: 'permission-denied', message: expect.stringMatching(/^unable to vend a token; /) },
    });
  });

  it('counts expiresIn when it sends', async () => {
    const { get } = await vendorOverHttp({ ttlSeconds: 60 });
    const first = await (await get('?room=a')).json();
    let second = first;
    const later = async () => {
      second = await (await get('?room=a')).json();
      return second.expiresIn;
    };
    await expect.poll(later, { timeout: 20_000 }).toBeLessThan(first.expiresIn);
    expect(second.token).toBe(first.token);
    expect(second.exp).toBe(first.exp);
  });

  it('hands the endpoint of a local Momento that it mints at to browsers, and none of the service', async () => {
    const momento = await startLocalMomento({ caches: ['chat'] });
    onTestFinished(() => momento.close());
    const at = { apiKey: momento.apiKey, endpoint: momento.url };
    expect(
      (await createTokenVendor({ auth: at, rooms: ['a'] }).vend({ ip: '127.0.0.1', rooms: ['a'] })).endpoint,
    ).toBe(momento.url);
    // The key of a local Momento names where it is valid.
    const { port, apiKey } = momento;
    const byKey = createTokenVendor({ auth: { apiKey } as typeof at, rooms: ['a'] });
    expect((await byKey.vend({ ip: '127.0.0.1', rooms: ['a'] })).endpoint).toBe(`http://localhost:${port}`);
    const elsewhere = createTokenVendor({ auth: at, endpoint: 'http://10.0.0.1:1', rooms: ['a'] });
    expect((await elsewhere.vend({ ip: '127.0.0.1', rooms: ['a'] })).endpoint).toBe('http://10.0.0.1:1');
  });

  it('hands the endpoint of a local Momento to browsers', async () => {
    const { get } = await vendorOverHttp({ endpoint: 'http://127.0.0.1:8080/' });
    expect((await (await get('?room=a')).json()).endpoint).toBe('http://127.0.0.1:8080');
  });
});

describe('authenticate', () => {
  it('sees the request as it came: method, URL, headers', async () => {
    const seen: Request[] = [];
    const { url, get } = await vendorOverHttp({
      authenticate: (request) => {
        seen.push(request);
        return null;
      },
    });
    expect((await get('?room=a&x=1', { headers: { cookie: 'session=1' } })).status).toBe(401);
    const [request] = seen;
    expect(request).toBeInstanceOf(Request);
    expect(request?.url).toBe(`${url}/token?room=a&x=1`);
    expect(request?.method).toBe('GET');
    expect(request?.headers.get('cookie')).toBe('session=1');
  });

  it.each([null, undefined])('answering %s is a 401', async (nobody) => {
    const { get, auth, events } = await vendorOverHttp({ authenticate: async () => nobody as null });
    const response = await get('?room=a');
    expect(response.status).toBe(401);
    expect((await response.json()).error.code).toBe('unauthenticated');
    expect(auth.mints).toHaveLength(0);
    expect(events).toMatchObject([{ type: 'denied', status: 401, step: 'authenticate', ip: '127.0.0.1' }]);
  });

  it('throwing is a 500 without detail, and an event with it', async () => {
    const cause = new Error('the database at db.internal is down');
    const { get, events } = await vendorOverHttp({
      authenticate: () => {
        throw cause;
      },
    });
    const response = await get('?room=a');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('db.internal');
    expect(events).toMatchObject([{ type: 'failed', status: 500, step: 'authenticate', cause }]);
  });

  it.each([{}, { userId: 42 }, 'user', { userId: null }])('answering %j is a 500', async (identity) => {
    const { get } = await vendorOverHttp({ authenticate: () => identity as never });
    expect((await get('?room=a')).status).toBe(500);
  });

  it('gives the token its id', async () => {
    const { get, auth } = await vendorOverHttp({ authenticate: () => ({ userId: 'ada', admin: true }) });
    expect((await (await get('?room=a')).json()).userId).toBe('ada');
    expect(auth.mints[0]?.tokenId).toBe('ada');
  });

  it.each([
    ['longer than 64 characters', 'x'.repeat(65)],
    ['empty', ''],
    ['with a control character', 'a\nb'],
    ['with half a character', '\ud800'],
  ])('cannot give it one that is %s', async (_, userId) => {
    const { get, auth } = await vendorOverHttp({ authenticate: () => ({ userId }) });
    const response = await get('?room=a');
    expect(response.status).toBe(400);
    expect((await response.json()).error.message).toMatch(/user id/);
    expect(auth.mints).toHaveLength(0);
  });

  it('can read a body that the vendor reads too', async () => {
    const vendor = createTokenVendor({
      auth: countingAuth(),
      rooms: ['a'],
      authenticate: async (request) => ({ userId: (await request.json()).name }),
    });
    const request = new Request('http://x/', {
      method: 'POST',
      body: '{"name":"ada","rooms":["a"]}',
      headers: { 'content-type': 'application/json' },
    });
    const response = await vendor.fetch(request, { ip: '192.0.2.1' });
    expect(await response.json()).toMatchObject({ userId: 'ada' });
  });
});

describe('authorize', () => {
  it('learns who asks for what', async () => {
    const calls: unknown[] = [];
    const { get } = await vendorOverHttp({
      authenticate: () => ({ userId: 'ada' }),
      authorize: async (...call) => {
        calls.push(call);
        return null;
      },
    });
    expect((await get('?room=a&room=z&room=a')).status).toBe(403);
    expect((await get()).status).toBe(403);
    expect(calls).toEqual([
      [{ userId: 'ada' }, ['a', 'z']],
      [{ userId: 'ada' }, []],
    ]);
  });

  it('throwing is a 500 without detail', async () => {
    const { get, types } = await vendorOverHttp({ authorize: () => Promise.reject(new Error('secret')) });
    const response = await get('?room=a');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('secret');
    expect(types()).toEqual(['failed']);
  });

  it.each<[string, unknown]>([
    ['no rooms', { rooms: [], role: 'member' }],
    ['an unknown role', { rooms: ['a'], role: 'admin' }],
    ['a room with a colon', { rooms: ['a:b'], role: 'member' }],
    ['an empty prefix', { rooms: { prefix: '' }, role: 'member' }],
    ['a blank prefix', { rooms: { prefix: ' ' }, role: 'member' }],
    ['a prefix with a colon', { rooms: { prefix: 'a:' }, role: 'member' }],
    ['a prefix that opens a room beside it', { rooms: { prefix: 'a-' }, role: 'member' }],
    ['a user id that is no string', { rooms: ['a'], role: 'member', userId: 1 }],
    ['something else', 'yes'],
    ['true', true],
  ])('granting %s is a 500, never a token', async (_, grant) => {
    const { get, auth } = await vendorOverHttp({ authorize: () => grant as never });
    expect((await get('?room=a')).status).toBe(500);
    expect(auth.mints).toHaveLength(0);
  });

  it('granting a prefix that opens a room beside it tells onEvent why, and what to use', async () => {
    const { get, events } = await vendorOverHttp({
      authorize: () => ({ rooms: { prefix: 'red-' }, role: 'member' }),
    });
    expect(await (await get('?room=red-1')).text()).not.toContain('red');
    expect(events).toMatchObject([{ type: 'failed', status: 500, step: 'authorize' }]);
    expect(events[0]?.reason).toMatch(/live topic of the room 'red'.*such as 'red\.' or 'red\/'/);
  });

  it('granting what was asked for, when nothing was, is a 400 and no failure of the server', async () => {
    const { get, auth, events, vendor } = await vendorOverHttp({ authorize: member });
    const response = await get();
    expect(response.status).toBe(400);
    expect((await response.json()).error).toEqual({
      code: 'invalid-argument',
      message: 'unable to vend a token; name at least one room',
    });
    await expect(vendor.vend({ ip: '192.0.2.1' })).rejects.toMatchObject({ status: 400 });
    expect(events.map(({ type, status }) => [type, status])).toEqual([
      ['denied', 400],
      ['denied', 400],
    ]);
    expect(auth.mints).toHaveLength(0);
  });

  it('granting nothing that makes sense, when nothing was asked for, is a 500 all the same', async () => {
    const { get } = await vendorOverHttp({ authorize: () => ({ rooms: [], role: 'admin' }) as never });
    expect((await get()).status).toBe(500);
  });

  it('granting more rooms than fit in a token is a 400 that names { prefix }', async () => {
    const { get } = await vendorOverHttp({ authorize: member });
    expect((await get('?room=1&room=2&room=3&room=4&room=5')).status).toBe(200);
    const response = await get('?room=1&room=2&room=3&room=4&room=5&room=6');
    expect(response.status).toBe(400);
    expect((await response.json()).error.message).toMatch(/5 rooms.*\{ prefix \}/);
  });

  it('may name a user that nobody authenticated', async () => {
    const { get, auth } = await vendorOverHttp({
      authorize: (_, rooms) => ({ rooms, role: 'reader', userId: 'guest-7' }),
    });
    expect((await (await get('?room=a')).json()).userId).toBe('guest-7');
    expect(auth.mints[0]?.tokenId).toBe('guest-7');
  });

  it('is not asked about rooms beyond an allow-list', async () => {
    const { get } = await vendorOverHttp({ authorize: member, rooms: ['a'] });
    expect((await get('?room=a')).status).toBe(200);
    expect((await get('?room=b')).status).toBe(403);
  });
});

describe('scope', () => {
  const permission = { role: 'readonly', cache: 'chat', item: 'x' };

  it('may be anything that a token can hold', async () => {
    const { get, auth } = await vendorOverHttp({ scope: async () => ({ permissions: [permission] }) });
    expect((await get('?room=a')).status).toBe(200);
    expect(auth.mints[0]?.scope).toEqual({ permissions: [permission] });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['no permissions', { permissions: [] }],
    ['more than 20', { permissions: Array.from({ length: 21 }, () => permission) }],
    ['rubbish', { permissions: [1] }],
  ])('giving %s is a 500, never a token', async (_, scope) => {
    const { get, auth } = await vendorOverHttp({ scope: () => scope as never });
    expect((await get('?room=a')).status).toBe(500);
    expect(auth.mints).toHaveLength(0);
  });

  it('with a permission that cannot be written is a 500 at once, and onEvent learns which', async () => {
    const { get, events } = await vendorOverHttp({
      // Nobody listens there, and nobody is asked.
      auth: { apiKey: 'k', endpoint: 'http://127.0.0.1:1' },
      scope: () => ({ permissions: [{ ...permission, role: 'admin' }] }),
    });
    const response = await get('?room=a');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('admin');
    expect(events).toMatchObject([
      {
        type: 'failed',
        status: 500,
        step: 'scope',
        reason: expect.stringContaining('unknown role in {"role":"admin"'),
      },
    ]);
  });

  const WIDE: [string, unknown][] = [
    ['by name', { role: 'readonly', cache: 'user', item: 'x' }],
    ['by object', { role: 'readonly', cache: { name: 'user' }, item: 'x' }],
    ['among all caches', { role: 'readwrite', cache: Symbol('AllCaches') }],
  ];
  it.each(TOKEN_CACHES.flatMap(([by, make]) => WIDE.map(([how, wide]) => [how, by, wide, make] as const)))(
    'cannot reach the cache that tokens are kept in %s, by %s',
    async (_, __, wide, make) => {
      const { get, auth, events } = await vendorOverHttp({
        tokenCache: make('user'),
        scope: () => ({ permissions: [wide as never] }),
      });
      expect((await get('?room=a')).status).toBe(500);
      expect(auth.mints).toHaveLength(0);
      expect(events[0]?.reason).toMatch(/reaches the cache 'user'/);
    },
  );
});

describe('CORS', () => {
  const cors = { origins: ['https://app.example.com', 'http://localhost:5173'] };
  const from = (origin: string, init: RequestInit = {}) => ({
    ...init,
    headers: { origin, ...init.headers },
  });

  it('lets pages of the listed origins read the answer, errors as well', async () => {
    const { get } = await vendorOverHttp({ cors });
    for (const query of ['?room=a', '?room=nope']) {
      const response = await get(query, from('https://app.example.com'));
      expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
      expect(response.headers.get('access-control-allow-credentials')).toBeNull();
      expect(response.headers.get('vary')).toBe('Origin');
    }
  });

  it('allows credentials only when asked to', async () => {
    const { get } = await vendorOverHttp({ cors: { ...cors, credentials: true } });
    const response = await get('?room=a', from('http://localhost:5173'));
    expect(response.headers.get('access-control-allow-credentials')).toBe('true');
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
  });

  it.each([
    'capacitor://localhost',
    'ionic://localhost',
    'tauri://localhost',
    'app://-',
    'app://localhost:8080',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    'moz-extension://6b8e4f5a-0c1d-4e2f-9a3b-7c8d9e0f1a2b',
    'safari-web-extension://6B8E4F5A-0C1D-4E2F-9A3B-7C8D9E0F1A2B',
  ])('knows %s as an origin, of an app or extension with a scheme of its own', async (origin) => {
    const { get } = await vendorOverHttp({ cors: { origins: [origin] } });
    const response = await get('?room=a', from(origin, { headers: { 'sec-fetch-site': 'cross-site' } }));
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    expect((await get('?room=a', from(origin, { method: 'OPTIONS' }))).status).toBe(204);
  });

  it.each([
    'Capacitor://localhost',
    'capacitor://localhost/',
    'app://',
    'app:-',
    'app://user@host',
    'app://-?x',
    'chrome-extension://*',
    'file://',
    'file://host',
    'HTTPS://app.example.com',
    'null',
  ])('refuses %s as an origin', (origin) => {
    expect(() =>
      createTokenVendor({ auth: countingAuth(), rooms: ['a'], cors: { origins: [origin] } }),
    ).toThrow('is not an origin');
  });

  it.each([
    'https://evil.example',
    'https://app.example.com.evil.example',
    'http://app.example.com',
    'https://app.example.com:8443',
    'HTTPS://APP.EXAMPLE.COM',
    'null',
  ])('tells %s nothing', async (origin) => {
    const { get } = await vendorOverHttp({ cors: { ...cors, credentials: true } });
    for (const method of ['GET', 'OPTIONS']) {
      const response = await get('?room=a', from(origin, { method }));
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
      expect(response.headers.get('vary')).toBe('Origin');
    }
  });

  it('answers a preflight', async () => {
    const { get, auth } = await vendorOverHttp({ cors });
    const response = await get('', from('https://app.example.com', { method: 'OPTIONS' }));
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-methods')).toBe('GET, POST');
    expect(auth.mints).toHaveLength(0);
  });

  it.each([
    'Authorization',
    'Content-Type',
    'traceparent',
    'tracestate',
    'baggage',
    'sentry-trace',
    'X-Mine',
  ])('lets an allowed page send %s', async (header) => {
    const { get } = await vendorOverHttp({ cors: { ...cors, headers: ['X-Mine'] } });
    const response = await get('', from('https://app.example.com', { method: 'OPTIONS' }));
    const allowed = response.headers.get('access-control-allow-headers')?.split(', ');
    expect(allowed).toContain(header);
  });

  it.each([['*'], ['a b'], [42]])('refuses %j as the name of a header', (header) => {
    expect(() =>
      createTokenVendor({
        auth: countingAuth(),
        rooms: ['a'],
        cors: { ...cors, headers: [header as string] },
      }),
    ).toThrow('the name of a header');
  });

  describe('a page of another site', () => {
    const image = { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } };

    it('uses up nothing of what its visitor may ask for, and mints nothing', async () => {
      const { get, auth, events } = await vendorOverHttp({ rateLimit: { perIp: 5, windowSeconds: 60 } });
      for (let request = 0; request < 20; request += 1)
        expect((await get('?room=a&reason=rejected', image)).status).toBe(403);
      expect(auth.mints).toHaveLength(0);
      expect((await get('?room=a')).status).toBe(200);
      expect(events[0]).toMatchObject({ type: 'denied', status: 403, ip: '127.0.0.1' });
    });

    it.each(['cross-site', 'same-site'])('is let in when CORS allows its origin (%s)', async (site) => {
      const { get } = await vendorOverHttp({ cors });
      const page = (origin: string) => from(origin, { headers: { 'sec-fetch-site': site } });
      expect((await get('?room=a', page('https://app.example.com'))).status).toBe(200);
      expect((await get('?room=a', page('https://evil.example'))).status).toBe(403);
    });

    it.each(['same-origin', 'none'])('is not what a request of %s comes from', async (site) => {
      const { get } = await vendorOverHttp();
      expect((await get('?room=a', { headers: { 'sec-fetch-site': site } })).status).toBe(200);
    });
  });

  it('is off unless it is asked for', async () => {
    const { get } = await vendorOverHttp();
    const response = await get('?room=a', from('https://app.example.com'));
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await get('?room=a', from('https://app.example.com', { method: 'OPTIONS' }));
    expect(preflight.status).toBe(403);
  });
});

describe('vend', () => {
  it('gives a token to a client that is known', async () => {
    const { vendor, auth } = await vendorOverHttp({ authenticate: () => null });
    const vended = await vendor.vend({ ip: '192.0.2.1', rooms: ['a'], identity: { userId: 'ada' } });
    expect(vended).toMatchObject({ token: 'token-1', userId: 'ada' });
    expect(auth.mints).toHaveLength(1);
  });

  it('has nobody anonymous where authenticate is', async () => {
    const { vendor } = await vendorOverHttp({ authenticate: () => ({ userId: 'ada' }) });
    await expect(vendor.vend({ ip: '192.0.2.1', rooms: ['a'] })).rejects.toMatchObject({ status: 401 });
  });

  it.each([undefined, '', 'unknown', '::ffff:'])('refuses the address %j', async (ip) => {
    const { vendor } = await vendorOverHttp();
    const refused = vendor.vend({ ip: ip as string, rooms: ['a'] });
    await expect(refused).rejects.toBeInstanceOf(VendorError);
    await expect(refused).rejects.toMatchObject({ code: 'invalid-argument', status: 400 });
  });

  it.each([undefined, null])('vend(%s) is refused as a call without an address is', async (nothing) => {
    const { vendor, types } = await vendorOverHttp();
    const refused = vendor.vend(nothing as never);
    await expect(refused).rejects.toBeInstanceOf(VendorError);
    await expect(refused).rejects.toMatchObject({ code: 'invalid-argument', status: 400 });
    expect(types()).toEqual(['denied']);
  });

  it('refuses rooms that are no array', async () => {
    const { vendor } = await vendorOverHttp();
    await expect(vendor.vend({ ip: '192.0.2.1', rooms: 'a' as never })).rejects.toMatchObject({
      status: 400,
    });
  });

  it('shares its tokens with HTTP', async () => {
    const { vendor, get } = await vendorOverHttp();
    const { token } = await vendor.vend({ ip: '::ffff:127.0.0.1', rooms: ['a'] });
    expect((await (await get('?room=a')).json()).token).toBe(token);
  });
});

describe('fetch', () => {
  it('answers like the handler, and keeps working when it is taken out of its object', async () => {
    const { vendor, auth } = await vendorOverHttp();
    const { fetch } = vendor;
    const response = await fetch(new Request('http://x/any/path?room=a#b'), { ip: '192.0.2.1' });
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toMatchObject({ token: 'token-1' });
    await fetch(new Request('http://x/?room=a'), { ip: '192.0.2.1' });
    expect(auth.mints).toHaveLength(1);
  });

  it('vends for what authenticate is shown: a question mark behind a # asks for nothing', async () => {
    let seen = '';
    const { vendor, auth } = await vendorOverHttp({
      authenticate: (request) => {
        seen = new URL(request.url).search;
        return { userId: 'ada' };
      },
      authorize: member,
    });
    const response = await vendor.fetch(new Request('http://x/#?room=secret'), { ip: '192.0.2.1' });
    expect(seen).toBe('');
    expect(response.status).toBe(400);
    expect(auth.mints).toHaveLength(0);
  });

  it.each(['http://x/??room=secret', 'http://x/?&?room=secret', 'http://x/???room=secret'])(
    'vends for what authenticate is shown: %s names no room',
    async (url) => {
      const seen: string[] = [];
      const { vendor, auth } = await vendorOverHttp({
        authenticate: (request) => {
          seen.push(...new URL(request.url).searchParams.getAll('room'));
          return { userId: 'ada' };
        },
        authorize: member,
      });
      const responses = [
        await vendor.fetch(new Request(url), { ip: '192.0.2.1' }),
        await lambdaHandler(vendor)({
          rawQueryString: url.slice('http://x/?'.length),
          requestContext: { http: { method: 'GET', sourceIp: '192.0.2.1' } },
        }),
      ];
      expect(seen).toEqual([]);
      expect(
        responses.map((response) => ('status' in response ? response.status : response.statusCode)),
      ).toEqual([400, 400]);
      expect(auth.mints).toHaveLength(0);
    },
  );

  it('without an address is an error, and not one key for everybody', async () => {
    const { vendor, auth } = await vendorOverHttp();
    const response = await vendor.fetch(
      new Request('http://x/?room=a', { headers: { 'x-forwarded-for': '6.6.6.6' } }),
    );
    expect(response.status).toBe(500);
    expect((await response.json()).error.message).toMatch(/pass it as context.ip/);
    expect(auth.mints).toHaveLength(0);
  });
});

describe('what the vendor depends on', () => {
  it('may throw in onEvent without anybody noticing', async () => {
    const { get } = await vendorOverHttp({
      onEvent: () => {
        throw new Error('log is full');
      },
    });
    expect((await get('?room=a')).status).toBe(200);
  });

  it('may reject in onEvent as well', async () => {
    const { get } = await vendorOverHttp({
      onEvent: (() => Promise.reject(new Error('log is full'))) as never,
    });
    expect((await get('?room=a')).status).toBe(200);
  });
});

describe('momentoTokenCache', () => {
  it('refuses a secret that somebody forgot to set, and stores no token in the clear', () => {
    const client = { get: async () => ({ type: 'Miss' }), set: async () => ({ type: 'Success' }) };
    const secret = process.env.NO_SUCH_VARIABLE_OF_MOMENTO_CHAT;
    expect(() => momentoTokenCache({ client: client as never, cache: 'user', secret })).toThrow(
      /unable to use the option secret; it must be a string/,
    );
  });
});

describe('memoryTokenCache', () => {
  const token = (name: string) => ({ token: name, exp: 1 });

  it('is bounded, and loses the least recently used first', async () => {
    const cache = memoryTokenCache({ maxEntries: 2 });
    await cache.set('a', token('a'), 60);
    await cache.set('b', token('b'), 60);
    await cache.get('a');
    await cache.set('c', token('c'), 60);
    expect(await cache.get('a')).toEqual(token('a'));
    expect(await cache.get('b')).toBeUndefined();
    expect(await cache.get('c')).toEqual(token('c'));
    await cache.delete?.('a');
    expect(await cache.get('a')).toBeUndefined();
  });

  it('expires', async () => {
    const cache = memoryTokenCache();
    await cache.set('a', token('a'), 0.02);
    await cache.set('never', token('a'), 0);
    expect(await cache.get('never')).toBeUndefined();
    await expect.poll(() => cache.get('a'), { timeout: 20_000 }).toBeUndefined();
  });

  it('is safe with names that objects have', async () => {
    const cache = memoryTokenCache();
    expect(await cache.get('__proto__')).toBeUndefined();
    expect(await cache.get('constructor')).toBeUndefined();
  });

  it.each([0, -1, 1.5, Number.NaN, '5'])('has no %j entries', (maxEntries) => {
    expect(() => memoryTokenCache({ maxEntries: maxEntries as number })).toThrow(/maxEntries/);
  });
});
