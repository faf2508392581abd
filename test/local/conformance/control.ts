import { ExpiresIn } from '@gomomento/sdk-web';
import { listen } from '../support/listen.js';
import { outcome } from '../support/outcome.js';
import { type Behaviour, behaviour, CACHE, each, seen } from './behaviour.js';

const NO_CACHE = 'NOT_FOUND_ERROR';
const INVALID = 'INVALID_ARGUMENT_ERROR';
const DENIED = 'PERMISSION_ERROR';

export const controlBehaviours: Behaviour[] = [
  behaviour('CreateCache', 'once; then it exists already', ['Success', 'AlreadyExists'], ({ cache, key }) =>
    each(
      () => cache.createCache(key),
      () => cache.createCache(key),
    ),
  ),
  behaviour('CreateCache', 'an empty name is invalid', INVALID, async ({ cache }) =>
    seen(await cache.createCache(' ')),
  ),
  ...(['DeleteCache', 'FlushCache'] as const).map((rpc) =>
    behaviour(rpc, 'an empty name is invalid', INVALID, async ({ cache }) =>
      seen(await (rpc === 'DeleteCache' ? cache.deleteCache(' ') : cache.flushCache(' '))),
    ),
  ),
  behaviour(
    'DeleteCache',
    'with all that is in it; then it does not exist',
    ['Success', NO_CACHE, NO_CACHE],
    async ({ cache, key }) => {
      await cache.createCache(key);
      await cache.set(key, 'k', 'v');
      return each(
        () => cache.deleteCache(key),
        () => cache.get(key, 'k'),
        () => cache.deleteCache(key),
      );
    },
  ),
  behaviour('ListCaches', 'names each, with its limits', [true, 86_400, 100], async ({ cache, key }) => {
    await cache.createCache(key);
    const listed = await cache.listCaches();
    const found = 'getCaches' in listed && listed.getCaches().find((info) => info.getName() === key);
    if (!found) return seen(listed);
    return [true, found.getCacheLimits().maxTtlSeconds, found.getTopicLimits().maxSubscriptionCount];
  }),
  behaviour(
    'FlushCache',
    'empties it, whatever it holds',
    ['Success', 'Miss', 'Success', NO_CACHE],
    async ({ cache, key }) => {
      await cache.createCache(key);
      await cache.set(key, 'k', 'v');
      return each(
        () => cache.flushCache(key),
        () => cache.get(key, 'k'),
        () => cache.flushCache(key),
        () => cache.flushCache('nowhere'),
      );
    },
  ),
  behaviour('Ping', 'answers', 'answered', async ({ cache }) => {
    await cache.ping();
    return 'answered';
  }),

  behaviour('Publish', 'to a topic that nobody has named yet', 'Success', async ({ topics, key }) =>
    seen(await topics.publish(CACHE, key, 'v')),
  ),
  behaviour('Publish', 'CacheNotFoundError without the cache', [NO_CACHE, true], async ({ topics, key }) => {
    const response = await topics.publish('nowhere', key, 'v');
    return [seen(response), response.toString().includes('A cache with the specified name does not exist.')];
  }),
  behaviour(
    'Publish',
    'empty names and an empty text are invalid',
    [INVALID, INVALID, INVALID],
    ({ topics, key }) =>
      each(
        () => topics.publish(' ', key, 'v'),
        () => topics.publish(CACHE, ' ', 'v'),
        () => topics.publish(CACHE, key, ''),
      ),
  ),
  behaviour(
    'Subscribe',
    'text and bytes arrive in order, numbered',
    ['1:value1', '2:value2', '3:118,51'],
    async (trial) => {
      const listener = await listen(trial, trial.key);
      for (const value of ['value1', 'value2', new Uint8Array([118, 51])]) {
        await trial.topics.publish(CACHE, trial.key, value);
      }
      await until(() => listener.items.length === 3);
      listener.unsubscribe();
      return listener.items;
    },
  ),
  behaviour('Subscribe', 'empty names are invalid', [INVALID, INVALID], ({ topics, key }) =>
    each(
      () => topics.subscribe(' ', key, {}),
      () => topics.subscribe(CACHE, ' ', {}),
    ),
  ),
  behaviour('Subscribe', 'CacheNotFoundError without the cache', NO_CACHE, async ({ topics, key }) =>
    seen(await topics.subscribe('nowhere', key, {})),
  ),
  behaviour(
    'Subscribe',
    'ends with CacheNotFoundError when the cache is deleted',
    [NO_CACHE],
    async (trial) => {
      await trial.cache.createCache(trial.key);
      const listener = await listen(trial, 'topic', trial.key);
      await trial.cache.deleteCache(trial.key);
      await until(() => listener.errors.length > 0);
      return listener.errors;
    },
  ),
  behaviour('Subscribe', 'nothing arrives after unsubscribing', ['1:first'], async (trial) => {
    const listener = await listen(trial, trial.key);
    await trial.topics.publish(CACHE, trial.key, 'first');
    await until(() => listener.items.length === 1);
    listener.unsubscribe();
    const other = await listen(trial, trial.key);
    await trial.topics.publish(CACHE, trial.key, 'second');
    await until(() => other.items.length === 1);
    other.unsubscribe();
    return listener.items;
  }),

  behaviour(
    'GenerateDisposableToken',
    'may do what its scope says, and names its owner in items',
    ['Success', DENIED, ['myTokenID']],
    async (trial) => {
      const minted = await trial.auth.generateDisposableToken(
        trial.scopes.allDataReadWrite,
        ExpiresIn.minutes(1),
        {
          tokenId: 'myTokenID',
        },
      );
      if (!('authToken' in minted)) return outcome(minted);
      const owner = await trial.withToken(minted.authToken);
      const listener = await listen(owner, trial.key);
      const published = await owner.topics.publish(CACHE, trial.key, 'v');
      await until(() => listener.publishers.length > 0);
      listener.unsubscribe();
      return [seen(published), seen(await owner.cache.createCache(`${trial.key}x`)), listener.publishers];
    },
  ),
  behaviour(
    'GenerateDisposableToken',
    'more than 25 hours, no life and a long token id are invalid',
    [INVALID, INVALID, INVALID],
    async ({ auth, scopes }) => {
      const scope = scopes.allDataReadWrite;
      return each(
        () => auth.generateDisposableToken(scope, ExpiresIn.hours(26)),
        () => auth.generateDisposableToken(scope, ExpiresIn.never()),
        () => auth.generateDisposableToken(scope, ExpiresIn.minutes(1), { tokenId: 't'.repeat(66) }),
      );
    },
  ),
  behaviour('GenerateDisposableToken', 'a disposable token mints none', DENIED, async (trial) => {
    const scope = trial.scopes.allDataReadWrite;
    const minted = await trial.auth.generateDisposableToken(scope, ExpiresIn.minutes(1));
    if (!('authToken' in minted)) return outcome(minted);
    const owner = await trial.withToken(minted.authToken);
    return seen(await owner.auth.generateDisposableToken(scope, ExpiresIn.minutes(1)));
  }),
  {
    ...behaviour(
      'GenerateDisposableToken',
      'AuthenticationError once its time is over',
      ['Miss', 'AUTHENTICATION_ERROR'],
      async (trial) => {
        const minted = await trial.auth.generateDisposableToken(
          trial.scopes.allDataReadWrite,
          ExpiresIn.seconds(10),
        );
        if (!('authToken' in minted)) return outcome(minted);
        const owner = await trial.withToken(minted.authToken);
        const before = seen(await owner.cache.get(CACHE, trial.key));
        trial.clock.advance(10_000);
        return [before, seen(await owner.cache.get(CACHE, trial.key))];
      },
    ),
    movesTime: true,
  },
  behaviour(
    'GenerateApiToken',
    'that expires, that never does; below 0 is invalid',
    [true, false, INVALID],
    async ({ auth, scopes }) => {
      const minted = [];
      for (const life of [ExpiresIn.days(1), ExpiresIn.never(), ExpiresIn.seconds(-100)]) {
        const response = await auth.generateApiKey(scopes.superUser, life);
        minted.push('expiresAt' in response ? response.expiresAt.doesExpire() : seen(response));
      }
      return minted;
    },
  ),
  behaviour(
    'GenerateApiToken',
    'a minted super user mints keys, but no super user',
    ['Success', DENIED],
    async (trial) => {
      const { auth, scopes } = trial;
      const minted = await auth.generateApiKey(scopes.superUser, ExpiresIn.minutes(1));
      if (!('apiKey' in minted)) return outcome(minted);
      const owner = await trial.withToken(minted.apiKey);
      return [
        outcome(await owner.auth.generateApiKey(scopes.allDataReadWrite, ExpiresIn.minutes(1))),
        outcome(await owner.auth.generateApiKey(scopes.superUser, ExpiresIn.minutes(1))),
      ];
    },
  ),
  behaviour('GenerateApiToken', 'a key for all data mints none', [DENIED, DENIED], async (trial) => {
    const { auth, scopes } = trial;
    const minted = await auth.generateApiKey(scopes.allDataReadWrite, ExpiresIn.minutes(1));
    if (!('apiKey' in minted)) return outcome(minted);
    const owner = await trial.withToken(minted.apiKey);
    return [
      outcome(await owner.auth.generateApiKey(scopes.allDataReadWrite, ExpiresIn.minutes(1))),
      outcome(await owner.cache.createCache(`${trial.key}x`)),
    ];
  }),
  {
    ...behaviour(
      'GenerateApiToken',
      'AuthenticationError once its time is over',
      ['Success', 'AUTHENTICATION_ERROR'],
      async ({ auth, scopes, clock, key, withToken }) => {
        const minted = await auth.generateApiKey(scopes.superUser, ExpiresIn.seconds(10));
        if (!('apiKey' in minted)) return outcome(minted);
        const owner = await withToken(minted.apiKey);
        const before = outcome(await owner.cache.createCache(key));
        clock.advance(10_000);
        return [before, outcome(await owner.cache.createCache(`${key}x`))];
      },
    ),
    movesTime: true,
  },
  {
    ...behaviour(
      'RefreshApiToken',
      'a new key for as long, from now on; an expired one is refused',
      [2, 'AUTHENTICATION_ERROR'],
      async (trial) => {
        const { auth, scopes, clock } = trial;
        const minted = await auth.generateApiKey(scopes.superUser, ExpiresIn.seconds(10));
        if (!('apiKey' in minted)) return outcome(minted);
        const owner = await trial.withToken(minted.apiKey);
        clock.advance(2000);
        const renewed = await owner.auth.refreshApiKey(minted.refreshToken);
        if (!('apiKey' in renewed)) return outcome(renewed);
        clock.advance(60_000);
        return [
          renewed.expiresAt.epoch() - minted.expiresAt.epoch(),
          outcome(await owner.auth.refreshApiKey(minted.refreshToken)),
        ];
      },
    ),
    movesTime: true,
  },
];

/** Resolves when it holds. The test's own timeout ends it otherwise. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
