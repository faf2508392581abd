import { randomUUID } from 'node:crypto';
import { get } from 'node:http';
import * as node from '@gomomento/sdk';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalMomento, startLocalMomento } from '../../src/local/index.js';
import { type Listener, listen } from '../local/support/listen.js';
import { outcome } from '../local/support/outcome.js';
import {
  type CacheClient,
  type Clients,
  clientsOf,
  SDKS,
  type TopicClient,
} from '../local/support/sdk-clients.js';
import { installBrowserGlobals } from '../support/browser-globals.js';

let uninstall: () => void;
beforeAll(() => {
  uninstall = installBrowserGlobals();
});
afterAll(() => uninstall());

type Faults = Readonly<Record<string, string>>;

/** As Momento's tests inject it: a middleware that adds metadata to each call, also to the SDK's own retries. */
function middleware(faults: Faults) {
  const same = async <T>(value: T): Promise<T> => value;
  return {
    onNewRequest: () => ({
      onRequestMetadata: async <M extends { _grpcMetadata: { set(name: string, value: string): void } }>(
        metadata: M,
      ) => {
        for (const [name, value] of Object.entries(faults)) metadata._grpcMetadata.set(name, value);
        return metadata;
      },
      onRequestBody: same,
      onResponseMetadata: same,
      onResponseBody: same,
      onResponseStatus: same,
    }),
  };
}

/** The Web SDK has no middleware for topics: the headers are added below it. */
function addHeaders(faults: Faults): () => void {
  const Original = globalThis.XMLHttpRequest;
  globalThis.XMLHttpRequest = class extends Original {
    override open(method: string, url: string | URL): void {
      super.open(method, url);
      for (const [name, value] of Object.entries(faults)) this.setRequestHeader(name, value);
    }
  };
  return () => {
    globalThis.XMLHttpRequest = Original;
  };
}

describe.each(SDKS)('faults as metadata, through %s', (sdk) => {
  let momento: LocalMomento;
  let clients: Clients;
  const cleanUps: (() => void)[] = [];

  beforeEach(async () => {
    momento = await startLocalMomento({ caches: ['chat'], heartbeatMs: 50 });
    clients = await clientsOf(sdk, momento);
    cleanUps.push(() => clients.close());
  });
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) cleanUp();
    await momento.close();
  });

  const withFaults = (given: Faults): Pick<Clients, 'cache' | 'topics'> => {
    const faults = { 'request-id': randomUUID(), ...given };
    if (sdk === '@gomomento/sdk-web') {
      cleanUps.push(addHeaders(faults));
      return clients;
    }
    const credentialProvider = node.CredentialProvider.forMomentoLocal({
      hostname: '127.0.0.1',
      port: momento.port,
    });
    const middlewares = [middleware(faults)];
    const cache = new node.CacheClient({
      credentialProvider,
      configuration: node.Configurations.Laptop.v1().withMiddlewares(middlewares),
      defaultTtlSeconds: 60,
    });
    cleanUps.push(() => cache.close());
    const topics = new node.TopicClient({
      credentialProvider,
      configuration: node.TopicConfigurations.Default.latest().withMiddlewares(middlewares),
    });
    return { cache: cache as unknown as CacheClient, topics: topics as unknown as TopicClient };
  };
  const open = async ({ topics }: Pick<Clients, 'topics'>): Promise<Listener> => {
    const listener = await listen({ ...clients, topics }, 't');
    cleanUps.push(() => listener.unsubscribe());
    return listener;
  };

  it('return-error answers the calls of error-rpcs, and no other', async () => {
    const { cache } = withFaults({ 'return-error': 'not-found', 'error-rpcs': 'get increment' });
    expect(outcome(await cache.get('chat', 'k'))).toBe('NOT_FOUND_ERROR');
    expect(outcome(await cache.increment('chat', 'n'))).toBe('NOT_FOUND_ERROR');
    expect(outcome(await cache.listLength('chat', 'l'))).toBe('Miss');
  });

  it('error-count is per request-id and call: so often, and no more', async () => {
    const faults = {
      'return-error': 'permission-denied',
      'error-rpcs': 'list-fetch set',
      'error-count': '2',
    };
    for (let session = 0; session < 2; session++) {
      const { cache } = withFaults(faults);
      const seen = [];
      for (let n = 0; n < 3; n++) seen.push(outcome(await cache.listFetch('chat', 'l')));
      expect(seen).toEqual(['PERMISSION_ERROR', 'PERMISSION_ERROR', 'Miss']);
      expect(outcome(await cache.set('chat', 'k', 'v'))).toBe('PERMISSION_ERROR');
      for (const cleanUp of cleanUps.splice(1)) cleanUp();
    }
  });

  it('return-error for topic-publish and topic-subscribe', async () => {
    const faults = withFaults({
      'return-error': 'resource-exhausted',
      'error-rpcs': 'topic-publish topic-subscribe',
    });
    expect(outcome(await faults.topics.publish('chat', 't', 'x'))).toBe('LIMIT_EXCEEDED_ERROR');
    await expect(open(faults)).rejects.toThrow('LIMIT_EXCEEDED_ERROR');
  });

  it('delay-ms lets the calls of delay-rpcs wait, delay-count times', async () => {
    const { cache } = withFaults({ 'delay-ms': '150', 'delay-rpcs': 'get', 'delay-count': '1' });
    const started = performance.now();
    expect(outcome(await cache.get('chat', 'k'))).toBe('Miss');
    const first = performance.now() - started;
    expect(first).toBeGreaterThanOrEqual(145);
  });

  it('stream-error ends a subscription after stream-error-message-limit messages', async () => {
    const listener = await open(
      withFaults({
        'stream-error': 'not-found',
        'stream-error-rpcs': 'topic-subscribe',
        'stream-error-message-limit': '3',
      }),
    );
    await expect.poll(() => listener.errors, { timeout: 5000 }).toEqual(['NOT_FOUND_ERROR']);
    expect(listener.heartbeats).toBe(3);
  });

  it.each<Faults>([
    { 'return-error': 'unavailabel', 'error-rpcs': 'get' },
    { 'return-error': 'unavailable', 'error-rpcs': 'set gte' },
    { 'delay-ms': '1', 'delay-rpcs': 'topic-publsh' },
  ])('what is misspelled is refused, and makes no test pass: %o', async (faults) => {
    const { cache } = withFaults(faults);
    expect(outcome(await cache.get('chat', 'k'))).toBe('INVALID_ARGUMENT_ERROR');
  });

  it('endStreams ends open streams with its status after so many messages, and no later ones', async () => {
    const listener = await open(clients);
    const before = listener.heartbeats;
    momento.faults.endStreams({ code: 'NOT_FOUND', after: 2 });
    await expect.poll(() => listener.errors, { timeout: 5000 }).toEqual(['NOT_FOUND_ERROR']);
    expect(listener.heartbeats - before).toBeLessThanOrEqual(2);
    const next = await open(clients);
    await expect.poll(() => next.heartbeats).toBeGreaterThan(3);
    expect(next.errors).toEqual([]);
  });

  it('endStreams with includeNew refuses whoever subscribes, until it is restored', async () => {
    const restore = momento.faults.endStreams({ code: 'PERMISSION_DENIED', topic: 't', includeNew: true });
    await expect(open(clients)).rejects.toThrow('PERMISSION_ERROR');
    restore();
    await open(clients);
  });
});

describe('the admin port', () => {
  it('/block cuts everybody off, /unblock lets them in again, and a web page may do neither', async () => {
    const momento = await startLocalMomento({ caches: ['chat'], adminPort: 0 });
    try {
      const admin = (path: string, headers: Record<string, string> = {}) =>
        fetch(`http://127.0.0.1:${momento.adminPort}${path}`, { headers }).then(({ status }) => status);
      const served = () =>
        fetch(`${momento.url}/health`).then(
          ({ ok }) => ok,
          () => false,
        );
      expect(await admin('/block', { origin: 'http://evil.example' })).toBe(403);
      expect(await admin('/')).toBe(404);
      expect(await served()).toBe(true);
      expect([await admin('/block'), await admin('/block'), await served()]).toEqual([200, 200, false]);
      expect([await admin('/unblock'), await admin('/unblock'), await served()]).toEqual([200, 200, true]);
    } finally {
      await momento.close();
    }
  });

  it('may not be reached by a page whose own name resolves to this machine', async () => {
    const momento = await startLocalMomento({ caches: ['chat'], adminPort: 0 });
    try {
      const port = momento.adminPort ?? 0;
      // Browsers send neither Origin nor Sec-Fetch-Site with an image of such an address.
      const admin = (host: string) =>
        new Promise<number | undefined>((resolve, reject) => {
          const options = { host: '127.0.0.1', port, path: '/unblock', headers: { host: `${host}:${port}` } };
          get(options, ({ statusCode }) => resolve(statusCode)).on('error', reject);
        });
      for (const host of [
        'evil.example',
        '127.0.0.1.evil.example',
        'localhost.evil.example',
        'a.internal.com',
      ])
        expect([host, await admin(host)]).toEqual([host, 403]);
      for (const host of [
        'localhost',
        'tab.localhost',
        '127.0.0.1',
        '[::1]',
        'momento',
        'host.docker.internal',
      ])
        expect([host, await admin(host)]).toEqual([host, 200]);
    } finally {
      await momento.close();
    }
  });

  it('may not be reached by a page over an address to which browsers do not say that a page asks', async () => {
    const momento = await startLocalMomento({ caches: ['chat'], adminPort: 0 });
    try {
      const port = momento.adminPort ?? 0;
      const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0';
      const admin = (host: string, headers: Record<string, string>) =>
        new Promise<number | undefined>((resolve, reject) => {
          const options = { host: '127.0.0.1', port, path: '/unblock' };
          get({ ...options, headers: { host: `${host}:${port}`, ...headers } }, ({ statusCode }) =>
            resolve(statusCode),
          ).on('error', reject);
        });
      for (const host of ['0.0.0.0', '[::]', '[::ffff:7f00:1]', '192.168.0.7', 'momento', 'box.local'])
        expect([host, await admin(host, { 'user-agent': userAgent })]).toEqual([host, 403]);
      // Typed into the address bar.
      expect(await admin('127.0.0.1', { 'user-agent': userAgent, 'sec-fetch-site': 'none' })).toBe(200);
      // Playwright's `page.request`, `cy.request` and PowerShell call themselves so as well, and are no pages.
      for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', 'tab.localhost', '[::1]'])
        expect([host, await admin(host, { 'user-agent': userAgent })]).toEqual([host, 200]);
      for (const host of ['0.0.0.0', '192.168.0.7', 'momento'])
        expect([host, await admin(host, { 'user-agent': 'curl/8.5.0' })]).toEqual([host, 200]);
    } finally {
      await momento.close();
    }
  });

  it('is none unless asked for, and one that is taken leaves nothing behind', async () => {
    const momento = await startLocalMomento();
    try {
      expect(momento.adminPort).toBeUndefined();
      await expect(startLocalMomento({ adminPort: momento.port })).rejects.toMatchObject({
        code: 'EADDRINUSE',
      });
    } finally {
      await momento.close();
    }
  });
});
