import { expect, it } from 'vitest';
import { requestToken, type TokenRequest } from '../../src/session/token-source.js';
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
