import { ExpiresIn } from '@gomomento/sdk-web';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalMomento, startLocalMomento } from '../../src/local/index.js';
import { ITEM_CALLS } from '../local/support/item-calls.js';
import { listen } from '../local/support/listen.js';
import { mint, roomToken, sdkForm } from '../local/support/mint.js';
import { outcome } from '../local/support/outcome.js';
import { type Clients, clientsOf, SDKS, type Sdk } from '../local/support/sdk-clients.js';
import { installBrowserGlobals } from '../support/browser-globals.js';

const DENIED = 'PERMISSION_ERROR';

/** sdk-web 1.118.0 never settles these when they are answered with an error; the Node SDK shows that they are refused. */
const NEVER_SETTLES: Record<Sdk, readonly string[]> = {
  '@gomomento/sdk': [],
  '@gomomento/sdk-web': ['itemGetTtl', 'itemGetType'],
};

let uninstall: () => void;
beforeAll(() => {
  uninstall = installBrowserGlobals();
});
afterAll(() => uninstall());

describe.each(SDKS)('through %s', (sdk) => {
  const refusable = Object.entries(ITEM_CALLS).filter(([name]) => !NEVER_SETTLES[sdk].includes(name));
  let momento: LocalMomento;
  let member: Clients;
  let reader: Clients;
  const open: Clients[] = [];

  /** The calls on that item that the token behind the clients lets through. */
  const notDenied = async (clients: Clients, cache: string, key: string): Promise<string[]> => {
    const outcomes = await Promise.all(refusable.map(([, { call }]) => call(clients, cache, key)));
    return refusable.filter((_, n) => outcome(outcomes[n] ?? {}) !== DENIED).map(([name]) => name);
  };

  const withToken = async (token: string): Promise<Clients> => {
    const clients = await clientsOf(sdk, momento, token);
    open.push(clients);
    return clients;
  };

  beforeAll(async () => {
    momento = await startLocalMomento({ caches: ['chat', 'user', 'chat2'] });
    member = await withToken(await roomToken(momento, 'a', { tokenId: 'ada' }));
    reader = await withToken(await roomToken(momento, 'a', { role: 'reader' }));
  });
  afterAll(async () => {
    for (const clients of open) clients.close();
    await momento.close();
  });

  describe('a token for room a', () => {
    const foreign = [
      ['room b', 'chat', 'b'],
      ['room a-b, whose name starts alike', 'chat', 'a-b'],
      ['an edit of room a-b', 'chat', 'a-b:edits'],
      ['room ab', 'chat', 'ab'],
      ['room A', 'chat', 'A'],
      ["room a's own name in another cache", 'chat2', 'a'],
      ["the vendor's cache", 'user', '127.0.0.1'],
      ['a cache that does not exist', 'nowhere', 'a'],
    ] as const;

    it.each(foreign)('may do nothing in %s', async (_, cache, key) => {
      expect(await notDenied(member, cache, key)).toEqual([]);
    });

    it.each([
      ['chat', 'Success'],
      ['chat2', DENIED],
      ['nowhere', DENIED],
    ])(
      'learns nothing of caches it may not touch from a request for no items: in %s',
      async (cache, expected) => {
        expect(outcome(await member.cache.keysExist(cache, []))).toBe(expected);
        expect(outcome(await member.cache.getBatch(cache, []))).toBe(expected);
        expect(outcome(await member.cache.setBatch(cache, {}))).toBe(expected);
      },
    );

    it.each([
      ['room b', 'chat', 'b-chat'],
      ['room a-b', 'chat', 'a-b-chat'],
      ["room b's events", 'chat', 'b:events'],
      ['room a in another cache', 'chat2', 'a-chat'],
      ['a topic named as the list', 'chat', 'a'],
      ['a topic under the key prefix', 'chat', 'a:edits'],
      ['a cache that does not exist', 'nowhere', 'a-chat'],
    ])('may not publish or subscribe to %s', async (_, cache, topic) => {
      expect(outcome(await member.topics.publish(cache, topic, 'v'))).toBe(DENIED);
      await expect(listen(member, topic, cache)).rejects.toThrow(DENIED);
    });

    it.each(['a', 'a:edits', 'a:reactions', 'a:anything:at:all'])(
      'may do everything with its item %s',
      async (key) => {
        expect(await notDenied(member, 'chat', key)).toEqual(refusable.map(([name]) => name));
      },
    );

    it.each(['a-chat', 'a:events'])(
      'may publish and subscribe to its topic %s, and is named in what it says',
      async (topic) => {
        const listener = await listen(member, topic);
        expect(outcome(await member.topics.publish('chat', topic, 'hi'))).toBe('Success');
        await expect.poll(() => listener.publishers).toEqual(['ada']);
        listener.unsubscribe();
      },
    );

    it('may not create, delete, list or flush caches, nor mint tokens', async () => {
      const { cache, auth } = member;
      expect(outcome(await cache.createCache('mine'))).toBe(DENIED);
      expect(outcome(await cache.deleteCache('chat'))).toBe(DENIED);
      expect(outcome(await cache.flushCache('chat'))).toBe(DENIED);
      expect(outcome(await cache.listCaches())).toBe(DENIED);
      const scope = { permissions: [{ role: 'readwrite', cache: 'chat', item: 'a' }] };
      const life = { doesExpire: () => true, seconds: () => 60 };
      expect(outcome(await auth.generateDisposableToken(scope as never, life as never))).toBe(DENIED);
      expect(outcome(await auth.generateApiKey(scope as never, life as never))).toBe(DENIED);
    });
  });

  it('a token is taken that has as many permissions as it may, for names as long as those of rooms', async () => {
    const long = (n: number) => String.fromCodePoint(0x4e00 + n).repeat(128);
    const names = Array.from({ length: 20 }, (_, n) => long(n));
    const all = await withToken(
      await mint(
        momento,
        names.map((name) => ({ on: 'items', role: 'both', select: { name } })),
      ),
    );
    expect(outcome(await all.cache.setBatch('chat', { [long(0)]: 'v', [long(19)]: 'v' }))).toBe('Success');
    expect(outcome(await all.cache.get('chat', long(20)))).toBe(DENIED);
  });

  describe("a reader's token for room a", () => {
    it.each(['a', 'a:edits'])('may read %s, and do nothing else with it', async (key) => {
      const reading = refusable.filter(([, { needs }]) => needs === 'read').map(([name]) => name);
      expect(await notDenied(reader, 'chat', key)).toEqual(reading);
    });

    it('may subscribe and not publish', async () => {
      const listener = await listen(reader, 'a-chat');
      expect(outcome(await reader.topics.publish('chat', 'a-chat', 'hi'))).toBe(DENIED);
      listener.unsubscribe();
    });
  });

  describe('a role', () => {
    it('write-only lets one write and not read', async () => {
      const writer = await withToken(
        await mint(momento, [
          { on: 'items', role: 'write', select: 'all' },
          { on: 'topics', role: 'write', select: 'all' },
        ]),
      );
      const writing = refusable.filter(([, { needs }]) => needs === 'write').map(([name]) => name);
      expect(await notDenied(writer, 'chat', 'w')).toEqual(writing);
      expect(outcome(await writer.topics.publish('chat', 't', 'v'))).toBe('Success');
      await expect(listen(writer, 't')).rejects.toThrow(DENIED);
    });

    it('on a source and a destination lets one store a union, and on one of them does not', async () => {
      const union = (clients: Clients, to: string, from: string) =>
        clients.cache.sortedSetUnionStore('chat', to, [{ sortedSetName: from, weight: 1 }]);
      const some = await withToken(
        await mint(momento, [
          { on: 'items', role: 'read', select: { name: 'source' } },
          { on: 'items', role: 'write', select: { name: 'destination' } },
        ]),
      );
      expect(outcome(await union(some, 'destination', 'source'))).toBe('Success');
      expect(outcome(await union(some, 'destination', 'other'))).toBe(DENIED);
      expect(outcome(await union(some, 'other', 'source'))).toBe(DENIED);
    });

    it('on one key does not let one read or write a batch with another', async () => {
      const some = await withToken(
        await mint(momento, [{ on: 'items', role: 'both', select: { name: 'a' } }]),
      );
      expect(outcome(await some.cache.setBatch('chat', { a: '1' }))).toBe('Success');
      expect(outcome(await some.cache.setBatch('chat', { a: '1', b: '2' }))).toBe(DENIED);
      expect(outcome(await some.cache.getBatch('chat', ['a', 'b']))).toBe(DENIED);
      expect(outcome(await some.cache.keysExist('chat', ['a', 'b']))).toBe(DENIED);
      expect(outcome(await (await withToken(momento.apiKey)).cache.get('chat', 'b'))).toBe('Miss');
    });

    it('on all caches holds in each of them', async () => {
      const all = await withToken(
        await mint(momento, [{ on: 'items', role: 'both', cache: 'all', select: 'all' }]),
      );
      for (const cache of ['chat', 'user', 'chat2']) {
        expect(outcome(await all.cache.set(cache, 'k', 'v'))).toBe('Success');
      }
      expect(outcome(await all.topics.publish('chat', 't', 'v'))).toBe(DENIED);
    });

    it('on a topic prefix holds for those topics', async () => {
      const some = await withToken(
        await mint(momento, [{ on: 'topics', role: 'both', select: { prefix: 'team-' } }]),
      );
      expect(outcome(await some.topics.publish('chat', 'team-one', 'v'))).toBe('Success');
      expect(outcome(await some.topics.publish('chat', 'tea', 'v'))).toBe(DENIED);
      expect(outcome(await some.cache.get('chat', 'team-one'))).toBe(DENIED);
    });
  });

  describe('what is no token of this server', () => {
    it.each(['nonsense', 'local.e30.AAAA', 'Ä'])('such as %j is AuthenticationError', async (key) => {
      const clients = await withToken(sdkForm(encodeURIComponent(key)));
      expect(outcome(await clients.cache.get('chat', 'a'))).toBe('AUTHENTICATION_ERROR');
      expect(outcome(await clients.topics.publish('chat', 'a-chat', 'v'))).toBe('AUTHENTICATION_ERROR');
      await expect(listen(clients, 'a-chat')).rejects.toThrow('AUTHENTICATION_ERROR');
    });
  });

  describe('minting', () => {
    it('lets a super-user key that was minted manage caches and mint, but no other super user', async () => {
      const { auth, scopes } = await withToken(momento.apiKey);
      const minted = await auth.generateApiKey(scopes.superUser, ExpiresIn.minutes(5));
      if (!('apiKey' in minted)) throw new Error(outcome(minted));
      const key = await withToken(minted.apiKey);
      expect(outcome(await key.cache.createCache(`by-${sdk.length}`))).toBe('Success');
      expect(outcome(await key.auth.generateApiKey(scopes.allDataReadWrite, ExpiresIn.minutes(5)))).toBe(
        'Success',
      );
      expect(outcome(await key.auth.generateApiKey(scopes.superUser, ExpiresIn.minutes(5)))).toBe(DENIED);
    });

    it('renews a key with its refresh token, from now on and with the same permissions', async () => {
      const { auth, scopes } = await withToken(momento.apiKey);
      const minted = await auth.generateApiKey(scopes.allDataReadWrite, ExpiresIn.minutes(5));
      if (!('apiKey' in minted)) throw new Error(outcome(minted));
      const key = await withToken(minted.apiKey);
      const renewed = await key.auth.refreshApiKey(minted.refreshToken);
      if (!('apiKey' in renewed)) throw new Error(outcome(renewed));
      const clients = await withToken(renewed.apiKey);
      expect(outcome(await clients.cache.set('chat', 'k', 'v'))).toBe('Success');
      expect(outcome(await clients.cache.createCache('mine'))).toBe(DENIED);
      expect(outcome(await key.auth.refreshApiKey('nonsense'))).toBe('AUTHENTICATION_ERROR');
    });

    it('refuses more than 20 permissions and more than 25 hours', async () => {
      const { auth } = await withToken(momento.apiKey);
      const item = (n: number) => ({ role: 'readwrite', cache: 'chat', item: `k${n}` });
      const scope = (count: number) =>
        ({ permissions: Array.from({ length: count }, (_, n) => item(n)) }) as never;
      const hours = (count: number) => ({ doesExpire: () => true, seconds: () => count * 3600 }) as never;
      expect(outcome(await auth.generateDisposableToken(scope(20), hours(25)))).toBe('Success');
      expect(outcome(await auth.generateDisposableToken(scope(21), hours(1)))).toBe('INVALID_ARGUMENT_ERROR');
      expect(outcome(await auth.generateDisposableToken(scope(1), hours(26)))).toBe('INVALID_ARGUMENT_ERROR');
    });
  });
});
