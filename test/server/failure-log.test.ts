import { createTokenVendor, type TokenVendorOptions, VendorError } from 'momento-chat/server';
import { expect, it, onTestFinished, vi } from 'vitest';
import { countingAuth, error } from './support.js';

const ASKED = { ip: '192.0.2.1', rooms: ['a'] };

/** What the console is told while a vendor with these options is asked for a token. */
async function told(options: Partial<TokenVendorOptions>): Promise<string[]> {
  const spy = vi.spyOn(console, 'error').mockImplementation(() => {});
  onTestFinished(() => spy.mockRestore());
  const vendor = createTokenVendor({ auth: countingAuth(), rooms: ['a'], ...options });
  await vendor.vend(ASKED).catch(() => {});
  return spy.mock.calls.map((line) => line.join(' '));
}

it.each(['authorize', 'scope'] as const)(
  'a bug in %s of a vendor without onEvent is in the console, once, with its place',
  async (step) => {
    const [line, ...rest] = await told({
      [step]: () => {
        throw new TypeError('x is undefined');
      },
    });
    expect(line).toMatch(new RegExp(`500.*${step} threw`));
    expect(line).toMatch(/TypeError: x is undefined\s+at .*failure-log\.test\.ts/);
    expect(rest).toEqual([]);
  },
);

it('what hangs on an error, as the headers of a request do, is not in the console', async () => {
  const config = { headers: { authorization: 'Bearer of a secret' } };
  const [line] = await told({ authorize: () => Promise.reject(Object.assign(new Error('no'), { config })) });
  expect(line).toContain('Error: no');
  expect(line).not.toContain('secret');
});

it("of Momento's refusal to mint the console has the code, and not the text", async () => {
  const auth = { generateDisposableToken: async () => error('AUTHENTICATION_ERROR') };
  const [line] = await told({ auth });
  expect(line).toMatch(/502.*AUTHENTICATION_ERROR/);
  expect(line).not.toContain('secret');
});

it.each<[string, Partial<TokenVendorOptions>]>([
  ['is vended', {}],
  ['is denied', { authorize: () => null }],
  [
    'is denied by a VendorError of the app',
    {
      authorize: () => {
        throw new VendorError('permission-denied', 'banned', { status: 403 });
      },
    },
  ],
  [
    'fails, where onEvent hears of it',
    {
      onEvent: () => {},
      authorize: () => {
        throw new Error('no');
      },
    },
  ],
])('the console has nothing of a token that %s', async (_, options) => {
  expect(await told(options)).toEqual([]);
});
