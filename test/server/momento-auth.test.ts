import { momentoAuth } from 'momento-chat/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { encode } from '../../src/grpc-web/protobuf.js';
import {
  answer,
  GRPC_WEB_TEXT,
  type RecordingServer,
  type Reply,
  startRecordingServer,
  textFrame,
  textTrailers,
} from '../transport/support/recording-server.js';

const KEY = 'the-secret-key';
const HTML = { 'content-type': 'text/html' };
const MINUTE = { doesExpire: () => true, seconds: () => 60 };
const SCOPE = { permissions: [{ role: 'readonly', cache: 'chat', item: { key: 'a' } }] };

let server: RecordingServer;
beforeEach(async () => {
  server = await startRecordingServer();
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await server.close();
});

function mint() {
  return momentoAuth({ apiKey: KEY, endpoint: server.url }).generateDisposableToken(SCOPE, MINUTE);
}

async function refusal(): Promise<{ code: string; message: string }> {
  const response = await mint();
  if (response.type !== 'Error') throw new Error('a token was minted');
  return { code: response.errorCode(), message: response.message() };
}

describe('a client of the token service', () => {
  it('gives the token, its endpoint and its end', async () => {
    server.reply = () => answer(encode([1, 'token'], [2, 'host'], [3, 2_000_000_000]));
    const response = await mint();
    if (response.type !== 'Success') throw new Error(response.message());
    expect(JSON.parse(atob(response.authToken))).toEqual({ endpoint: 'host', api_key: 'token' });
    expect(response.endpoint).toBe('host');
    expect(response.expiresAt.epoch()).toBe(2_000_000_000);
    expect(server.requests[0]).toMatchObject({
      path: '/token.Token/GenerateDisposableToken',
      headers: { agent: 'momento-chat:auth' },
    });
  });

  it.each<[string, Reply]>([
    ['AUTHENTICATION_ERROR', { body: [textTrailers(16, 'no')] }],
    ['LIMIT_EXCEEDED_ERROR', { headers: { ...GRPC_WEB_TEXT, 'grpc-status': '8' } }],
    ['UNKNOWN_SERVICE_ERROR', { headers: { ...GRPC_WEB_TEXT, 'grpc-status': '99' } }],
    ['INVALID_ARGUMENT_ERROR', { status: 400, headers: HTML }],
    ['AUTHENTICATION_ERROR', { status: 401, headers: HTML }],
    ['PERMISSION_ERROR', { status: 403, headers: HTML }],
    ['NOT_FOUND_ERROR', { status: 404, headers: HTML }],
    ['LIMIT_EXCEEDED_ERROR', { status: 429, headers: HTML }],
    ['LIMIT_EXCEEDED_ERROR', { status: 429 }],
    ['SERVER_UNAVAILABLE', { status: 500 }],
    ['SERVER_UNAVAILABLE', { status: 502, headers: HTML }],
    ['SERVER_UNAVAILABLE', { status: 503, headers: HTML }],
    ['SERVER_UNAVAILABLE', { status: 503 }],
    ['SERVER_UNAVAILABLE', { status: 504 }],
    ['UNKNOWN_SERVICE_ERROR', { headers: HTML, body: ['<p>sign in to the network'] }],
    ['INTERNAL_SERVER_ERROR', { body: ['%%%'] }],
    ['INTERNAL_SERVER_ERROR', { body: [textFrame('cut off').slice(0, 8)] }],
    ['SERVER_UNAVAILABLE', { body: [textFrame('cut off').slice(0, 8)], end: 'cut' }],
    ['INTERNAL_SERVER_ERROR', answer(Uint8Array.of(0xff))],
    ['INTERNAL_SERVER_ERROR', answer(encode([2, 'an endpoint and no token']))],
    ['INTERNAL_SERVER_ERROR', answer(new Uint8Array(300 * 1024))],
  ])('reports %s for %j', async (code, reply) => {
    server.reply = () => reply;
    expect((await refusal()).code).toBe(code);
  });

  it('never sends the key where it is redirected to', async () => {
    server.reply = () => ({ status: 307, headers: { location: `${server.url}/elsewhere` } });
    expect((await refusal()).code).toBe('UNKNOWN_SERVICE_ERROR');
    expect(server.requests.map(({ path }) => path)).toEqual(['/token.Token/GenerateDisposableToken']);
  });

  it('says nothing of the request when the call fails, whatever fetch says', async () => {
    vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
      throw new Error(`cannot send ${atob(String(init.body))}`);
    });
    const { code, message } = await refusal();
    expect(code).toBe('SERVER_UNAVAILABLE');
    expect(message).not.toContain(KEY);
  });

  it('fails for good where there is no fetch, and says so', async () => {
    vi.stubGlobal('fetch', undefined);
    expect(await refusal()).toEqual({ code: 'BAD_REQUEST_ERROR', message: 'this environment has no fetch' });
  });
});
