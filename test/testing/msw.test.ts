// @vitest-environment jsdom

import { cache_client } from '@gomomento/generated-types/dist/cachepubsub.js';
import {
  CacheClient,
  Configurations,
  CredentialProvider,
  TopicClient,
  TopicConfigurations,
} from '@gomomento/sdk-web';
import { createLocalEngine, momentoHandlers, TestClock } from 'momento-chat/testing';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { outcome } from '../local/support/outcome.js';

const clock = new TestClock();
const engine = createLocalEngine({ caches: ['chat'], clock });
const server = setupServer(...momentoHandlers({ engine }));

beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => engine.faults.reset());
afterAll(() => {
  server.close();
  engine.close();
});

const clientsWith = (authToken: string) => {
  const credentialProvider = CredentialProvider.fromDisposableToken({ authToken });
  return {
    cache: new CacheClient({
      credentialProvider,
      configuration: Configurations.Laptop.v1(),
      defaultTtlSeconds: 60,
    }),
    topics: new TopicClient({ credentialProvider, configuration: TopicConfigurations.Default.latest() }),
  };
};

describe('sdk-web through msw, with no socket and no endpoint override', () => {
  const { cache, topics } = clientsWith(engine.apiKey);

  it('reads what it wrote', async () => {
    await cache.listPushFront('chat', 'room', 'hello ✓');
    const response = await cache.listFetch('chat', 'room');
    expect('valueListString' in response && response.valueListString()).toEqual(['hello ✓']);
    expect(outcome(await cache.get('nowhere', 'k'))).toBe('NOT_FOUND_ERROR');
  });

  it('reads batches, which are streams that end', async () => {
    await cache.setBatch('chat', { a: '1', b: '2' });
    const got = await cache.getBatch('chat', ['a', 'b', 'c']);
    expect('valuesRecord' in got && got.valuesRecord()).toEqual({ a: '1', b: '2' });
  });

  it('is told of faults', async () => {
    engine.faults.failNext({ rpc: 'Get', code: 'RESOURCE_EXHAUSTED', message: 'Too many operations' });
    expect(outcome(await cache.get('chat', 'k'))).toBe('LIMIT_EXCEEDED_ERROR');
    engine.faults.goOffline();
    expect(outcome(await cache.get('chat', 'k'))).not.toBe('Miss');
    engine.faults.reset();
    expect(outcome(await cache.get('chat', 'k'))).toBe('Miss');
  });

  it('is refused a subscription, in a sentence that says what to do', async () => {
    const response = await topics.subscribe('chat', 'room-chat', {});
    expect(response.toString()).toContain('use withLocalMomento()');
  });

  it('is let in with a minted token until its time is over', async () => {
    const { token } = engine.mintToken({
      permissions: [{ on: 'items', role: 'readonly', cache: 'chat', names: { prefix: 'a' } }],
      lifeSeconds: 60,
    });
    const reader = clientsWith(token);
    expect(outcome(await reader.cache.get('chat', 'a:none'))).toBe('Miss');
    expect(outcome(await reader.cache.get('chat', 'b'))).toBe('PERMISSION_ERROR');
    clock.advance(60_000);
    expect(outcome(await reader.cache.get('chat', 'a:none'))).toBe('AUTHENTICATION_ERROR');
  });
});

describe('where an intercepted request can stream, as fetch can in Node', () => {
  it('a subscription brings what is published', async () => {
    const streaming = setupServer(...momentoHandlers({ engine, streams: true }));
    server.close();
    streaming.listen({ onUnhandledRequest: 'error' });
    onTestFinished(() => {
      streaming.close();
      server.listen({ onUnhandledRequest: 'error' });
    });
    const { pubsub } = cache_client;
    const { api_key: authorization } = JSON.parse(atob(engine.apiKey));
    const call = (method: string, message: Uint8Array, signal?: AbortSignal) =>
      fetch(`https://cell.example/cache_client.pubsub.Pubsub/${method}`, {
        method: 'POST',
        headers: { 'content-type': 'application/grpc-web', authorization },
        body: Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]),
        signal: signal ?? null,
      });
    const topic = { cache_name: 'chat', topic: 'room-chat' };
    const gone = new AbortController();
    const subscription = await call(
      'Subscribe',
      new pubsub._SubscriptionRequest(topic).serialize(),
      gone.signal,
    );
    const value = new pubsub._TopicValue({ text: 'hello' });
    await call('Publish', new pubsub._PublishRequest({ ...topic, value }).serialize());
    const reader = subscription.body?.getReader();
    let received = '';
    while (!received.includes('hello')) {
      const { value } = (await reader?.read()) ?? {};
      if (value === undefined) break;
      received += Buffer.from(value).toString('latin1');
    }
    gone.abort();
    expect(received).toContain('hello');
  });
});
