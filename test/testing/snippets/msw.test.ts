// @vitest-environment jsdom
import { CacheClient, Configurations, CredentialProvider } from '@gomomento/sdk-web';
import { createLocalEngine, momentoHandlers } from 'momento-chat/testing';
import { setupServer } from 'msw/node';
import { afterAll, beforeAll, expect, it } from 'vitest';

const engine = createLocalEngine({ caches: ['chat'] });
const server = setupServer(...momentoHandlers({ engine }));
beforeAll(() => server.listen());
afterAll(() => server.close());

it('reads the history without a socket', async () => {
  const cache = new CacheClient({
    configuration: Configurations.Browser.latest(),
    credentialProvider: CredentialProvider.fromDisposableToken({ authToken: engine.apiKey }),
    defaultTtlSeconds: 60,
  });
  await cache.listPushFront('chat', 'lobby', 'hello');
  expect((await cache.listFetch('chat', 'lobby')).value()).toEqual(['hello']);
});
