import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { cache as cacheTypes } from '@gomomento/generated-types';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalMomento, ManualClock, startLocalMomento } from '../../src/local/index.js';
import { MOMENTO_METHODS } from '../../src/local/rpc/rpc-table.js';

const { _GetRequest } = cacheTypes.cache_client;
const ORIGIN = 'http://app.localhost:5173';

let momento: LocalMomento;
let key: string;
beforeAll(async () => {
  momento = await startLocalMomento({ caches: ['chat'] });
  key = JSON.parse(Buffer.from(momento.apiKey, 'base64').toString()).api_key;
});
afterAll(() => momento.close());

/** A gRPC-Web frame. */
function frame(message: Uint8Array, flags = 0): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt8(flags, 0);
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

const GET_FRAME = frame(new _GetRequest({ cache_key: Buffer.from('k') }).serialize());

function call(path: string, body: string | Buffer, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(momento.url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/grpc-web-text',
      origin: ORIGIN,
      authorization: key,
      cache: 'chat',
      ...headers,
    },
    body: typeof body === 'string' ? body : new Uint8Array(body),
  });
}

const alive = async () => (await fetch(`${momento.url}/health`)).status === 200;

describe('to a browser', () => {
  it('GET / says what this is, and GET /health that it runs', async () => {
    const greeting = await fetch(momento.url);
    expect(greeting.status).toBe(200);
    expect(await greeting.text()).toContain('This is a local Momento');
    expect(await (await fetch(`${momento.url}/health`)).text()).toBe('ok');
    expect((await fetch(`${momento.url}/nothing`)).status).toBe(404);
    expect((await fetch(momento.url, { method: 'HEAD' })).status).toBe(200);
  });

  it('a preflight allows whatever the page wants to send, for a while', async () => {
    const response = await fetch(`${momento.url}/cache_client.Scs/Get`, {
      method: 'OPTIONS',
      headers: {
        origin: ORIGIN,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,cache,x-anything-new',
        'access-control-request-private-network': 'true',
      },
    });
    expect(response.status).toBe(204);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-headers': 'authorization,cache,x-anything-new',
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-private-network': 'true',
      'access-control-max-age': '7200',
    });
  });

  it('every answer may be read by the page, and the trailers that come as headers too', async () => {
    const response = await call('/cache_client.Scs/Get', GET_FRAME.toString('base64'), { cache: 'nowhere' });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-expose-headers': expect.stringMatching(/grpc-status, grpc-message, err/),
      'grpc-status': '5',
      'grpc-message': 'Cache%20with%20name%3A%20nowhere%20does%20not%20exist',
    });
  });

  it('a refusal of headers that are too large may be read by the page, and so may one of what is no HTTP', async () => {
    const large = await call('/cache_client.Scs/Get', '', { authorization: 'k'.repeat(100_000) });
    expect(large.status).toBe(431);
    expect(large.headers.get('access-control-allow-origin')).toBe('*');
    const socket = connect(momento.port, '127.0.0.1', () => socket.write('nonsense\r\n\r\n'));
    expect(String(await once(socket, 'data'))).toMatch(
      /^HTTP\/1.1 400 .*access-control-allow-origin: \*\r\n/s,
    );
    socket.destroy();
  });
});

describe('gRPC-Web', () => {
  it('is spoken as text and as bytes', async () => {
    const text = await call('/cache_client.Scs/Get', GET_FRAME.toString('base64'));
    expect(text.headers.get('content-type')).toBe('application/grpc-web-text+proto');
    const bytes = await call('/cache_client.Scs/Get', GET_FRAME, {
      'content-type': 'application/grpc-web+proto',
    });
    expect(bytes.headers.get('content-type')).toBe('application/grpc-web+proto');
    expect(Buffer.from(await bytes.arrayBuffer())).toEqual(Buffer.from(await text.text(), 'base64'));
  });

  it('tells a text body that is cut in pieces, each with its padding, from nonsense', async () => {
    const pieces = [GET_FRAME.subarray(0, 4), GET_FRAME.subarray(4)].map((piece) => piece.toString('base64'));
    const response = await call('/cache_client.Scs/Get', pieces.join(''));
    expect(Buffer.from(await response.text(), 'base64').toString('latin1')).toContain('grpc-status:0');
  });

  it.each([
    ['no body', ''],
    ['half a base64 quartet', 'AAAAA'],
    ['no base64', '%%%%'],
    ['half a frame', 'AAAA'],
    [
      'a frame that ends early',
      frame(Buffer.from([1, 2, 3]))
        .subarray(0, 7)
        .toString('base64'),
    ],
    ['a message that is no such request', frame(Buffer.from([0x0a, 0xff, 0xff])).toString('base64')],
    ['trailers for a message', frame(Buffer.from('x'), 0x80).toString('base64')],
  ])('answers %s with INVALID_ARGUMENT', async (_, body) => {
    const response = await call('/cache_client.Scs/Get', body);
    expect(response.status).toBe(200);
    expect(response.headers.get('grpc-status')).toBe('3');
  });

  it('answers an unknown path, another content type and another method properly', async () => {
    const unknown = await call('/no.such.Service/Call', GET_FRAME.toString('base64'));
    expect(unknown.headers.get('grpc-status')).toBe('12');
    expect((await call('/cache_client.Scs/Get', '{}', { 'content-type': 'application/json' })).status).toBe(
      415,
    );
    expect((await fetch(momento.url, { method: 'PUT' })).status).toBe(405);
  });

  it('does not read a giant body to its end', async () => {
    const response = await new Promise<{ status: string | undefined; sent: number }>((resolve, reject) => {
      let sent = 0;
      const request = httpRequest(
        `${momento.url}/cache_client.Scs/Get`,
        {
          method: 'POST',
          headers: { 'content-type': 'application/grpc-web', authorization: key, cache: 'chat' },
        },
        (incoming) => {
          resolve({ status: String(incoming.headers['grpc-status']), sent });
          incoming.resume();
          request.destroy();
        },
      );
      // HTTP/1 lets the end of the connection overtake the answer when a client goes on writing.
      request.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'EPIPE' || error.code === 'ECONNRESET') resolve({ status: 'cut', sent });
        else reject(error);
      });
      const chunk = Buffer.alloc(1024 * 1024);
      const pump = (): void => {
        while (!request.destroyed && sent < 200 * chunk.length) {
          sent += chunk.length;
          if (!request.write(chunk)) {
            request.once('drain', pump);
            return;
          }
        }
      };
      pump();
    });
    expect(['8', 'cut']).toContain(response.status);
    expect(response.sent).toBeLessThan(60 * 1024 * 1024);
  });
});

describe('every RPC of Momento that is not served', () => {
  it('is UNIMPLEMENTED by its name, through both front ends', async () => {
    const client = new Client(`127.0.0.1:${momento.port}`, credentials.createInsecure());
    const refused: string[] = [];
    for (const { path, requestStream } of MOMENTO_METHODS) {
      const message = `${path.slice(1)} is not implemented by the local Momento`;
      const response = await call(path, frame(Buffer.alloc(0)).toString('base64'));
      const web = response.headers.get('grpc-status');
      await response.body?.cancel();
      if (web !== '12') continue;
      refused.push(path.slice(1));
      expect(decodeURIComponent(response.headers.get('grpc-message') ?? '')).toBe(message);
      if (requestStream) continue;
      const grpc = await new Promise<string | undefined>((resolve) => {
        const identity = (bytes: Buffer) => bytes;
        client.makeUnaryRequest(path, identity, identity, Buffer.alloc(0), new Metadata(), (error) =>
          resolve(error?.details),
        );
      });
      expect(grpc).toBe(message);
    }
    client.close();
    // Signing keys, vector indexes, the console's login, leaderboards, webhooks, functions.
    const beyondCaches =
      /^control_client\.ScsControl\/\w*(SigningKey|Index)|^auth\.Auth\/Login|^(leaderboard|webhook|function)/;
    expect(refused.filter((path) => !beyondCaches.test(path))).toEqual([]);
    expect(refused.length).toBeGreaterThan(25);
  });
});

describe('a connection', () => {
  const open = (): Promise<Socket> =>
    new Promise((resolve) => {
      const socket = connect(momento.port, '127.0.0.1', () => resolve(socket));
      socket.on('error', () => {});
    });
  const closed = (socket: Socket): Promise<void> =>
    new Promise((resolve) => {
      socket.on('data', () => {});
      socket.once('close', () => resolve());
    });

  it('that says P, then goes on to HTTP/2, is served', async () => {
    const socket = await open();
    socket.write('P');
    const answer = new Promise<Buffer>((resolve) => socket.once('data', resolve));
    setImmediate(() =>
      socket.write(Buffer.from('RI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1')),
    );
    // The server's own SETTINGS frame.
    expect((await answer).readUInt8(3)).toBe(4);
    socket.destroy();
  });

  it('that says P, then goes on to HTTP/1, is served', async () => {
    const socket = await open();
    socket.write('P');
    const answer = new Promise<Buffer>((resolve) => socket.once('data', resolve));
    setImmediate(() => socket.write('UT / HTTP/1.1\r\nhost: x\r\n\r\n'));
    expect((await answer).toString()).toContain('405');
    socket.destroy();
  });

  it('that ends without a word, or in the middle of one, is closed', async () => {
    const silent = await open();
    silent.end();
    await closed(silent);
    const half = await open();
    half.end('PR');
    await closed(half);
    expect(await alive()).toBe(true);
  });

  it('that sends bytes of no protocol is closed, and others are not harmed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          '',
          'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
          'POST /cache_client.Scs/Get HTTP/1.1\r\n',
          'PRI',
        ),
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        async (prefix, bytes) => {
          const socket = await open();
          socket.write(Buffer.concat([Buffer.from(prefix), bytes]));
          socket.end();
          await closed(socket);
        },
      ),
      { numRuns: 100 },
    );
    expect(await alive()).toBe(true);
  });

  it('whose HTTP/2 session does not notice that the client is gone is closed when its ping is not answered', async () => {
    const socket = await open();
    // Found by the test above: Node's HTTP/2 waits for the rest of a frame, deaf to the end of the connection.
    const frame = [95, 220, 157, 4, 68, 84, 96, 132, 92, 73];
    socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from(frame)]));
    socket.end();
    await closed(socket);
  });

  it('that breaks in the middle of a stream releases the stream', async () => {
    const small = await startLocalMomento({ caches: ['chat'], limits: { subscriptions: 1 } });
    const token = JSON.parse(Buffer.from(small.apiKey, 'base64').toString()).api_key;
    const subscribe = () =>
      fetch(`${small.url}/cache_client.pubsub.Pubsub/Subscribe`, {
        method: 'POST',
        headers: { 'content-type': 'application/grpc-web', authorization: token },
        body: new Uint8Array(
          frame(Buffer.from([0x0a, 4, ...Buffer.from('chat'), 0x12, 1, ...Buffer.from('t')])),
        ),
        signal: abort.signal,
      });
    const abort = new AbortController();
    const first = await subscribe();
    expect(first.headers.get('grpc-status')).toBeNull();
    expect((await subscribe()).headers.get('grpc-status')).toBe('8');
    small.faults.dropConnections();
    await expect.poll(async () => (await subscribe()).headers.get('grpc-status')).toBeNull();
    await small.close();
  });
});

describe('starting and closing', () => {
  it('refuses options that make no sense', async () => {
    await expect(startLocalMomento({ heartbeatMs: 0 })).rejects.toThrow(RangeError);
    await expect(startLocalMomento({ limits: { publishBytes: -1 } })).rejects.toThrow(RangeError);
    await expect(startLocalMomento({ caches: ['a', 'a'] })).rejects.toThrow('already exists');
    // Node takes it for every address of the machine.
    await expect(startLocalMomento({ host: '' })).rejects.toThrow(RangeError);
  });

  it('rejects when the port is taken', async () => {
    await expect(startLocalMomento({ port: momento.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('leaves no timer behind, whatever was going on', async () => {
    const clock = new ManualClock();
    const busy = await startLocalMomento({ caches: ['chat'], clock });
    const token = JSON.parse(Buffer.from(busy.apiKey, 'base64').toString()).api_key;
    const client = new Client(`127.0.0.1:${busy.port}`, credentials.createInsecure());
    const identity = (bytes: Buffer) => bytes;
    const subscription = Buffer.from([0x0a, 4, ...Buffer.from('chat'), 0x12, 1, ...Buffer.from('t')]);
    const path = '/cache_client.pubsub.Pubsub/Subscribe';
    const stream = client.makeServerStreamRequest(path, identity, identity, subscription, new Metadata());
    const streamEnded = new Promise((resolve) => stream.once('error', resolve));
    await new Promise((resolve) => stream.once('data', resolve));
    const headers = { 'content-type': 'application/grpc-web', authorization: token };
    const body = new Uint8Array(frame(subscription));
    const web = await fetch(busy.url + path, { method: 'POST', headers, body });
    const webEnded = web.text().catch(() => 'broken');
    busy.faults.refuseConnections(60_000);
    busy.faults.delay({ ms: 60_000 });
    const delayed = new Promise((resolve) => {
      client.makeUnaryRequest('/cache_client.Ping/Ping', identity, identity, Buffer.alloc(0), resolve);
    });
    await expect.poll(() => clock.pending).toBe(4);

    await busy.close();
    await Promise.all([streamEnded, delayed]);
    expect(await webEnded).toBe('broken');
    await expect.poll(() => clock.pending).toBe(0);
    client.close();
  });

  it('frees the port, ends connections, and may be closed twice', async () => {
    const first = await startLocalMomento({ caches: ['chat'] });
    const socket = connect(first.port, '127.0.0.1');
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('connect', resolve));
    const ended = new Promise((resolve) => socket.once('close', resolve));
    await Promise.all([first.close(), first.close()]);
    await ended;
    const second = await startLocalMomento({ port: first.port });
    await second.close();
  });
});
