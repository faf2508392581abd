import * as node from '@gomomento/sdk';
import * as web from '@gomomento/sdk-web';
import { ChatRoom } from 'momento-chat';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { installBrowserGlobals } from '../support/browser-globals.js';

let momento: LocalMomento;
let uninstall: () => void;

beforeAll(async () => {
  uninstall = installBrowserGlobals();
  momento = await startLocalMomento({ caches: ['chat'] });
});
afterAll(async () => {
  await momento.close();
  uninstall();
});

/** Clients of an SDK whose errors are thrown, instead of being responses. */
const CLIENTS = {
  '@gomomento/sdk': () => {
    const credentialProvider = node.CredentialProvider.forMomentoLocal({
      hostname: '127.0.0.1',
      port: momento.port,
    });
    const logger = new node.NoopMomentoLoggerFactory();
    return {
      topics: new node.TopicClient({
        configuration: node.TopicConfigurations.Default.latest(logger).withThrowOnErrors(true),
        credentialProvider,
      }),
      cache: new node.CacheClient({
        configuration: node.Configurations.Laptop.latest(logger).withThrowOnErrors(true),
        credentialProvider,
        defaultTtlSeconds: 3600,
      }),
    };
  },
  '@gomomento/sdk-web': () => {
    const { url: endpoint, apiKey: authToken } = momento;
    const credentialProvider = web.CredentialProvider.fromDisposableToken({
      authToken,
      endpointOverrides: { cacheEndpoint: endpoint, controlEndpoint: endpoint, tokenEndpoint: endpoint },
    });
    return {
      topics: new web.TopicClient({
        configuration: web.TopicConfigurations.Default.latest().withThrowOnErrors(true),
        credentialProvider,
      }),
      cache: new web.CacheClient({
        configuration: web.Configurations.Browser.latest().withThrowOnErrors(true),
        credentialProvider,
        defaultTtlSeconds: 3600,
      }),
    };
  },
};

describe.each(Object.keys(CLIENTS) as (keyof typeof CLIENTS)[])('clients of %s that throw', (sdk) => {
  const open = (cache: string) => {
    const room = new ChatRoom({
      room: crypto.randomUUID(),
      user: { name: 'Bot' },
      clients: CLIENTS[sdk](),
      cache,
      events: false,
    });
    onTestFinished(() => room.leave());
    return room;
  };

  it('fail a join with the code of their error', async () => {
    await expect(open('missing').join()).rejects.toMatchObject({ code: 'cache-not-found', retryable: false });
  });

  it('fail a send that is denied at once, and have one tried again that meets a limit', async () => {
    const room = open('chat');
    await room.join();
    momento.faults.failNext({ rpc: 'ListPushFront', code: 'PERMISSION_DENIED' });
    await expect(room.send('denied')).rejects.toMatchObject({ code: 'permission-denied', retryable: false });
    momento.faults.failNext({ rpc: 'ListPushFront', code: 'RESOURCE_EXHAUSTED' });
    expect((await room.send('later')).status).toBe('sent');
    expect(room.stats.retries).toBe(1);
  });
});
