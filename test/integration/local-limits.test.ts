import { ExpiresIn } from '@gomomento/sdk-web';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type LocalLimits,
  type LocalMomento,
  ManualClock,
  MOMENTO_LIMITS,
  startLocalMomento,
} from '../../src/local/index.js';
import { listen } from '../local/support/listen.js';
import { outcome } from '../local/support/outcome.js';
import { type Clients, clientsOf, SDKS } from '../local/support/sdk-clients.js';
import { installBrowserGlobals } from '../support/browser-globals.js';

const EXCEEDED = 'LIMIT_EXCEEDED_ERROR';

let uninstall: () => void;
beforeAll(() => {
  uninstall = installBrowserGlobals();
});
afterAll(() => uninstall());

describe.each(SDKS)('through %s', (sdk) => {
  let momento: LocalMomento;
  let clients: Clients;

  const start = async (limits: Partial<LocalLimits>): Promise<ManualClock> => {
    const clock = new ManualClock();
    momento = await startLocalMomento({ caches: ['chat'], limits, clock });
    clients = await clientsOf(sdk, momento);
    return clock;
  };
  afterEach(async () => {
    clients.close();
    await momento.close();
  });

  /** The reason that the SDK reads from the metadata and puts in front of its message. */
  const reason = (response: object): string => String(response).split(':')[0] ?? '';

  it('a published value over the limit is refused with its reason', async () => {
    await start({ publishBytes: 10 });
    expect(outcome(await clients.topics.publish('chat', 't', '0123456789'))).toBe('Success');
    const refused = await clients.topics.publish('chat', 't', '012345678é');
    expect(outcome(refused)).toBe(EXCEEDED);
    expect(reason(refused)).toBe('Request size limit exceeded for this account');
  });

  it('a list element over the limit is refused with its reason, and nothing is pushed', async () => {
    await start({ elementBytes: 10 });
    const refused = await clients.cache.listConcatenateBack('chat', 'l', ['ok', '0123456789a']);
    expect(outcome(refused)).toBe(EXCEEDED);
    expect(reason(refused)).toBe('Element size limit exceeded for this account');
    expect(outcome(await clients.cache.listLength('chat', 'l'))).toBe('Miss');
  });

  it('an item over the limit and a TTL over the limit are refused', async () => {
    await start({ itemBytes: 10, ttlSeconds: 60 });
    const refused = await clients.cache.set('chat', 'k', '0123456789');
    expect(reason(refused)).toBe('Request size limit exceeded for this account');
    expect(outcome(await clients.cache.set('chat', 'k', '012345678'))).toBe('Success');
    expect(outcome(await clients.cache.set('chat', 'k', 'v', { ttl: 61 }))).toBe(EXCEEDED);
    expect(outcome(await clients.cache.set('chat', 'k', 'v', { ttl: 60 }))).toBe('Success');
  });

  it('more subscriptions than allowed are refused, and one that ends makes room', async () => {
    await start({ subscriptions: 1 });
    const first = await listen(clients, 't');
    await expect(listen(clients, 't')).rejects.toThrow(EXCEEDED);
    first.unsubscribe();
    await expect
      .poll(() =>
        listen(clients, 't').then(
          (second) => second.unsubscribe(),
          () => 'refused',
        ),
      )
      .toBeUndefined();
  });

  it('more operations in a second than allowed are refused, and the next second is another', async () => {
    const clock = await start({ operationsPerSecond: 3 });
    // Connecting may have cost the Node SDK a ping of its own.
    clock.advance(1000);
    const responses = [];
    for (let n = 0; n < 5; n++) responses.push(outcome(await clients.cache.get('chat', 'k')));
    expect(responses).toEqual(['Miss', 'Miss', 'Miss', EXCEEDED, EXCEEDED]);
    expect(reason(await clients.cache.get('chat', 'k'))).toBe('Request rate limit exceeded for this account');
    clock.advance(1000);
    expect(outcome(await clients.cache.get('chat', 'k'))).toBe('Miss');
  });

  it('with all limits on, Cache, Topics and control calls have rates of their own', async () => {
    const clock = await start(MOMENTO_LIMITS);
    clock.advance(1000);
    const times = async (count: number, call: () => Promise<object>): Promise<string[]> => {
      const seen = [];
      for (let n = 0; n < count; n++) seen.push(outcome(await call()));
      return [...new Set(seen.slice(0, -1)), seen.at(-1) ?? ''];
    };
    expect(await times(11, () => clients.topics.publish('chat', 't', 'x'))).toEqual(['Success', EXCEEDED]);
    expect(await times(101, () => clients.cache.get('chat', 'k'))).toEqual(['Miss', EXCEEDED]);
    expect(await times(6, () => clients.cache.listCaches())).toEqual(['Success', EXCEEDED]);
  });

  it('with all limits on, listCaches tells those of the service', async () => {
    await start(MOMENTO_LIMITS);
    const listed = await clients.cache.listCaches();
    const [chat] = 'getCaches' in listed ? listed.getCaches() : [];
    expect(chat?.getCacheLimits().maxItemSizeKb).toBe(4883);
  });

  it('more tokens in a second than allowed are refused', async () => {
    await start({ tokenMintsPerSecond: 2 });
    const scope = { permissions: [{ role: 'readwrite', cache: 'chat', item: 'a' }] };
    const mint = async (): Promise<string> =>
      outcome(await clients.auth.generateDisposableToken(scope as never, ExpiresIn.minutes(1) as never));
    expect([await mint(), await mint(), await mint()]).toEqual(['Success', 'Success', EXCEEDED]);
  });
});
