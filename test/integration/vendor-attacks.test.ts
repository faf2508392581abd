import { request as httpRequest } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { createTokenVendor, type Grant, momentoTokenCache, type VendedToken } from 'momento-chat/server';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { authClientOf, cacheClientOf, eventLog, serve } from '../server/support.js';

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

// Every case is an attack that works on a vendor which believes what it is told. All go over real HTTP to a
// vendor that mints with the real SDK at a local Momento.

let momento: LocalMomento;
beforeAll(async () => {
  momento = await startLocalMomento({ caches: ['chat', 'user'] });
});
afterAll(() => momento.close());

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

type Options = Parameters<typeof createTokenVendor>[0];

/** Lets everybody in and nobody have a token; notes the rooms that either function was shown. */
function notingRooms() {
  const shown: unknown[] = [];
  const vended: unknown[] = [];
  return {
    shown,
    vended,
    authenticate: (request: { url: string }) => {
      shown.push(new URL(request.url).searchParams.getAll('room'));
      return { userId: 'ada' };
    },
    authorize: (_: unknown, rooms: readonly string[]) => {
      vended.push(rooms);
      return null;
    },
  };
}

async function vendorOverHttp(options: Partial<Options> = {}) {
  const log = eventLog();
  const vendor = createTokenVendor({
    auth: authClientOf(momento),
    ...(options.authorize === undefined ? { rooms: ['a', 'b'] } : {}),
    mintLimit: { perSecond: 1000, timeoutSeconds: 60 },
    // A busy machine takes longer than the default for what a cache is asked.
    tokenCacheTimeoutMs: 30_000,
    onEvent: log.onEvent,
    ...options,
  });
  const { url, port, close } = await serve(vendor);
  open.push(close);
  const get = (query: string, headers: Record<string, string> = {}) =>
    fetch(`${url}/token${query}`, { headers });
  const token = async (query: string, headers: Record<string, string> = {}): Promise<VendedToken> => {
    const response = await get(query, headers);
    expect(response.status).toBe(200);
    return response.json();
  };
  const minted = () => log.events.filter(({ type }) => type === 'minted');
  return { url, port, get, token, minted, ...log };
}

describe('a forged X-Forwarded-For', () => {
  it('changes nothing where no proxy is trusted', async () => {
    const { token, minted } = await vendorOverHttp();
    const tokens = new Set<string>();
    for (const header of ['1.1.1.1', '2.2.2.2, 3.3.3.3', '127.0.0.1', 'junk', '::1']) {
      tokens.add((await token('?room=a', { 'x-forwarded-for': header })).token);
    }
    expect(tokens.size).toBe(1);
    expect(minted().map(({ ip }) => ip)).toEqual(['127.0.0.1']);
  });

  it.each<[string, Options['trustProxy'], string, string]>([
    ['one hop', 1, 'FORGED, 203.0.113.9', '203.0.113.9'],
    ['two hops', 2, 'FORGED, 203.0.113.9, 198.51.100.1', '203.0.113.9'],
    [
      'a list of networks',
      ['loopback', '198.51.100.0/24'],
      'FORGED, 203.0.113.9, 198.51.100.1',
      '203.0.113.9',
    ],
    ['loopback only', 'loopback', 'FORGED, 203.0.113.9', '203.0.113.9'],
  ])('cannot be smuggled in to the left of what %s wrote', async (_, trustProxy, header, client) => {
    const { token, minted } = await vendorOverHttp({ trustProxy });
    const tokens = new Set<string>();
    for (const forged of [
      '6.6.6.6',
      '127.0.0.1',
      '198.51.100.7',
      'unknown',
      '2001:db8::1',
      '6.6.6.6, 7.7.7.7',
    ]) {
      tokens.add((await token('?room=a', { 'x-forwarded-for': header.replace('FORGED', forged) })).token);
    }
    expect(tokens.size).toBe(1);
    expect(minted().map(({ ip }) => ip)).toEqual([client]);
  });

  it('is ignored when it comes from somebody who is no trusted proxy', async () => {
    const { token, minted } = await vendorOverHttp({ trustProxy: '10.0.0.0/8' });
    await token('?room=a', { 'x-forwarded-for': '6.6.6.6' });
    expect(minted().map(({ ip }) => ip)).toEqual(['127.0.0.1']);
  });

  it('of garbage from a trusted proxy is an error, and not a key that others share', async () => {
    const { get, minted } = await vendorOverHttp({ trustProxy: 1 });
    for (const header of ['garbage', '203.0.113.9, <script>', 'unknown', '999.1.1.1', '1.2.3.4/8']) {
      const response = await get('?room=a', { 'x-forwarded-for': header });
      expect(response.status).toBe(400);
      expect(await response.text()).not.toContain('<script>');
    }
    expect(minted()).toEqual([]);
  });
});

describe('an attacker with many addresses', () => {
  it('is one client with a thousand addresses of one IPv6 /64: one token, one limit', async () => {
    const { get, minted, types } = await vendorOverHttp({
      trustProxy: 1,
      rateLimit: { perIp: 100, windowSeconds: 86_400 },
    });
    const statuses = new Map<number, number>();
    for (let batch = 0; batch < 10; batch++) {
      const responses = await Promise.all(
        Array.from({ length: 100 }, async (_, i) => {
          const host = (batch * 100 + i).toString(16);
          const response = await get('?room=a', { 'x-forwarded-for': `2001:db8:7:7:${host}::${host}` });
          await response.arrayBuffer();
          return response;
        }),
      );
      for (const { status } of responses) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect(minted()).toHaveLength(1);
    expect(Object.fromEntries(statuses)).toEqual({ 200: 100, 429: 900 });
    expect(types().filter((type) => type === 'limited')).toHaveLength(900);
  });
});

describe('two users behind one address', () => {
  const authenticate = (request: Request) => {
    const userId = request.headers.get('x-user');
    return userId === null ? null : { userId };
  };

  it('never get each other’s token', async () => {
    const { token, minted } = await vendorOverHttp({ authenticate });
    const ada = await token('?room=a', { 'x-user': 'ada' });
    const bob = await token('?room=a', { 'x-user': 'bob' });
    expect(ada.token).not.toBe(bob.token);
    expect([ada.userId, bob.userId]).toEqual(['ada', 'bob']);
    expect(await token('?room=a', { 'x-user': 'ada' })).toMatchObject({ token: ada.token });
    expect(minted()).toHaveLength(2);
  });

  it('are two, however alike their names are', async () => {
    const names = [
      'ada',
      'Ada',
      'ada ',
      'a\u0308',
      '\u00e4',
      '["ada"]',
      'ada","x',
      'null',
      '__proto__',
      'constructor',
    ];
    const { minted } = await vendorOverHttp();
    const log = eventLog();
    const vendor = createTokenVendor({
      auth: authClientOf(momento),
      authorize: (_, rooms) => ({ rooms, role: 'member' }),
      mintLimit: { perSecond: 1000 },
      onEvent: log.onEvent,
    });
    const tokens = new Set<string>();
    for (const userId of [...names, ...names]) {
      const vended = await vendor.vend({ ip: '192.0.2.1', rooms: ['a'], identity: { userId } });
      expect(vended.userId).toBe(userId);
      tokens.add(vended.token);
    }
    expect(tokens.size).toBe(names.length);
    expect(minted()).toEqual([]);
  });

  it('are two even if authorize lets them share a token id', async () => {
    const { token } = await vendorOverHttp({
      authenticate,
      authorize: (_, rooms) => ({ rooms, role: 'member', userId: 'shared' }),
    });
    const ada = await token('?room=a', { 'x-user': 'ada' });
    const bob = await token('?room=a', { 'x-user': 'bob' });
    expect(ada.token).not.toBe(bob.token);
  });
});

describe('one user with a narrower and a wider grant', () => {
  const grants: [string, Grant][] = [
    ['reader of a', { rooms: ['a'], role: 'reader' }],
    ['member of a', { rooms: ['a'], role: 'member' }],
    ['member of a and b', { rooms: ['a', 'b'], role: 'member' }],
    ['member of everything that starts with a', { rooms: { prefix: 'a' }, role: 'member' }],
    ['reader of everything that starts with a', { rooms: { prefix: 'a' }, role: 'reader' }],
  ];

  it.each(
    grants.flatMap(([first, from]) => grants.map(([second, to]) => [first, second, from, to] as const)),
  )('as %s, then as %s, gets the one and the other', async (_, __, from, to) => {
    let grant = from;
    const { token, minted } = await vendorOverHttp({ authorize: () => grant });
    const before = await token('?room=a');
    grant = to;
    const after = await token('?room=a');
    expect(after.token === before.token).toBe(from === to);
    expect(minted().map(({ rooms, role }) => ({ rooms, role }))).toEqual(from === to ? [from] : [from, to]);
  });
});

describe('a token that is read back', () => {
  it('from the cache it is kept in cannot be, by any vended token, and tells nothing to who can', async () => {
    const client = await cacheClientOf(momento);
    const stored = new Map<string, string>();
    const spying = {
      get: client.get.bind(client),
      delete: client.delete.bind(client),
      async set(cache: string, key: string, value: string, options?: { ttl?: number }) {
        stored.set(key, value);
        return client.set(cache, key, value, options);
      },
    };
    const { token } = await vendorOverHttp({
      authenticate: () => ({ userId: 'ada@example.com' }),
      authorize: () => ({ rooms: { prefix: 'a' }, role: 'member' }),
      tokenCache: momentoTokenCache({ client: spying, cache: 'user', secret: 'a secret of some length' }),
    });
    const vended = await token('?room=a');
    expect(stored.size).toBe(1);
    const [[key, value] = ['', '']] = stored;
    const inner = JSON.parse(Buffer.from(vended.token, 'base64').toString()).api_key as string;
    for (const secret of [vended.token, inner, 'ada@example.com', '127.0.0.1', 'member', '"a"']) {
      expect(key).not.toContain(secret);
      expect(value).not.toContain(secret);
    }
    const thief = await cacheClientOf(momento, vended.token);
    const answer = await thief.get('user', key);
    expect(answer.type === 'Error' && answer.errorCode()).toBe('PERMISSION_ERROR');
    const overwriting = await thief.set('user', key, 'mine');
    expect(overwriting.type === 'Error' && overwriting.errorCode()).toBe('PERMISSION_ERROR');
  });
});

describe('token strings', () => {
  it('are in the body of the answer and nowhere else', async () => {
    const logged: unknown[] = [];
    const consoles = ['log', 'info', 'warn', 'error', 'debug'] as const;
    const before = consoles.map((name) => [name, console[name]] as const);
    const writes = [process.stdout.write, process.stderr.write] as const;
    for (const name of consoles) console[name] = (...args: unknown[]) => void logged.push(...args);
    process.stdout.write = ((text: unknown) => logged.push(text)) as never;
    process.stderr.write = ((text: unknown) => logged.push(text)) as never;
    const secrets: string[] = [];
    let events: unknown[] = [];
    const seen: unknown[] = [];
    try {
      const client = await cacheClientOf(momento);
      const broken = {
        get: async () => {
          throw new Error(`broken, ${secrets.join()}`);
        },
        set: async (_cache: string, _key: string, value: string) => {
          throw new Error(`cannot store ${value}`);
        },
        delete: client.delete.bind(client),
      };
      const made = await vendorOverHttp({
        auth: { apiKey: momento.apiKey, endpoint: momento.url },
        tokenCache: momentoTokenCache({ client: broken as never, cache: 'user' }),
      });
      events = made.events;
      secrets.push(momento.apiKey, JSON.parse(Buffer.from(momento.apiKey, 'base64').toString()).api_key);
      for (const query of ['?room=a', '?room=b', '?room=nope', '?room=a&room=b', '']) {
        const response = await made.get(query);
        seen.push([...response.headers]);
        const body = await response.json();
        if (response.ok) secrets.push(body.token);
        else seen.push(body);
      }
    } finally {
      for (const [name, log] of before) console[name] = log;
      [process.stdout.write, process.stderr.write] = writes;
    }
    expect(secrets.length).toBe(6);
    const emitted = JSON.stringify([
      logged,
      seen,
      events.map((event) => [event, Object.values(event as object).map(String)]),
    ]);
    for (const secret of secrets) expect(emitted).not.toContain(secret);
  });
});

describe('a page of another site', () => {
  it('cannot read a token, with or without the visitor’s cookies', async () => {
    const { get } = await vendorOverHttp({
      cors: { origins: ['https://app.example.com'], credentials: true },
    });
    for (const origin of ['https://evil.example', 'null', 'https://app.example.com.evil.example']) {
      const response = await get('?room=a', { origin, cookie: 'session=1' });
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
      expect(response.headers.get('access-control-allow-credentials')).toBeNull();
    }
  });
});

describe('hostile input', () => {
  it('of a 1 MB URL is refused', async () => {
    const { port, minted } = await vendorOverHttp();
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(`GET /?room=a&pad=${'x'.repeat(1024 * 1024)} HTTP/1.1\r\nHost: x\r\n\r\n`);
      });
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('error', () => resolve(text));
      socket.on('close', () => resolve(text));
      setTimeout(() => reject(new Error('no answer')), 60_000).unref();
    });
    expect(answer).toMatch(/^(HTTP\/1.1 431|$)/);
    expect(minted()).toEqual([]);
    // Fetch runtimes have no such limit of their own.
    const vendor = createTokenVendor({ auth: authClientOf(momento), rooms: ['a'] });
    const request = new Request(`http://x/?room=a&pad=${'x'.repeat(1024 * 1024)}`);
    expect((await vendor.fetch(request, { ip: '192.0.2.1' })).status).toBe(414);
  });

  it('of 10,000 rooms is refused', async () => {
    const { url, minted } = await vendorOverHttp({ authorize: (_, rooms) => ({ rooms, role: 'member' }) });
    const vendor = createTokenVendor({
      auth: authClientOf(momento),
      authorize: (_, rooms) => ({ rooms, role: 'member' }),
    });
    const rooms = Array.from({ length: 10_000 }, (_, i) => `r${i}`);
    const query = `?${rooms.map((room) => `room=${room}`).join('&')}`;
    expect((await vendor.fetch(new Request(`http://x/${query}`), { ip: '192.0.2.1' })).status).toBe(414);
    await expect(vendor.vend({ ip: '192.0.2.1', rooms })).rejects.toMatchObject({ status: 400 });
    const posted = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ rooms }),
    });
    expect(posted.status).toBe(413);
    const within = await fetch(`${url}/?${'room=x&'.repeat(1500)}`);
    expect(within.status).toBe(200);
    const many = await fetch(
      `${url}/?${rooms
        .slice(0, 101)
        .map((room) => `room=${room}`)
        .join('&')}`,
    );
    expect(many.status).toBe(400);
    expect(minted()).toHaveLength(1);
  });

  it.each([
    'a:b',
    ':',
    'a%00b',
    'a%0d%0aset-cookie:x',
    'a%C2%85',
    '%20',
    '',
    'x'.repeat(129),
    '%ED%A0%80%00',
  ])('in the room name %j is refused', async (name) => {
    const { get, minted } = await vendorOverHttp({ authorize: (_, rooms) => ({ rooms, role: 'member' }) });
    const response = await get(`?room=${name}`);
    expect(response.status).toBe(400);
    expect((await response.json()).error.code).toBe('invalid-argument');
    expect(response.headers.get('set-cookie')).toBeNull();
    expect(minted()).toEqual([]);
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'in the name %s, which objects have, makes a room like any other',
    async (name) => {
      const listed = await vendorOverHttp();
      expect((await listed.get(`?room=${name}`)).status).toBe(403);
      const { token, get, url } = await vendorOverHttp({
        authorize: (_, rooms) => ({ rooms, role: 'member' }),
      });
      const { token: vended } = await token(`?room=${name}&__proto__=x&constructor=y`);
      const posted = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: `{"rooms":["${name}"],"__proto__":{"rooms":["b"],"admin":true}}`,
      });
      expect((await posted.json()).token).toBe(vended);
      expect((await get('?room=b')).status).toBe(200);
      expect(({} as Record<string, unknown>).admin).toBeUndefined();
      const client = await cacheClientOf(momento, vended);
      expect((await client.listPushFront('chat', name, 'x')).type).toBe('Success');
      const other = await client.listFetch('chat', 'b');
      expect(other.type === 'Error' && other.errorCode()).toBe('PERMISSION_ERROR');
    },
  );

  it.each([
    ['h/?room=lobby&x=', '/token?room=secret'],
    ['h/?room=lobby#', '/token?room=secret'],
    ['h?room=lobby&x=', '/token?room=secret'],
    ['h#', '/token?room=secret'],
    ['user@h', '/token?room=secret'],
    ['h\\?room=lobby&', '/token?room=secret'],
    ['h:99999', '/token?room=secret'],
    ['good.example', '/token?room=lobby#&room=secret'],
    ['good.example', '/token#?room=secret'],
    ['good.example', '/token?room=lobby&ro\tom=secret'],
    ['good.example', '/token??room=secret'],
    ['good.example', '/token???room=secret'],
    ['good.example', '/token?\troom=secret'],
  ])(
    'in the Host %j with the target %j shows authenticate just the rooms that are vended',
    async (host, target) => {
      const { shown, vended, ...noted } = notingRooms();
      const { port } = await vendorOverHttp(noted);
      const socket = connect(port, '127.0.0.1', () => {
        socket.end(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      });
      const answer = await text(socket);
      // Node refuses some of it by itself.
      expect(answer).toMatch(/^HTTP\/1.1 (?:403|400) /);
      expect(shown).toEqual(vended);
      expect(shown).toHaveLength(answer.startsWith('HTTP/1.1 403') ? 1 : 0);
    },
  );

  it('over HTTP/2, which takes what HTTP/1 refuses, shows authenticate just the rooms that are vended', async () => {
    const { shown, vended, ...noted } = notingRooms();
    const vendor = createTokenVendor({ auth: authClientOf(momento), ...noted });
    const server = createHttp2Server(vendor);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    open.push(async () => {
      client.destroy();
      server.close();
    });
    for (const path of ['/token?room=%E9\u00c3\u00a9', '/token??room=secret']) {
      const stream = client.request({ ':path': path });
      await text(stream);
    }
    expect(shown).toHaveLength(2);
    expect(shown).toEqual(vended);
  });

  it('in a URL cannot send authenticate to another host', async () => {
    const seen: string[] = [];
    const { port } = await vendorOverHttp({
      authenticate: (request) => {
        seen.push(request.url);
        return null;
      },
    });
    for (const path of ['//evil.example/?room=a', '/\\evil.example', '/?room=a#x', '/%2f%2fevil']) {
      await new Promise<void>((resolve, reject) => {
        httpRequest({ port, host: '127.0.0.1', path, headers: { host: 'good.example' } }, (response) => {
          response.resume().on('end', resolve);
        })
          .on('error', reject)
          .end();
      });
    }
    expect(seen.map((url) => new URL(url).host)).toEqual(Array.from({ length: 4 }, () => 'good.example'));
  });
});
