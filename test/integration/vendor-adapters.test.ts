import { connect as connectHttp2, constants, createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import connect from 'connect';
import express from 'express';
import express4 from 'express4';
import Fastify from 'fastify';
import { Hono } from 'hono';
import {
  createTokenVendor,
  type LambdaEvent,
  lambdaHandler,
  type TokenVendor,
  type TokenVendorOptions,
} from 'momento-chat/server';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { countingAuth, eventLog, serve, settle } from '../server/support.js';

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()));
});

function vendorWith(options: Partial<TokenVendorOptions> = {}) {
  const auth = countingAuth();
  const log = eventLog();
  const vendor = createTokenVendor({
    auth,
    rooms: ['a', 'b'],
    mintLimit: { perSecond: 1000 },
    onEvent: log.onEvent,
    ...options,
  });
  return { vendor, mints: auth.mints, ...log };
}

type Mount = (vendor: TokenVendor) => Promise<string>;

/** Each serves a vendor under /api/token, and gives the server's origin. */
const FRAMEWORKS: [string, Mount][] = [
  [
    'node:http',
    async (vendor) => {
      const { url, close } = await serve(vendor);
      open.push(close);
      return url;
    },
  ],
  [
    'Express 5',
    async (vendor) => {
      const app = express();
      app.use('/api/token', vendor);
      const { url, close } = await serve(app);
      open.push(close);
      return url;
    },
  ],
  [
    'Express 5 behind express.json()',
    async (vendor) => {
      const app = express();
      app.use(express.json());
      app.use('/api/token', vendor);
      const { url, close } = await serve(app);
      open.push(close);
      return url;
    },
  ],
  [
    'Express 4 behind express.json()',
    async (vendor) => {
      const app = express4();
      app.use(express4.json());
      app.use('/api/token', vendor);
      const { url, close } = await serve(app);
      open.push(close);
      return url;
    },
  ],
  [
    'Express 4 as routes',
    async (vendor) => {
      const app = express4();
      app.all('/api/token', vendor);
      const { url, close } = await serve(app);
      open.push(close);
      return url;
    },
  ],
  [
    'Connect',
    async (vendor) => {
      const app = connect();
      app.use('/api/token', vendor);
      const { url, close } = await serve(app);
      open.push(close);
      return url;
    },
  ],
  [
    'Fastify, by its raw request',
    async (vendor) => {
      const app = Fastify();
      app.removeAllContentTypeParsers();
      app.addContentTypeParser('*', (_request, _payload, done) => done(null));
      app.all('/api/token', (request, reply) => {
        reply.hijack();
        vendor(request.raw, reply.raw);
      });
      open.push(() => app.close());
      return app.listen({ host: '127.0.0.1', port: 0 });
    },
  ],
];

describe.each(FRAMEWORKS)('a vendor in %s', (_, mount) => {
  it('answers GET, HEAD, POST and the rest', async () => {
    const seen: string[] = [];
    const { vendor, mints } = vendorWith({
      authenticate: (request) => {
        seen.push(`${request.method} ${request.url}`);
        return { userId: request.headers.get('x-user') ?? 'nobody' };
      },
    });
    const url = `${await mount(vendor)}/api/token`;
    const got = await fetch(`${url}?room=a&room=b`, { headers: { 'x-user': 'ada' } });
    expect(got.status).toBe(200);
    const vended = await got.json();
    expect(vended).toMatchObject({ token: 'token-1', userId: 'ada' });
    const posted = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-user': 'ada' },
      body: '{"rooms":["b","a"]}',
    });
    expect(await posted.json()).toMatchObject({ token: 'token-1' });
    // Bytes have no content type, and parsers of JSON leave them unread.
    const body = new TextEncoder().encode('{"rooms":["nope"]}');
    expect((await fetch(url, { method: 'POST', body })).status).toBe(403);
    expect((await fetch(`${url}?room=a`, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(`${url}?room=nope`)).status).toBe(403);
    expect((await fetch(`${url}?room=a`, { method: 'DELETE' })).status).toBe(405);
    expect(seen.slice(0, 2)).toEqual([`GET ${url}?room=a&room=b`, `POST ${url}`]);
    expect(mints).toHaveLength(2);
  });

  it('answers though the client has gone', async () => {
    let answer: (() => void) | undefined;
    const { vendor, types } = vendorWith({
      authenticate: () =>
        new Promise((resolve) => {
          answer = () => resolve({ userId: 'ada' });
        }),
    });
    const url = `${await mount(vendor)}/api/token?room=a`;
    const gone = new AbortController();
    const request = fetch(url, { signal: gone.signal }).catch(() => 'gone');
    await expect.poll(() => answer, { timeout: 20_000 }).toBeDefined();
    gone.abort();
    expect(await request).toBe('gone');
    answer?.();
    await expect.poll(types, { timeout: 20_000 }).toEqual(['minted']);
  });
});

describe('a vendor in Express behind what rewrites the query', () => {
  it('vends for the query that authenticate is shown', async () => {
    let seen = '';
    const { vendor, events } = vendorWith({
      authenticate: (request) => {
        seen = request.url;
        return { userId: 'ada' };
      },
    });
    const app = express();
    app.use((req, _res, next) => {
      req.url = req.url.replace('room=a', 'room=b');
      next();
    });
    app.use('/api/token', vendor);
    const { url, close } = await serve(app);
    open.push(close);
    expect((await fetch(`${url}/api/token?room=a`)).status).toBe(200);
    expect(seen).toBe(`${url}/api/token?room=b`);
    expect(events[0]?.rooms).toEqual(['b']);
  });
});

describe('a vendor in Node behind what has read the body', () => {
  const drain: Mount = async (vendor) => {
    const { url, close } = await serve(async (req, res) => {
      for await (const chunk of req) void chunk;
      vendor(req, res);
    });
    open.push(close);
    return url;
  };
  const fastify: Mount = async (vendor) => {
    const app = Fastify();
    app.all('/', (request, reply) => {
      reply.hijack();
      vendor(request.raw, reply.raw);
    });
    open.push(() => app.close());
    return app.listen({ host: '127.0.0.1', port: 0 });
  };
  const post = (url: string, body: string | null) =>
    fetch(url, {
      method: 'POST',
      headers: body === null ? {} : { 'content-type': 'application/json' },
      body,
    });

  it.each<[string, Mount]>([
    ['a middleware', drain],
    ["Fastify's parsers", fastify],
  ])('tells of it, and does not grant all rooms for those that %s read', async (_, mount) => {
    const { vendor, events, mints } = vendorWith();
    expect((await post(await mount(vendor), '{"rooms":["a"]}')).status).toBe(500);
    expect(events).toMatchObject([
      { type: 'failed', reason: expect.stringContaining('has been read already') },
    ]);
    expect(mints).toHaveLength(0);
  });

  it.each<[string, Mount]>([
    ['a middleware', drain],
    ["Fastify's parsers", fastify],
  ])('takes an empty body as %s left it for one that names no room', async (_, mount) => {
    const { vendor, events } = vendorWith();
    expect((await post(await mount(vendor), null)).status).toBe(200);
    expect(events).toMatchObject([{ type: 'minted', rooms: ['a', 'b'] }]);
  });
});

describe('a visitor who leaves before a vendor in Node is called', () => {
  it('is nobody to vend for, and no failure of the server', async () => {
    const { vendor, events, mints } = vendorWith();
    const gone = new AbortController();
    const called = new Promise<void>((resolve) => {
      const app = express();
      app.use((req, _res, next) => {
        req.socket.once('close', () => {
          next();
          resolve();
        });
        gone.abort();
      });
      app.use('/api/token', vendor);
      void serve(app).then(async ({ url, close }) => {
        open.push(close);
        await fetch(`${url}/api/token?room=a`, { signal: gone.signal }).catch(() => {});
      });
    });
    await called;
    await settle();
    expect(events).toEqual([]);
    expect(mints).toEqual([]);
  });

  it('is nobody either when it keeps its connection of HTTP/2', async () => {
    const { vendor, events, mints } = vendorWith();
    let leave = () => {};
    const called = new Promise<void>((resolve) => {
      const server = createHttp2Server((req, res) => {
        req.stream.once('close', () => {
          vendor(req, res);
          resolve();
        });
        leave();
      });
      server.listen(0, '127.0.0.1', () => {
        const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
        open.push(async () => {
          client.close();
          server.close();
        });
        const stream = client.request({ ':path': '/?room=a' });
        leave = () => stream.close(constants.NGHTTP2_CANCEL);
      });
    });
    await called;
    await settle();
    expect(events).toEqual([]);
    expect(mints).toEqual([]);
  });
});

describe('a vendor over HTTP/2', () => {
  it('answers through the compatibility layer', async () => {
    let url = '';
    const { vendor } = vendorWith({
      authenticate: (request) => {
        url = request.url;
        return { userId: 'ada' };
      },
    });
    const server = createHttp2Server(vendor);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const client = connectHttp2(`http://127.0.0.1:${port}`);
    open.push(async () => {
      client.close();
      server.close();
    });
    const stream = client.request({ ':path': '/token?room=a' });
    let text = '';
    let status = 0;
    stream.on('response', (headers) => {
      status = Number(headers[':status']);
    });
    for await (const chunk of stream) text += chunk;
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ token: 'token-1' });
    expect(url).toBe(`http://127.0.0.1:${port}/token?room=a`);

    const posted = client.request({ ':method': 'POST', ':path': '/', 'content-type': 'application/json' });
    let answered: unknown;
    posted.on('response', (headers) => {
      answered = headers[':status'];
    });
    const closed = new Promise((resolve) => posted.once('close', resolve));
    // It never ends, and holds no stream of the server.
    posted.write('x'.repeat(20_000));
    let rest = '';
    posted.on('data', (chunk) => {
      rest += chunk;
    });
    await closed;
    expect(answered).toBe(413);
    expect(JSON.parse(rest)).toMatchObject({ error: { code: 'invalid-argument' } });
  });

  it.each(['GET', 'HEAD', 'PUT', 'OPTIONS'])(
    'holds no stream of a request (%s) that does not end',
    async (method) => {
      const { vendor } = vendorWith();
      const server = createHttp2Server(vendor);
      const closed = new Promise((resolve) =>
        server.once('stream', (stream) => stream.once('close', resolve)),
      );
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      open.push(async () => {
        client.destroy();
        server.close();
      });
      const stream = client.request({ ':path': '/?room=a', ':method': method }, { endStream: false });
      const answered = new Promise((resolve) => stream.once('response', resolve));
      stream.resume();
      await answered;
      await closed;
    },
  );
});

describe('a vendor in Hono', () => {
  it('is a route like any other', async () => {
    const { vendor, mints } = vendorWith();
    const app = new Hono();
    app.all('/api/token', (c) => vendor.fetch(c.req.raw, { ip: '192.0.2.7' }));
    const response = await app.request('/api/token?room=a');
    expect(await response.json()).toMatchObject({ token: 'token-1' });
    expect(mints).toHaveLength(1);
  });

  it('tells of a body that somebody else has read', async () => {
    const { vendor, events } = vendorWith();
    const app = new Hono();
    app.use(async (c, next) => {
      await c.req.json();
      await next();
    });
    app.all('/api/token', (c) => vendor.fetch(c.req.raw, { ip: '192.0.2.7' }));
    const body = '{"rooms":["a"]}';
    const response = await app.request('/api/token', { method: 'POST', body });
    expect(response.status).toBe(500);
    expect(events).toMatchObject([
      { type: 'failed', reason: expect.stringContaining('has been read already') },
    ]);
  });
});

describe('a vendor in Lambda', () => {
  const event = (
    overrides: Partial<LambdaEvent> = {},
    method = 'GET',
    sourceIp = '192.0.2.7',
  ): LambdaEvent => ({
    rawPath: '/token',
    rawQueryString: 'room=a&room=b',
    headers: { host: 'x.lambda-url.us-west-2.on.aws', 'x-forwarded-for': '6.6.6.6, 192.0.2.7' },
    requestContext: { domainName: 'x.lambda-url.us-west-2.on.aws', http: { method, sourceIp } },
    ...overrides,
  });

  it('answers function URLs and HTTP APIs', async () => {
    const { vendor, events } = vendorWith();
    const handler = lambdaHandler(vendor);
    const result = await handler(event());
    expect(result).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
    });
    expect(JSON.parse(result.body)).toMatchObject({ token: 'token-1' });
    expect(events[0]?.ip).toBe('192.0.2.7');
    const body = Buffer.from('{"rooms":["a","b"]}').toString('base64');
    const headers = { 'content-type': 'application/json' };
    const posted = await handler(event({ rawQueryString: '', headers, body, isBase64Encoded: true }, 'POST'));
    expect(JSON.parse(posted.body)).toMatchObject({ token: 'token-1' });
    const plain = await handler(event({ rawQueryString: '', headers, body: '{"rooms":["b","a"]}' }, 'POST'));
    expect(JSON.parse(plain.body)).toMatchObject({ token: 'token-1' });
    expect((await handler(event({ rawQueryString: 'room=z' }))).statusCode).toBe(403);
    expect((await handler(event({}, 'HEAD'))).body).toBe('');
  });

  it.each<[string, number, Partial<LambdaEvent>, string]>([
    ['a header of two lines', 400, { headers: { cookie: 'name=a\nb' } }, 'GET'],
    ['a header name that is none', 400, { headers: { 'a b': 'c' } }, 'GET'],
    [
      'a domain that is none',
      400,
      { requestContext: { domainName: 'a b', http: { method: 'GET', sourceIp: '192.0.2.7' } } },
      'GET',
    ],
    [
      'an event of payload format 1.0',
      400,
      { requestContext: { identity: { sourceIp: '192.0.2.7' } } as unknown as LambdaEvent['requestContext'] },
      'GET',
    ],
    ['a body that is broken base64', 400, { body: '%', isBase64Encoded: true }, 'POST'],
    ['the method TRACE', 405, {}, 'TRACE'],
    ['the method CONNECT', 405, {}, 'CONNECT'],
    ['a method that is none', 405, {}, 'G E T'],
    ['the method DELETE, which the vendor sees', 405, {}, 'DELETE'],
  ])('answers %s with %i and JSON, and does not reject', async (_, status, overrides, method) => {
    const { vendor, mints } = vendorWith();
    const result = await lambdaHandler(vendor)(event(overrides, method));
    expect(result.statusCode).toBe(status);
    expect(result.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      ...(status === 405 ? { allow: 'GET, HEAD, POST, OPTIONS' } : {}),
    });
    expect(JSON.parse(result.body)).toEqual({
      error: { code: 'invalid-argument', message: expect.stringMatching(/^unable to vend a token; /) },
    });
    expect(mints).toHaveLength(0);
  });

  it.each([
    ['203.0.113.7:46532', '203.0.113.7'],
    ['2001:db8:1:2::9:46532', '2001:db8:1:2::/64'],
    ['2001:db8::1:2:3:4:5:4653', '2001:db8:0:1::/64'],
    ['[2001:db8:1:2::9]:46532', '2001:db8:1:2::/64'],
  ])('behind CloudFront takes the viewer %s as docs/token-vendor.md has it', async (viewer, ip) => {
    const { vendor, events } = vendorWith();
    const handler = lambdaHandler({
      fetch(request) {
        const viewer = request.headers.get('cloudfront-viewer-address') ?? '';
        return vendor.fetch(request, { ip: viewer.replace(/:\d+$/, '') });
      },
    });
    const headers = { 'cloudfront-viewer-address': viewer, 'x-forwarded-for': '6.6.6.6' };
    expect((await handler(event({ headers }))).statusCode).toBe(200);
    expect(events[0]?.ip).toBe(ip);
    expect((await handler(event())).statusCode).toBe(400);
  });

  it('shows authenticate the cookies and the URL', async () => {
    let seen: Request | undefined;
    const { vendor } = vendorWith({
      authenticate: (request) => {
        seen = request;
        return null;
      },
    });
    const result = await lambdaHandler(vendor)(event({ cookies: ['a=1', 'b=🎉'] }));
    expect(result.statusCode).toBe(401);
    // As Node's own server shows a header in UTF-8: byte by byte.
    expect(seen?.headers.get('cookie')).toBe(Buffer.from('a=1; b=🎉').toString('latin1'));
    expect(seen?.url).toBe('https://x.lambda-url.us-west-2.on.aws/token?room=a&room=b');
  });
});
