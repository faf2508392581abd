import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Fetch } from '../../src/grpc-web/call.js';
import { messageFrame } from '../../src/grpc-web/framing.js';
import type { GrpcError } from '../../src/grpc-web/status.js';
import { streamCall } from '../../src/grpc-web/stream-call.js';
import { type UnaryRequest, unaryCall } from '../../src/grpc-web/unary-call.js';
import {
  GRPC_WEB_TEXT,
  type RecordingServer,
  startRecordingServer,
  textFrame,
  textTrailers,
} from '../transport/support/recording-server.js';

let server: RecordingServer;
beforeEach(async () => {
  server = await startRecordingServer();
});
afterEach(() => server.close());

const failed = (call: Promise<unknown>): Promise<GrpcError> =>
  call.then(
    () => {
      throw new Error('the call did not fail');
    },
    (error: GrpcError) => error,
  );

function unary(more: Partial<UnaryRequest> = {}): Promise<Uint8Array> {
  return unaryCall({
    url: `${server.url}/a/B`,
    headers: { authorization: 'secret' },
    message: Uint8Array.of(1),
    ...more,
  });
}

function stream(
  onMessage: (message: Uint8Array) => void,
  more: Partial<Parameters<typeof streamCall>[0]> = {},
): Promise<void> {
  return streamCall({ url: `${server.url}/a/B`, headers: {}, message: Uint8Array.of(1), onMessage, ...more });
}

describe('a unary call', () => {
  it('returns the message, whichever of the two formats it comes in', async () => {
    server.reply = () => ({ body: [textFrame('hello'), textTrailers()] });
    expect(Buffer.from(await unary()).toString()).toBe('hello');
    const trailers = messageFrame(Buffer.from('grpc-status:0\r\n'));
    trailers[0] = 0x80;
    server.reply = () => ({
      headers: { 'content-type': 'application/grpc-web+proto' },
      body: [messageFrame(Buffer.from('hello')), trailers],
    });
    expect(Buffer.from(await unary()).toString()).toBe('hello');
  });

  it('returns the message when the status stands in the headers', async () => {
    server.reply = () => ({ headers: { ...GRPC_WEB_TEXT, 'grpc-status': '0' }, body: [textFrame('x')] });
    expect(Buffer.from(await unary()).toString()).toBe('x');
  });

  it.each([
    ['status', { body: [textTrailers(5, 'no%20cache')] }, 5, 'no cache'],
    ['status', { headers: { ...GRPC_WEB_TEXT, 'grpc-status': '16' } }, 16, ''],
    ['http', { status: 500 }, 2, 'HTTP status 500'],
    ['http', { status: 302, headers: { location: '/elsewhere' } }, 2, 'the request was redirected'],
    [
      'http',
      { headers: { 'content-type': 'text/html' }, body: ['<p>'] },
      2,
      'the answer is not gRPC-Web; HTTP status 200',
    ],
    ['format', { body: [textFrame('abcdefgh').slice(0, 8)] }, 2, /middle of a frame/],
    ['format', { body: [textFrame('x')] }, 2, /without a status/],
    ['format', { body: [textTrailers()] }, 2, /no message/],
    [
      'connection',
      { body: [textFrame('abcdefgh').slice(0, 8)], end: 'cut' },
      14,
      'Momento cannot be reached',
    ],
  ] as const)('tells a failure of the kind %s: %j', async (origin, reply, status, message) => {
    server.reply = () => reply;
    const error = await failed(unary());
    expect({ origin: error.origin, status: error.status }).toEqual({ origin, status });
    expect(error.message).toMatch(message);
  });

  it('never sends the token where it is redirected to', async () => {
    server.reply = () => ({ status: 307, headers: { location: `${server.url}/elsewhere` } });
    await failed(unary());
    expect(server.requests.map(({ path }) => path)).toEqual(['/a/B']);
  });

  it('rejects when nobody listens, and says nothing of the request', async () => {
    await server.close();
    const error = await failed(unary());
    expect(error.origin).toBe('connection');
    expect(JSON.stringify([error, error.message, error.stack, error.cause])).not.toContain('secret');
  });

  it('says nothing of a token that cannot be a header', async () => {
    const error = await failed(unary({ headers: { authorization: 'secret\nsecret' } }));
    expect(`${error.message}${error.stack}${error.cause}`).not.toContain('secret');
  });

  it.each(['before the headers', 'in the body'])('keeps its deadline: %s', async (when) => {
    server.reply = () => ({ body: when === 'in the body' ? [textFrame('x')] : [], end: 'open' });
    const error = await failed(unary({ timeoutMs: 300 }));
    expect([error.origin, error.status]).toEqual(['deadline', 4]);
    expect(server.requests[0]?.headers['grpc-timeout']).toBe('300m');
    await vi.waitFor(() => expect(server.open).toBe(0));
  });

  it('is cancelled by its signal, before and after it was sent', async () => {
    server.reply = () => ({ end: 'open' });
    const before = await failed(unary({ signal: AbortSignal.abort() }));
    expect(before.origin).toBe('cancelled');
    expect(server.requests).toHaveLength(0);
    const controller = new AbortController();
    const call = failed(unary({ signal: controller.signal }));
    await vi.waitFor(() => expect(server.requests).toHaveLength(1));
    controller.abort();
    expect((await call).origin).toBe('cancelled');
    await vi.waitFor(() => expect(server.open).toBe(0));
  });

  it('refuses an answer that is too large before it has come', async () => {
    server.reply = () => ({ body: [textFrame(new Uint8Array(3000)).slice(0, 40)], end: 'open' });
    const error = await failed(unary({ maxAnswerBytes: 2000 }));
    expect([error.origin, error.status]).toEqual(['format', 8]);
  });

  it('returns once the status has come, although the connection breaks after it', async () => {
    server.reply = () => ({ body: [textFrame('x') + textTrailers()], end: 'cut' });
    expect(await unary()).toHaveLength(1);
  });

  it('is kept alive beyond the page if all such requests together are small enough', async () => {
    const sent: (boolean | undefined)[] = [];
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const slow: Fetch = async (_, init) => {
      sent.push(init.keepalive);
      await gate;
      return new Response(textFrame('x') + textTrailers(), { headers: GRPC_WEB_TEXT });
    };
    const call = (size: number) => unary({ keepalive: true, fetch: slow, message: new Uint8Array(size) });
    const calls = [call(30_000), call(30_000), call(1000), unary({ fetch: slow })];
    expect(sent).toEqual([true, undefined, true, undefined]);
    release();
    await Promise.all(calls);
    await call(30_000);
    expect(sent.at(-1)).toBe(true);
  });

  it('reads an answer as a whole where fetch cannot stream', async () => {
    const whole: Fetch = async () => {
      const response = new Response(textFrame('x') + textTrailers(), { headers: GRPC_WEB_TEXT });
      Object.defineProperty(response, 'body', { value: undefined });
      return response;
    };
    expect(await unary({ fetch: whole })).toHaveLength(1);
    expect((await failed(stream(() => {}, { fetch: whole }))).origin).toBe('environment');
  });

  it('says so where there is no fetch', async () => {
    vi.stubGlobal('fetch', undefined);
    try {
      const error = await failed(unary());
      expect([error.origin, error.message]).toEqual(['environment', 'this environment has no fetch']);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

/** A fetch that takes no notice of its signal, and whose answer ends well after `during` was called. */
function deaf(during: () => void): Fetch {
  return async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(Buffer.from(textFrame('x')));
      },
      async pull(controller) {
        await new Promise((resolve) => setImmediate(resolve));
        during();
        controller.close();
      },
    });
    return new Response(body, { headers: { ...GRPC_WEB_TEXT, 'grpc-status': '0' } });
  };
}

it.each(['a unary call', 'a stream'])(
  '%s is cancelled although fetch takes no notice of it',
  async (kind) => {
    const controller = new AbortController();
    const how = { fetch: deaf(() => controller.abort()), signal: controller.signal };
    const error = await failed(kind === 'a stream' ? stream(() => {}, how) : unary(how));
    expect(error.origin).toBe('cancelled');
  },
);

describe('a stream', () => {
  it('gives messages as they come and resolves at a clean end', async () => {
    const seen: string[] = [];
    server.reply = () => ({ body: [textFrame('a'), textFrame('b') + textFrame('c'), textTrailers()] });
    await stream((message) => seen.push(Buffer.from(message).toString()));
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it.each([
    ['status', { body: [textFrame('a'), textTrailers(16, 'expired')] }],
    ['status', { headers: { ...GRPC_WEB_TEXT, 'grpc-status': '5' } }],
    ['http', { status: 503 }],
    ['format', { body: [textFrame('a'), textFrame('abcdefgh').slice(0, 8)] }],
    ['format', { body: [textFrame('a')] }],
    ['connection', { body: [textFrame('a')], end: 'cut' }],
  ] as const)('tells its end of the kind %s: %j', async (origin, reply) => {
    server.reply = () => reply;
    expect((await failed(stream(() => {}))).origin).toBe(origin);
  });

  it('has a deadline for its first message only', async () => {
    server.reply = () => ({ end: 'open' });
    expect((await failed(stream(() => {}, { openTimeoutMs: 40 }))).origin).toBe('deadline');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      server.reply = () => ({ body: [textFrame('a')], end: 'open' });
      const controller = new AbortController();
      let open = () => {};
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      const ended = failed(stream(() => open(), { signal: controller.signal }));
      await opened;
      vi.advanceTimersByTime(60_000);
      controller.abort();
      expect((await ended).origin).toBe('cancelled');
    } finally {
      vi.useRealTimers();
    }
    await vi.waitFor(() => expect(server.open).toBe(0));
  });

  it('gives nothing any more once it is cancelled, not even what has come already', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    server.reply = () => ({ body: [textFrame('a') + textFrame('b') + textFrame('c')], end: 'open' });
    const ended = failed(
      stream(
        (message) => {
          seen.push(message.length);
          controller.abort();
        },
        { signal: controller.signal },
      ),
    );
    expect((await ended).origin).toBe('cancelled');
    expect(seen).toEqual([1]);
  });

  it('ends when a message cannot be understood', async () => {
    server.reply = () => ({ body: [textFrame('a')], end: 'open' });
    const error = await failed(
      stream(() => {
        throw new RangeError('no');
      }),
    );
    expect([error.origin, error.status]).toEqual(['format', 13]);
    await vi.waitFor(() => expect(server.open).toBe(0));
  });

  it('reads no faster than its messages are taken', async () => {
    let pulled = 0;
    const endless: Fetch = async () => {
      const body = new ReadableStream<Uint8Array>(
        {
          pull(controller) {
            pulled++;
            controller.enqueue(Buffer.from(pulled > 100 ? textTrailers() : textFrame('x')));
          },
        },
        { highWaterMark: 0 },
      );
      return new Response(body, { headers: GRPC_WEB_TEXT });
    };
    let taken = 0;
    let ahead = 0;
    await stream(
      () => {
        taken++;
        ahead = Math.max(ahead, pulled - taken);
      },
      { fetch: endless },
    );
    expect(taken).toBe(100);
    expect(ahead).toBeLessThanOrEqual(1);
  });
});
