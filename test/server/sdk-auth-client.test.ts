import { AuthClient as WebAuthClient, CredentialProvider as WebCredentialProvider } from '@gomomento/sdk-web';
import { type AuthClientLike, createTokenVendor, keyRing, momentoAuth } from 'momento-chat/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exactAuthClient } from '../../src/server/minting/sdk-auth-client.js';
import { installBrowserGlobals } from '../support/browser-globals.js';
import { authClientOf, countingAuth } from './support.js';

let uninstall: () => void;
beforeAll(() => {
  uninstall = installBrowserGlobals();
});
afterAll(() => uninstall());

const sdk = () => authClientOf({ port: 1 });
const web = () => new WebAuthClient({ credentialProvider: WebCredentialProvider.forMomentoLocal({}) });
const inner = (client: object) => (client as unknown as { authClient: object }).authClient;
const { generateDisposableToken } = countingAuth();

/** As a later version of the SDK could be: without some of its properties. */
function without(client: object, ...names: string[]): AuthClientLike {
  return new Proxy(client, {
    has: (target, name) => !names.includes(String(name)) && name in target,
    get: (target, name) => (names.includes(String(name)) ? undefined : Reflect.get(target, name)),
  }) as AuthClientLike;
}

const DEPRECATED = ['generateApiKey', 'generateAuthToken', 'refreshApiKey', 'refreshAuthToken'];

describe('an AuthClient of an SDK', () => {
  it.each<[string, () => AuthClientLike]>([
    ["@gomomento/sdk's", sdk],
    ["@gomomento/sdk-web's", web],
    ["@gomomento/sdk's without what is deprecated", () => without(sdk(), ...DEPRECATED)],
    ["@gomomento/sdk-web's without what is deprecated", () => without(web(), ...DEPRECATED)],
  ])('is not what writes the request: %s', (_, make) => {
    const client = make();
    const { auth, apiKey } = exactAuthClient(client);
    expect(auth).not.toBe(client);
    expect(apiKey).toEqual(expect.any(String));
  });

  class AuthClient {
    readonly generateDisposableToken = generateDisposableToken;
  }

  it.each<[string, () => AuthClientLike]>([
    ['its inner client is hidden', () => without(sdk(), 'authClient')],
    ["sdk-web's inner client is hidden", () => without(web(), 'authClient')],
    [
      'its inner client and all that is deprecated is gone',
      () => without(sdk(), 'authClient', ...DEPRECATED),
    ],
    ['it is the inner client itself', () => inner(sdk()) as AuthClientLike],
    ["it is sdk-web's inner client itself", () => inner(web()) as AuthClientLike],
    ...['generateApiKey', 'generateAuthToken', 'refreshAuthToken', 'authClient', 'tokenClient', 'creds'].map(
      (name): [string, () => AuthClientLike] => [
        `all that is left of it is ${name}`,
        () => ({ generateDisposableToken, [name]: () => {} }) as AuthClientLike,
      ],
    ),
    ['all that is left of it is the name of its class', () => new AuthClient()],
    ['its credentials are hidden', () => ({ generateDisposableToken, authClient: {} }) as AuthClientLike],
    [
      'it has another channel',
      () =>
        ({
          generateDisposableToken,
          authClient: { creds: { getAuthToken: () => 'key' }, tokenClient: {} },
        }) as AuthClientLike,
    ],
  ])('is refused at creation when %s', (_, make) => {
    expect(() => createTokenVendor({ auth: make(), rooms: ['a'] })).toThrow(
      /^unable to use this AuthClient; it looks like one of a Momento SDK.* for the whole cache/,
    );
  });
});

describe('an auth client that is no SDK’s', () => {
  const credentials = { apiKey: 'k', endpoint: 'cell.example.com' };

  it.each<[string, () => AuthClientLike]>([
    ['an object with just generateDisposableToken', () => ({ generateDisposableToken })],
    ['an object with more of its own', () => countingAuth()],
    ['an object without prototype', () => Object.assign(Object.create(null), { generateDisposableToken })],
    [
      'an object that renews keys',
      () => ({ generateDisposableToken, refreshApiKey: async () => ({ type: '' }) }) as AuthClientLike,
    ],
    ['momentoAuth()', () => momentoAuth(credentials)],
    [
      'keyRing()',
      () => {
        const ring = keyRing({ ...credentials, refreshToken: 'r', expiresAt: 2e9, save: () => {} });
        ring.close();
        return ring;
      },
    ],
  ])('is used as it is: %s', (_, make) => {
    const auth = make();
    expect(exactAuthClient(auth)).toEqual({ auth });
    expect(() => createTokenVendor({ auth, rooms: ['a'] })).not.toThrow();
  });
});
