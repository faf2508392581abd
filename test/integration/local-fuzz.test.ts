import { connect, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalMomento, startLocalMomento } from '../../src/local/index.js';
import { MOMENTO_METHODS } from '../../src/local/rpc/rpc-table.js';
import { CERTIFICATE } from '../local/support/certificate.js';
import { listen } from '../local/support/listen.js';
import { outcome } from '../local/support/outcome.js';
import { clientsOf } from '../local/support/sdk-clients.js';

/**
 * Bounded, and with the seed in the message of a failure. Promises for every input: the server goes on serving,
 * nothing is thrown that nobody catches, and no connection stays behind.
 */
const RUNS = 150;

let momento: LocalMomento;
let key: string;
const uncaught: unknown[] = [];
const note = (error: unknown): void => {
  uncaught.push(error);
};

beforeAll(async () => {
  process.on('unhandledRejection', note);
  process.on('uncaughtException', note);
  momento = await startLocalMomento({ caches: ['chat'], tls: CERTIFICATE });
  key = (JSON.parse(Buffer.from(momento.apiKey, 'base64').toString()) as { api_key: string }).api_key;
});
afterAll(async () => {
  process.off('unhandledRejection', note);
  process.off('uncaughtException', note);
  await momento.close();
});

/** Sends bytes over a connection of its own, gives the server a moment for what it makes of them, and hangs up. */
function send(...parts: Uint8Array[]): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket: Socket = connect(momento.port, '127.0.0.1', () => {
      for (const part of parts) socket.write(part);
      socket.end();
    });
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
      // An open stream says its first word and then waits for us to leave.
      if (answer.includes('\r\n\r\n')) socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(answer));
    socket.setTimeout(300, () => socket.destroy());
  });
}

async function serves(): Promise<void> {
  expect((await fetch(`${momento.url}/health`, { headers: { connection: 'close' } })).status).toBe(200);
  expect(uncaught).toEqual([]);
}

const anyBytes = fc.uint8Array({ maxLength: 400 });
const method = fc.constantFrom(...MOMENTO_METHODS.map(({ path }) => path));
const header = fc.string({ maxLength: 60 }).map((text) => text.replace(/[^\x20-\x7e]/g, '?'));
/** A frame whose announced length and flags need not be true. */
const frame = fc
  .record({
    flags: fc.constantFrom(0, 0, 0, 1, 0x80, 0xff),
    length: fc.option(fc.nat(0xffffffff)),
    body: anyBytes,
  })
  .map(({ flags, length, body }) => {
    const head = Buffer.alloc(5);
    head.writeUInt8(flags, 0);
    head.writeUInt32BE(length ?? body.length, 1);
    return Buffer.concat([head, body]);
  });

describe('whatever comes', () => {
  it('as bytes, also behind the first bytes of TLS and of HTTP/2', async () => {
    const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    const start = fc.constantFrom(
      Buffer.alloc(0),
      Buffer.from([0x16, 3, 1]),
      preface,
      Buffer.from('POST / HT'),
    );
    await fc.assert(
      fc.asyncProperty(start, fc.array(anyBytes, { maxLength: 3 }), async (first, parts) => {
        await send(first, ...parts);
      }),
      { numRuns: RUNS },
    );
    await serves();
  });

  it('as gRPC-Web calls with false frames, base64 and headers', async () => {
    await fc.assert(
      fc.asyncProperty(
        method,
        frame,
        fc.boolean(),
        fc.record({ cache: header, authorization: fc.oneof(header, fc.constant('KEY')), text: fc.boolean() }),
        async (path, message, cut, { cache, authorization, text }) => {
          const encoded = text ? message.toString('base64').slice(cut ? 3 : 0) : message;
          const length = Buffer.byteLength(encoded);
          const head = [
            `POST ${path} HTTP/1.1`,
            'host: fuzz',
            `content-type: application/grpc-web${text ? '-text' : ''}`,
            `authorization: ${authorization === 'KEY' ? key : authorization}`,
            `cache: ${cache}`,
            `content-length: ${length}`,
            '\r\n',
          ].join('\r\n');
          const answer = await send(Buffer.from(head), Buffer.from(encoded));
          // Answered as gRPC-Web or refused as HTTP, never by silence or by the server's own mistake.
          expect(answer).toMatch(/^HTTP\/1\.1 (200|400)/);
          expect(answer).not.toMatch(/grpc-status: 13/i);
        },
      ),
      { numRuns: RUNS },
    );
    await serves();
  });

  it('as requests without a socket', async () => {
    await fc.assert(
      fc.asyncProperty(method, frame, fc.boolean(), async (path, message, text) => {
        const gone = new AbortController();
        const response = await momento.engine.fetch(
          new Request(`http://any.test${path}`, {
            method: 'POST',
            body: text ? message.toString('base64') : message,
            headers: {
              'content-type': `application/grpc-web${text ? '-text' : ''}`,
              authorization: key,
              cache: 'chat',
            },
            signal: gone.signal,
          }),
        );
        expect(response.status).toBe(200);
        expect(response.headers.get('grpc-status')).not.toBe('13');
        gone.abort();
      }),
      { numRuns: RUNS },
    );
    await serves();
  });

  it('as names with half of a surrogate pair', async () => {
    const clients = await clientsOf('@gomomento/sdk', momento);
    const half = 'chat-😀'.slice(0, 6);
    expect(outcome(await clients.topics.publish(half, 't', 'v'))).toBe('NOT_FOUND_ERROR');
    await expect(listen(clients, 't', half)).rejects.toThrow('NOT_FOUND_ERROR');
    expect(outcome(await clients.topics.publish('chat', half, half))).toBe('Success');
    expect(outcome(await clients.cache.createCache(half))).toBe('Success');
    expect(outcome(await clients.cache.createCache(half))).toBe('AlreadyExists');
    const listener = await listen(clients, 't', half);
    expect(outcome(await clients.cache.deleteCache(half))).toBe('Success');
    await expect.poll(() => listener.errors).toEqual(['NOT_FOUND_ERROR']);
    clients.close();
    await serves();
  });

  it('no connection and no stream stays behind', async () => {
    await expect.poll(() => momento.faults.dropConnections(), { timeout: 5000 }).toBe(0);
  });
});
