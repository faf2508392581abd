import { ChatError } from 'momento-chat';
import { createTokenVendor, VendorError } from 'momento-chat/server';
import { beforeAll, describe, expect, it, vi } from 'vitest';

/** The same source as another copy of the package would have it. */
async function otherCopy(): Promise<typeof VendorError> {
  vi.resetModules();
  return (await import('../../src/server/vendor-error.js')).VendorError;
}

describe('VendorError', () => {
  let Other: typeof VendorError;
  beforeAll(async () => {
    Other = await otherCopy();
  });

  it('of another copy of the library is a VendorError, and a ChatError, of this one', () => {
    expect(Other).not.toBe(VendorError);
    const error = new Other('unauthenticated', 'sign in first', { status: 401 });
    expect(error instanceof VendorError).toBe(true);
    expect(error instanceof ChatError).toBe(true);
    expect(new VendorError('server', 'the server failed', { status: 500 }) instanceof Other).toBe(true);
  });

  it('is nothing else', () => {
    for (const value of [undefined, null, 'VendorError', { status: 401 }, new ChatError('closed', 'no')])
      expect((value as unknown) instanceof VendorError).toBe(false);
  });

  it('can be extended, and only what is of the extension is an instance of it', () => {
    class Refused extends VendorError {}
    const refused = new Refused('permission-denied', 'not a member', { status: 403 });
    expect(refused instanceof Refused).toBe(true);
    expect(refused instanceof Other).toBe(true);
    expect(new VendorError('server', 'the server failed', { status: 500 }) instanceof Refused).toBe(false);
  });

  it.each([200, 204, 302, 0, 99, 600, 404.5, Number.NaN, '401' as never])(
    'of the status %j answers 500, and not with a success or with nothing',
    async (status) => {
      const vendor = createTokenVendor({
        onEvent: () => {},
        auth: { generateDisposableToken: async () => ({ type: 'Error' }) },
        rooms: ['lobby'],
        authenticate: () => {
          throw new VendorError('server', 'sign in first', { status, retryAfterSeconds: Number.NaN });
        },
      });
      const response = await vendor.fetch(new Request('https://chat.example/token'), { ip: '192.0.2.1' });
      expect([response.status, response.headers.get('retry-after')]).toEqual([500, null]);
    },
  );

  it('shows no mark of its own', () => {
    const error = new VendorError('server', 'the server failed', { status: 500 });
    expect(Object.getOwnPropertySymbols(error)).toEqual([]);
  });
});
