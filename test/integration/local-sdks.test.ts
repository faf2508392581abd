import { CollectionTtl } from '@gomomento/sdk-web';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type LocalMomento, ManualClock, startLocalMomento } from '../../src/local/index.js';
import { type Listener, listen } from '../local/support/listen.js';
import { outcome } from '../local/support/outcome.js';
import { type Clients, clientsOf, SDKS } from '../local/support/sdk-clients.js';
import { installBrowserGlobals } from '../support/browser-globals.js';

let uninstall: () => void;
beforeAll(() => {
  uninstall = installBrowserGlobals();
});
afterAll(() => uninstall());

describe.each(SDKS)('through %s', (sdk) => {
  let clock: ManualClock;
  let momento: LocalMomento;
  let clients: Clients;
  const listeners: Listener[] = [];

  beforeEach(async () => {
    clock = new ManualClock();
    momento = await startLocalMomento({ caches: ['chat'], clock });
    clients = await clientsOf(sdk, momento);
  });

  afterEach(async () => {
    for (const listener of listeners.splice(0)) listener.unsubscribe();
    clients.close();
    await momento.close();
  });

  const open = async (topic: string, cache?: string): Promise<Listener> => {
    const listener = await listen(clients, topic, cache);
    listeners.push(listener);
    return listener;
  };
  const elements = async (list: string, options = {}): Promise<string[] | string> => {
    const response = await clients.cache.listFetch('chat', list, options);
    return 'valueListString' in response ? response.valueListString() : outcome(response);
  };

  describe('caches', () => {
    it('are created, listed and deleted', async () => {
      expect(outcome(await clients.cache.createCache('other'))).toBe('Success');
      expect(outcome(await clients.cache.createCache('other'))).toBe('AlreadyExists');
      const listed = await clients.cache.listCaches();
      expect('getCaches' in listed && listed.getCaches().map((cache) => cache.getName())).toEqual([
        'chat',
        'other',
      ]);
      expect(outcome(await clients.cache.deleteCache('other'))).toBe('Success');
      expect(outcome(await clients.cache.deleteCache('other'))).toBe('NOT_FOUND_ERROR');
      expect(outcome(await clients.cache.createCache('x'.repeat(300)))).toBe('INVALID_ARGUMENT_ERROR');
    });

    it('are emptied by a flush', async () => {
      await clients.cache.set('chat', 'k', 'v');
      expect(outcome(await clients.cache.flushCache('chat'))).toBe('Success');
      expect(outcome(await clients.cache.get('chat', 'k'))).toBe('Miss');
      expect(outcome(await clients.cache.flushCache('nowhere'))).toBe('NOT_FOUND_ERROR');
    });

    it('that do not exist are CacheNotFoundError to every call', async () => {
      const { cache, topics } = clients;
      expect(outcome(await cache.get('nowhere', 'k'))).toBe('NOT_FOUND_ERROR');
      expect(outcome(await cache.listPushFront('nowhere', 'l', 'v'))).toBe('NOT_FOUND_ERROR');
      expect(outcome(await topics.publish('nowhere', 't', 'v'))).toBe('NOT_FOUND_ERROR');
      expect(outcome(await topics.subscribe('nowhere', 't', {}))).toBe('NOT_FOUND_ERROR');
    });
  });

  describe('single values', () => {
    it('are set, read, deleted, and expire', async () => {
      const { cache } = clients;
      expect(outcome(await cache.get('chat', 'k'))).toBe('Miss');
      expect(outcome(await cache.set('chat', 'k', 'wert ✓', { ttl: 60 }))).toBe('Success');
      const hit = await cache.get('chat', 'k');
      expect('valueString' in hit && hit.valueString()).toBe('wert ✓');
      clock.advance(60_000);
      expect(outcome(await cache.get('chat', 'k'))).toBe('Miss');
      await cache.set('chat', 'k', new Uint8Array([0, 255, 128]));
      const binary = await cache.get('chat', 'k');
      expect('valueUint8Array' in binary && [...binary.valueUint8Array()]).toEqual([0, 255, 128]);
      expect(outcome(await cache.delete('chat', 'k'))).toBe('Success');
      expect(outcome(await cache.get('chat', 'k'))).toBe('Miss');
    });

    it('count atomically, and refuse what is no number', async () => {
      const { cache } = clients;
      await Promise.all(Array.from({ length: 20 }, () => cache.increment('chat', 'n', 1, { ttl: 10 })));
      const response = await cache.increment('chat', 'n', -5);
      expect('valueNumber' in response && response.valueNumber()).toBe(15);
      await cache.set('chat', 'n', 'four');
      expect(outcome(await cache.increment('chat', 'n'))).toBe('FAILED_PRECONDITION_ERROR');
    });

    it('tell and change their TTL', async () => {
      const { cache } = clients;
      const left = async () => {
        const response = await cache.itemGetTtl('chat', 'k');
        return outcome(response) === 'Hit' && 'remainingTtlMillis' in response
          ? response.remainingTtlMillis()
          : outcome(response);
      };
      expect(await left()).toBe('Miss');
      expect(outcome(await cache.updateTtl('chat', 'k', 1000))).toBe('Miss');
      await cache.set('chat', 'k', 'v', { ttl: 10 });
      expect(await left()).toBe(10_000);
      expect(outcome(await cache.increaseTtl('chat', 'k', 5000))).toBe('NotSet');
      expect(outcome(await cache.increaseTtl('chat', 'k', 20_000))).toBe('Set');
      expect(outcome(await cache.decreaseTtl('chat', 'k', 5000))).toBe('Set');
      expect(outcome(await cache.updateTtl('chat', 'k', 7000))).toBe('Set');
      expect(await left()).toBe(7000);
    });
  });

  describe('lists', () => {
    it('grow at both ends and are cut at the other', async () => {
      const { cache } = clients;
      expect(await elements('l')).toBe('Miss');
      await cache.listPushFront('chat', 'l', 'b');
      await cache.listPushFront('chat', 'l', 'a');
      const pushed = await cache.listPushBack('chat', 'l', 'c');
      expect('listLength' in pushed && pushed.listLength()).toBe(3);
      expect(await elements('l')).toEqual(['a', 'b', 'c']);
      await cache.listConcatenateFront('chat', 'l', ['x', 'y']);
      await cache.listConcatenateBack('chat', 'l', ['z']);
      expect(await elements('l')).toEqual(['x', 'y', 'a', 'b', 'c', 'z']);
      await cache.listPushFront('chat', 'l', 'new', { truncateBackToSize: 3 });
      expect(await elements('l')).toEqual(['new', 'x', 'y']);
      await cache.listPushBack('chat', 'l', 'last', { truncateFrontToSize: 2 });
      expect(await elements('l')).toEqual(['y', 'last']);
    });

    it('are read by slices, also from the end', async () => {
      await clients.cache.listConcatenateBack('chat', 'l', ['0', '1', '2', '3', '4']);
      expect(await elements('l', { startIndex: 1, endIndex: 3 })).toEqual(['1', '2']);
      expect(await elements('l', { startIndex: -2 })).toEqual(['3', '4']);
      expect(await elements('l', { endIndex: -3 })).toEqual(['0', '1']);
      expect(await elements('l', { startIndex: 3, endIndex: 99 })).toEqual(['3', '4']);
      expect(await elements('l', { startIndex: 50, endIndex: 60 })).toEqual([]);
    });

    it('shrink: popped, removed by value, retained, deleted', async () => {
      const { cache } = clients;
      await cache.listConcatenateBack('chat', 'l', ['a', 'b', 'c', 'b', 'd', 'e']);
      const front = await cache.listPopFront('chat', 'l');
      const back = await cache.listPopBack('chat', 'l');
      expect('valueString' in front && front.valueString()).toBe('a');
      expect('valueString' in back && back.valueString()).toBe('e');
      expect(outcome(await cache.listRemoveValue('chat', 'l', 'b'))).toBe('Success');
      expect(await elements('l')).toEqual(['c', 'd']);
      expect(outcome(await cache.listRetain('chat', 'l', { startIndex: 1 }))).toBe('Success');
      expect(await elements('l')).toEqual(['d']);
      const length = await cache.listLength('chat', 'l');
      expect('length' in length && length.length()).toBe(1);
      await cache.listPopFront('chat', 'l');
      expect(outcome(await cache.listLength('chat', 'l'))).toBe('Miss');
      expect(outcome(await cache.listPopBack('chat', 'l'))).toBe('Miss');
      expect(outcome(await cache.listRemoveValue('chat', 'l', 'x'))).toBe('Success');
    });

    it('expire, each push refreshing the TTL or not', async () => {
      const { cache } = clients;
      const ttl = (refresh: boolean) => ({ ttl: new CollectionTtl(10, refresh) });
      await cache.listPushFront('chat', 'l', 'a', ttl(true));
      clock.advance(6000);
      await cache.listPushFront('chat', 'l', 'b', ttl(true));
      clock.advance(6000);
      await cache.listPushFront('chat', 'l', 'c', ttl(false));
      expect(await elements('l')).toEqual(['c', 'b', 'a']);
      clock.advance(4000);
      expect(await elements('l')).toBe('Miss');
    });

    it('are not single values, and the other way round', async () => {
      const { cache } = clients;
      await cache.listPushFront('chat', 'l', 'a');
      expect(outcome(await cache.get('chat', 'l'))).toBe('FAILED_PRECONDITION_ERROR');
      await cache.set('chat', 'k', 'v');
      expect(outcome(await cache.listPushFront('chat', 'k', 'a'))).toBe('FAILED_PRECONDITION_ERROR');
    });
  });

  describe('topics', () => {
    it('deliver text and bytes to every subscriber, numbered from 1', async () => {
      const one = await open('t');
      const two = await open('t');
      const other = await open('u');
      expect(outcome(await clients.topics.publish('chat', 't', 'hallo ✓'))).toBe('Success');
      await clients.topics.publish('chat', 't', new Uint8Array([1, 2, 255]));
      await expect.poll(() => two.items).toEqual(['1:hallo ✓', '2:1,2,255']);
      await expect.poll(() => one.items).toEqual(two.items);
      expect(other.items).toEqual([]);
    });

    it('deliver a burst in order', async () => {
      const listener = await open('t');
      const texts = Array.from({ length: 100 }, (_, n) => `${n}`);
      for (const text of texts) await clients.topics.publish('chat', 't', text);
      await expect.poll(() => listener.items.length).toBe(100);
      expect(listener.items).toEqual(texts.map((text, n) => `${n + 1}:${text}`));
    });

    it('send a heartbeat at once and then every five seconds', async () => {
      const listener = await open('t');
      await expect.poll(() => listener.heartbeats).toBe(1);
      clock.advance(5000);
      await expect.poll(() => listener.heartbeats).toBe(2);
    });

    it('do not take an empty text', async () => {
      expect(outcome(await clients.topics.publish('chat', 't', ''))).toBe('INVALID_ARGUMENT_ERROR');
    });

    it('end with CacheNotFoundError when their cache is deleted', async () => {
      const listener = await open('t');
      await clients.cache.deleteCache('chat');
      await expect.poll(() => listener.errors).toEqual(['NOT_FOUND_ERROR']);
    });

    it('stop when the subscriber leaves', async () => {
      const listener = await open('t');
      listener.unsubscribe();
      await clients.topics.publish('chat', 't', 'after');
      const other = await open('t');
      await clients.topics.publish('chat', 't', 'later');
      await expect.poll(() => other.items).toEqual(['2:later']);
      expect(listener.items).toEqual([]);
    });
  });

  it('what is not implemented says so by its name', async () => {
    const response = await clients.webhooks.listWebhooks('chat');
    expect(outcome(response)).toBe('BAD_REQUEST_ERROR');
    expect(response.toString()).toContain(
      'webhook.Webhook/ListWebhooks is not implemented by the local Momento',
    );
  });
});
