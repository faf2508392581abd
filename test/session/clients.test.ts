import { ChatRoom } from 'momento-chat';
import { describe, expect, it, onTestFinished } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';

const SECRET = 'not-a-token-of-momento';
const room = () =>
  new ChatRoom({
    room: 'lobby',
    user: { name: 'Ada' },
    token: async () => ({ token: SECRET, exp: 0, expiresIn: 3600 }),
  });

describe('a room with a token', () => {
  it('says what is missing where there is no XMLHttpRequest, and the ways out', async () => {
    const error = await room()
      .join()
      .catch((problem: unknown) => problem);
    expect(error).toMatchObject({ code: 'invalid-argument', retryable: false });
    expect(String(error)).toMatch(/XMLHttpRequest.*momento-chat\/lite.*`clients`/);
  });

  it('is told that the SDK cannot read the token, which is not quoted', async () => {
    onTestFinished(installBrowserGlobals());
    const error = (await room()
      .join()
      .catch((problem: unknown) => problem)) as Error;
    expect(error).toMatchObject({ code: 'token-unavailable' });
    expect(error.message).toBe('unable to use the token; the SDK cannot read it');
    expect(JSON.stringify([error, error.cause, error.stack])).not.toContain(SECRET);
  });
});
