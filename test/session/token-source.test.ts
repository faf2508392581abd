import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { requestToken, retryAfterMs, type TokenRequest } from '../../src/session/token-source.js';
import { systemScheduler } from '../../src/shared/clock.js';
import type { ChatError } from '../../src/shared/errors.js';
import { VirtualTime } from '../support/virtual-time.js';

it.each([undefined, null, 'token', {}, { token: '' }])(
  'an answer without a token (%j) is told so at once',
  async (answer) => {
    const time = new VirtualTime();
    const request: TokenRequest = { rooms: ['r'], reason: 'join', signal: new AbortController().signal };
    await expect(requestToken(async () => answer as never, request, time)).rejects.toMatchObject({
      code: 'token-unavailable',
      retryable: false,
      message: expect.stringContaining('holds none'),
    });
  },
);

it('G4: a token source that never answers is given up after ten seconds, and told so', async () => {
  const time = new VirtualTime();
  let given: AbortSignal | undefined;
  const source = ({ signal }: TokenRequest) => {
    given = signal;
    return new Promise<never>(() => {});
  };
  const left = new AbortController();
  const asking = expect(
    requestToken(source, { rooms: ['r'], reason: 'refresh', signal: left.signal }, time),
  ).rejects.toMatchObject({ code: 'token-unavailable', retryable: true });
  await time.advance(9_999);
  expect(given?.aborted).toBe(false);
  await time.advance(1);
  await asking;
  expect(given?.aborted).toBe(true);
  expect(time.pending).toBe(0);
});

it('a runtime without fetch is told so at once when the token is a URL', async () => {
  vi.stubGlobal('fetch', undefined);
  try {
    const request: TokenRequest = { rooms: ['r'], reason: 'join', signal: new AbortController().signal };
    await expect(requestToken('http://127.0.0.1:1/token', request, new VirtualTime())).rejects.toMatchObject({
      code: 'token-unavailable',
      retryable: false,
      message: expect.stringContaining('needs fetch'),
    });
  } finally {
    vi.unstubAllGlobals();
  }
});

const GOOD = {
  token: 't',
  exp: 1_800_000_000,
  expiresIn: 3600,
  userId: 'ada',
  endpoint: 'http://127.0.0.1:1',
};

it.each([
  ['userId', 42],
  ['userId', null],
  ['userId', ''],
  ['exp', '1800000000'],
  ['exp', 1_800_000_000_000],
  ['exp', Number.NaN],
  ['exp', undefined],
  ['expiresIn', -1],
  ['expiresIn', Number.NaN],
  ['expiresIn', '3600'],
  ['endpoint', 'somewhere'],
  ['endpoint', 'file:///x'],
  ['endpoint', null],
])('G4: an answer whose `%s` is %j is refused, and the field named', async (field, value) => {
  const request: TokenRequest = { rooms: ['r'], reason: 'join', signal: new AbortController().signal };
  const ask = (answer: unknown) => requestToken(async () => answer as never, request, new VirtualTime());
  await expect(ask(GOOD)).resolves.toBe(GOOD);
  await expect(ask({ ...GOOD, [field]: value })).rejects.toMatchObject({
    code: 'token-unavailable',
    retryable: false,
    message: expect.stringContaining(`\`${field}\``),
  });
});

describe('a token endpoint that fails', () => {
  async function refusedBy(answer: (response: ServerResponse) => void): Promise<ChatError> {
    const server = createServer((_, response) => answer(response)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const request: TokenRequest = { rooms: ['r'], reason: 'refresh', signal: new AbortController().signal };
    const url = `http://127.0.0.1:${port}/token?key=secret`;
    const error: ChatError = await requestToken(url, request, systemScheduler).then(
      () => expect.unreachable(),
      (problem) => problem,
    );
    server.close();
    expect(error.message).toContain(`http://127.0.0.1:${port}/token`);
    expect(error.message).not.toContain('secret');
    return error;
  }

  it.each([
    [500, 'token-unavailable'],
    [404, 'token-unavailable'],
    [429, 'rate-limited'],
    [401, 'unauthenticated'],
  ])('G4: is named with its status %i, without its query', async (status, code) => {
    const error = await refusedBy((response) => response.writeHead(status).end());
    expect(error).toMatchObject({ code, message: expect.stringContaining(`answered ${status}`) });
  });

  it('G4: is named when it answers a page', async () => {
    const error = await refusedBy((response) =>
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<h1>Sign in'),
    );
    expect(error.message).toContain('something that is not JSON (text/html)');
    expect(error.cause).toBeUndefined();
  });

  it.each([
    [429, '20', 20_000],
    [503, '20', 20_000],
    [503, 'Wed, 21 Oct 2026 07:28:30 GMT', 30_000],
    [429, '86400', 60_000],
    [429, 'soon', 0],
    [500, '20', 0],
  ])('G4: has its Retry-After kept: %i, %j', async (status, value, ms) => {
    const headers = { 'retry-after': value, date: 'Wed, 21 Oct 2026 07:28:00 GMT' };
    const error = await refusedBy((response) => response.writeHead(status, headers).end());
    expect(retryAfterMs(error)).toBe(ms);
  });
});
