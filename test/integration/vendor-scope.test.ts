import {
  AuthClient,
  AuthClientConfigurations,
  CacheClient,
  Configurations,
  CredentialProvider,
  NoopMomentoLoggerFactory,
  TopicClient,
  TopicConfigurations,
} from '@gomomento/sdk';
import {
  AuthClient as WebAuthClient,
  CacheClient as WebCacheClient,
  Configurations as WebConfigurations,
  CredentialProvider as WebCredentialProvider,
  TopicClient as WebTopicClient,
  TopicConfigurations as WebTopicConfigurations,
} from '@gomomento/sdk-web';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import {
  type AuthClientLike,
  createTokenVendor,
  momentoAuth,
  type TokenVendorOptions,
  type VendedToken,
} from 'momento-chat/server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { serve } from '../server/support.js';
import { installBrowserGlobals } from '../support/browser-globals.js';

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const quiet = new NoopMomentoLoggerFactory();
let momento: LocalMomento;
let uninstall: () => void;

beforeAll(async () => {
  uninstall = installBrowserGlobals();
  momento = await startLocalMomento({ caches: ['chat', 'user'] });
});
afterAll(async () => {
  await momento.close();
  uninstall();
});

const overrides = () => ({
  cacheEndpoint: `127.0.0.1:${momento.port}`,
  controlEndpoint: `127.0.0.1:${momento.port}`,
  tokenEndpoint: `127.0.0.1:${momento.port}`,
  secureConnection: false,
});
const webOverrides = () => ({
  cacheEndpoint: momento.url,
  controlEndpoint: momento.url,
  tokenEndpoint: momento.url,
});

const AUTHS: [string, () => TokenVendorOptions['auth']][] = [
  ['{ apiKey, endpoint }', () => ({ apiKey: momento.apiKey, endpoint: momento.url })],
  ['the endpoint inside a v1 key', () => ({ apiKey: momento.apiKey, endpoint: '' })],
  [
    "@gomomento/sdk's AuthClient, forMomentoLocal",
    () =>
      new AuthClient({
        configuration: AuthClientConfigurations.Default.latest(quiet),
        credentialProvider: CredentialProvider.forMomentoLocal({
          hostname: '127.0.0.1',
          port: momento.port,
        }),
      }),
  ],
  [
    "@gomomento/sdk's AuthClient, fromString",
    () =>
      new AuthClient({
        configuration: AuthClientConfigurations.Default.latest(quiet),
        credentialProvider: CredentialProvider.fromString({
          apiKey: momento.apiKey,
          endpointOverrides: overrides(),
        }),
      }),
  ],
  [
    "@gomomento/sdk-web's AuthClient",
    () =>
      new WebAuthClient({
        credentialProvider: WebCredentialProvider.fromString({
          apiKey: momento.apiKey,
          endpointOverrides: webOverrides(),
        }),
      }),
  ],
];

type Attempt = 'publish' | 'subscribe' | 'read' | 'write';

/** Tries through one of the SDKs whether Momento lets a token do it: the error code, or what came back. */
type Tries = (attempt: Attempt, name: string, cache?: string) => Promise<string>;

const codeOf = (response: { type: string }): string =>
  'errorCode' in response && typeof response.errorCode === 'function'
    ? String(response.errorCode())
    : response.type;

function throughNodeSdk({ token }: VendedToken): Tries {
  const credentialProvider = CredentialProvider.fromString({ apiKey: token, endpointOverrides: overrides() });
  const caches = new CacheClient({
    configuration: Configurations.Laptop.v1(quiet),
    credentialProvider,
    defaultTtlSeconds: 60,
  });
  const topics = new TopicClient({
    configuration: TopicConfigurations.Default.latest(quiet),
    credentialProvider,
  });
  return async (attempt, name, cache = 'chat') => {
    if (attempt === 'read') return codeOf(await caches.listFetch(cache, name));
    if (attempt === 'write') return codeOf(await caches.listPushFront(cache, name, 'x'));
    if (attempt === 'publish') return codeOf(await topics.publish(cache, name, 'x'));
    const subscription = await topics.subscribe(cache, name, { onError: () => {}, onItem: () => {} });
    if ('unsubscribe' in subscription) subscription.unsubscribe();
    return codeOf(subscription);
  };
}

function throughWebSdk({ token }: VendedToken): Tries {
  const credentialProvider = WebCredentialProvider.fromString({
    apiKey: token,
    endpointOverrides: webOverrides(),
  });
  const caches = new WebCacheClient({
    configuration: WebConfigurations.Laptop.v1(quiet),
    credentialProvider,
    defaultTtlSeconds: 60,
  });
  const topics = new WebTopicClient({
    configuration: WebTopicConfigurations.Default.latest(quiet),
    credentialProvider,
  });
  return async (attempt, name, cache = 'chat') => {
    if (attempt === 'read') return codeOf(await caches.listFetch(cache, name));
    if (attempt === 'write') return codeOf(await caches.listPushFront(cache, name, 'x'));
    if (attempt === 'publish') return codeOf(await topics.publish(cache, name, 'x'));
    const subscription = await topics.subscribe(cache, name, { onError: () => {}, onItem: () => {} });
    if ('unsubscribe' in subscription) subscription.unsubscribe();
    return codeOf(subscription);
  };
}

const REFUSED = 'PERMISSION_ERROR';

describe.each(AUTHS)('a token minted with %s', (_, auth) => {
  describe.each([
    ['@gomomento/sdk', throughNodeSdk],
    ['@gomomento/sdk-web', throughWebSdk],
  ] as const)('and used through %s', (_, through) => {
    it('opens its room and nothing else', async () => {
      const vendor = createTokenVendor({ auth: auth(), rooms: ['a'] });
      const tries = through(await vendor.vend({ ip: '192.0.2.1', rooms: ['a'] }));

      expect(await tries('write', 'a')).toBe('Success');
      expect(await tries('read', 'a')).toBe('Hit');
      expect(await tries('write', 'a:edits')).toBe('Success');
      for (const topic of ['a-chat', 'a:events']) {
        expect(await tries('publish', topic)).toBe('Success');
        expect(await tries('subscribe', topic)).toBe('Subscription');
      }

      for (const other of ['b', 'a-b', 'ab', 'a-b:edits', 'b:edits', 'A']) {
        expect([other, await tries('read', other)]).toEqual([other, REFUSED]);
        expect([other, await tries('write', other)]).toEqual([other, REFUSED]);
      }
      for (const other of ['b-chat', 'a-b-chat', 'b:events', 'a', 'a-chatter', 'a:eventsx']) {
        expect([other, await tries('publish', other)]).toEqual([other, REFUSED]);
        expect([other, await tries('subscribe', other)]).toEqual([other, REFUSED]);
      }
      expect(await tries('read', 'a', 'user')).toBe(REFUSED);
      expect(await tries('write', 'a', 'user')).toBe(REFUSED);
      expect(await tries('publish', 'a-chat', 'user')).toBe(REFUSED);
    });

    it('as a reader reads and subscribes, and neither writes nor publishes', async () => {
      const vendor = createTokenVendor({
        auth: auth(),
        authorize: (_, rooms) => ({ rooms, role: 'reader' }),
      });
      const tries = through(await vendor.vend({ ip: '192.0.2.1', rooms: ['r'] }));
      expect(await tries('read', 'r')).toBe('Miss');
      expect(await tries('read', 'r:edits')).toBe('Miss');
      expect(await tries('subscribe', 'r-chat')).toBe('Subscription');
      expect(await tries('write', 'r')).toBe(REFUSED);
      expect(await tries('write', 'r:edits')).toBe(REFUSED);
      expect(await tries('publish', 'r-chat')).toBe(REFUSED);
      expect(await tries('publish', 'r:events')).toBe(REFUSED);
    });

    it('for a prefix opens every room that starts with it, and no other', async () => {
      const vendor = createTokenVendor({
        auth: auth(),
        authorize: () => ({ rooms: { prefix: 'team.' }, role: 'member' }),
      });
      const tries = through(await vendor.vend({ ip: '192.0.2.1' }));
      for (const room of ['team.1', 'team.x y', 'team.east.1', 'team.-']) {
        for (const key of [room, `${room}:read`]) {
          expect([key, await tries('write', key)]).toEqual([key, 'Success']);
          expect([key, await tries('read', key)]).toEqual([key, 'Hit']);
        }
        for (const topic of [`${room}-chat`, `${room}:events`]) {
          expect([topic, await tries('publish', topic)]).toEqual([topic, 'Success']);
          expect([topic, await tries('subscribe', topic)]).toEqual([topic, 'Subscription']);
        }
      }
      for (const room of ['team', 'tea', 'teams', 'team-1', 'b', 'ateam.1']) {
        for (const key of [room, `${room}:read`]) {
          expect([key, await tries('read', key)]).toEqual([key, REFUSED]);
          expect([key, await tries('write', key)]).toEqual([key, REFUSED]);
        }
        for (const topic of [`${room}-chat`, `${room}:events`]) {
          expect([topic, await tries('publish', topic)]).toEqual([topic, REFUSED]);
          expect([topic, await tries('subscribe', topic)]).toEqual([topic, REFUSED]);
        }
      }
    });

    it.each(['team-', 'team-c', 'team-ch', 'team-cha', 'team-chat'])(
      'is not to be had for the prefix %s, which at Momento opens the live topic of the room team',
      async (prefix) => {
        const authorize = () => ({ rooms: { prefix }, role: 'member' }) as const;
        const vendor = createTokenVendor({ auth: auth(), authorize });
        await expect(vendor.vend({ ip: '192.0.2.1' })).rejects.toMatchObject({
          status: 500,
          detail: expect.stringContaining("would open the live topic of the room 'team'"),
        });
        // The token that would have been vended.
        const topic = { role: 'publishsubscribe', cache: 'chat', topic: { namePrefix: prefix } };
        const wide = createTokenVendor({
          auth: auth(),
          rooms: ['a'],
          scope: () => ({ permissions: [topic] }),
        });
        const tries = through(await wide.vend({ ip: '192.0.2.1' }));
        expect(await tries('publish', 'team-chat')).toBe('Success');
        expect(await tries('subscribe', 'team-chat')).toBe('Subscription');
      },
    );
  });
});

describe('the AuthClient of the SDKs', () => {
  // Why the vendor does not let it write the request. When this fails, the SDK has been mended.
  it('leaves out the keys of cache items when a scope holds topics too', async () => {
    const auth = new AuthClient({
      configuration: AuthClientConfigurations.Default.latest(quiet),
      credentialProvider: CredentialProvider.forMomentoLocal({ hostname: '127.0.0.1', port: momento.port }),
    });
    const permissions = [
      { role: 'publishsubscribe', cache: 'chat', topic: 'a-chat' },
      { role: 'readwrite', cache: 'chat', item: { key: 'a' } },
    ];
    const response = await auth.generateDisposableToken({ permissions }, {
      doesExpire: () => true,
      seconds: () => 60,
    } as never);
    const token = 'authToken' in response ? response.authToken : '';
    expect(await throughNodeSdk({ token, exp: 0 })('read', 'b')).toBe('Miss');
  });

  it('is refused when it hides what is needed to mint a token for single rooms', () => {
    class Hidden extends AuthClient {
      protected override readonly authClient = undefined as never;
    }
    const auth = new Hidden({
      credentialProvider: CredentialProvider.forMomentoLocal({ hostname: '127.0.0.1', port: momento.port }),
    });
    expect(() => createTokenVendor({ auth, rooms: ['a'] })).toThrow(/would mint one for the whole cache/);
  });
});

describe('the request of momentoAuth()', () => {
  it('is what sdk-web sends, where that can say the scope: path, headers and body', async () => {
    const seen: { path: string | undefined; headers: Record<string, unknown>; body: string }[] = [];
    const { url, close } = await serve((req, res) => {
      let body = '';
      req.setEncoding('utf8');
      req.on('data', (chunk) => {
        body += chunk;
      });
      req.on('end', () => {
        res.setHeader('access-control-allow-origin', '*');
        res.setHeader('access-control-allow-headers', '*');
        res.setHeader('access-control-allow-headers', req.headers['access-control-request-headers'] ?? '*');
        if (req.method === 'POST') seen.push({ path: req.url, headers: req.headers, body });
        res.end();
      });
    });
    const endpoints = { cacheEndpoint: url, controlEndpoint: url, tokenEndpoint: url };
    const credentialProvider = WebCredentialProvider.fromString({
      apiKey: momento.apiKey,
      endpointOverrides: endpoints,
    });
    const theirs = new WebAuthClient({ credentialProvider });
    const ours = momentoAuth({ apiKey: momento.apiKey, endpoint: url });
    const life = { doesExpire: () => true, seconds: () => 1234 };
    for (const auth of [theirs, ours] as AuthClientLike[]) {
      for (const permissions of [
        [
          { role: 'readwrite', cache: 'chat', item: { key: 'a' } },
          { role: 'readonly', cache: 'chat', item: { keyPrefix: 'a:' } },
        ],
        [{ role: 'subscribeonly', cache: 'chat', topic: 'a-chat' }],
      ]) {
        await auth.generateDisposableToken({ permissions }, life, { tokenId: 'Zoë' });
      }
    }
    await close();
    expect(seen).toHaveLength(4);
    for (const i of [0, 1]) {
      expect(seen[i + 2]?.path).toBe(seen[i]?.path);
      expect(seen[i + 2]?.body).toBe(seen[i]?.body);
      for (const header of ['content-type', 'accept', 'x-grpc-web']) {
        expect(seen[i + 2]?.headers[header]).toBe(seen[i]?.headers[header]);
      }
    }
  });
});

describe('the token id', () => {
  it.each(AUTHS)('is the user id, and Momento vouches for it (%s)', async (_, auth) => {
    const vendor = createTokenVendor({ auth: auth(), authorize: (_, rooms) => ({ rooms, role: 'member' }) });
    const userId = 'Zoë 🎉 '.padEnd(64, 'x');
    const vended = await vendor.vend({ ip: '192.0.2.1', rooms: ['a'], identity: { userId } });
    expect(vended.userId).toBe(userId);
    const credentialProvider = CredentialProvider.fromString({
      apiKey: vended.token,
      endpointOverrides: overrides(),
    });
    const topics = new TopicClient({
      configuration: TopicConfigurations.Default.latest(quiet),
      credentialProvider,
    });
    const seen = new Promise((resolve) => {
      void topics
        .subscribe('chat', 'a-chat', { onItem: (item) => resolve(item.tokenId()) })
        .then(() => topics.publish('chat', 'a-chat', 'hello'));
    });
    expect(await seen).toBe(userId);
  });
});
