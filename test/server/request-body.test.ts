import { connect } from 'node:net';
import { createTokenVendor, lambdaHandler } from 'momento-chat/server';
import { describe, expect, it } from 'vitest';
import { type BodySource, readBody } from '../../src/server/http/request-body.js';
import { countingAuth, eventLog, FakeClock, serve } from './support.js';

const identity = async (request: Request) => {
  await request.text();
  return { userId: 'ada' };
};
const LONG = JSON.stringify({ rooms: ['a'], pad: 'x'.repeat(20_000) });

function vendor(options: Partial<Parameters<typeof createTokenVendor>[0]> = {}) {
  const log = eventLog();
  return {
    ...log,
    vendor: createTokenVendor({ auth: countingAuth(), rooms: ['a'], onEvent: log.onEvent, ...options }),
  };
}

const post = (body: BodyInit, init: RequestInit & { duplex?: 'half' } = {}) =>
  new Request('http://app.example/token', { method: 'POST', body, ...init });

/** A body that gives these chunks, and then nothing at all. */
function endless(...chunks: Uint8Array[]): BodySource & { stopped: boolean } {
  return {
    stopped: false,
    read() {
      const chunk = chunks.shift();
      return chunk === undefined ? new Promise(() => {}) : Promise.resolve({ done: false, chunk });
    },
    stop() {
      this.stopped = true;
    },
  };
}

describe('a body that is too long', () => {
  it.each([
    ['without authenticate', {}],
    ['with authenticate', { authenticate: identity }],
  ])('is answered with 413 by fetch and by Lambda, %s', async (_, options) => {
    const { vendor: made } = vendor(options);
    expect((await made.fetch(post(LONG), { ip: '192.0.2.1' })).status).toBe(413);
    const event = {
      body: LONG,
      requestContext: { http: { method: 'POST', sourceIp: '192.0.2.1' } },
    };
    expect((await lambdaHandler(made)(event)).statusCode).toBe(413);
  });

  it('is not waited for, though it never ends', async () => {
    const { vendor: made } = vendor({ authenticate: identity });
    let cancelled = false;
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(8192)),
      cancel: () => {
        cancelled = true;
      },
    });
    const response = await made.fetch(post(body, { duplex: 'half' }), { ip: '192.0.2.1' });
    expect(response.status).toBe(413);
    expect(cancelled).toBe(true);
  });

  it('is not read at all when its length is announced', async () => {
    const source = endless();
    await expect(readBody(source, '20000', new FakeClock())).rejects.toMatchObject({ status: 413 });
    expect(source.stopped).toBe(true);
  });
});

describe('a body that never ends', () => {
  it('is given up after ten seconds', async () => {
    const clock = new FakeClock();
    const source = endless(new Uint8Array(10));
    const outcome = readBody(source, undefined, clock).catch((error: unknown) => error);
    await clock.advance(9999);
    expect(source.stopped).toBe(false);
    await clock.advance(1);
    expect(await outcome).toMatchObject({ status: 408, code: 'invalid-argument' });
    expect(source.stopped).toBe(true);
    expect(clock.timers).toBe(0);
  });
});

describe('a body that breaks off', () => {
  it('is the client’s fault, through Node and through fetch', async () => {
    const { vendor: made, events } = vendor();
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) });
    expect((await made.fetch(post(body, { duplex: 'half' }), { ip: '192.0.2.1' })).status).toBe(400);
    const { url, close } = await serve(made);
    const { port } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.end('POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 100\r\n\r\n{"rooms"');
    await expect.poll(() => events.length).toBe(2);
    await close();
    for (const event of events) expect(event).toMatchObject({ type: 'denied', status: 400 });
  });
});

it('authenticate can read the body that rooms are read from', async () => {
  let seen = '';
  const { vendor: made } = vendor({
    authenticate: async (request) => {
      seen = await request.text();
      return { userId: request.headers.get('x-user') ?? '' };
    },
  });
  const body = JSON.stringify({ rooms: ['a'] });
  const response = await made.fetch(
    post(body, { headers: { 'x-user': 'ada', 'content-type': 'application/json' } }),
    { ip: '192.0.2.1' },
  );
  expect(await response.json()).toMatchObject({ userId: 'ada' });
  expect(seen).toBe(body);
});

it('what is refused for its method or its address counts, and is told with an address', async () => {
  const { vendor: made, events } = vendor({ rateLimit: { perIp: 3, windowSeconds: 60 }, trustProxy: 1 });
  const ask = (method: string, forwarded: string) =>
    made.fetch(new Request('http://h/', { method, headers: { 'x-forwarded-for': forwarded } }), {
      ip: '192.0.2.9',
    });
  for (let request = 0; request < 3; request += 1) {
    expect((await ask('PUT', '192.0.2.1')).status).toBe(405);
    expect((await ask('GET', 'nonsense')).status).toBe(400);
  }
  expect((await ask('PUT', '192.0.2.1')).status).toBe(429);
  expect((await ask('GET', 'nonsense')).status).toBe(429);
  expect(events.map(({ ip }) => ip)).toEqual(
    Array.from({ length: 8 }, (_, index) => (index % 2 === 0 ? '192.0.2.1' : '192.0.2.9')),
  );
});
