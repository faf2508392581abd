import { CacheRole, ExpiresIn, type PermissionScope, TopicRole } from '@gomomento/sdk-web';
import { outcome } from '../support/outcome.js';
import type { Clients } from '../support/sdk-clients.js';
import { type Behaviour, behaviour, CACHE, each, type Trial } from './behaviour.js';

const INVALID = 'INVALID_ARGUMENT_ERROR';
const DENIED = 'PERMISSION_ERROR';

/** The rights of a token's owner on each of a few items: `rw`, `r-`, `-w` or `--`. */
async function reach({ cache }: Clients, items: readonly (readonly [string, string])[]): Promise<string> {
  const found = [];
  for (const [name, key] of items) {
    const got = outcome(await cache.get(name, key));
    const set = outcome(await cache.set(name, key, 'v'));
    found.push(`${letter('r', got, ['Hit', 'Miss'])}${letter('w', set, ['Success'])}`);
  }
  return found.join(' ');
}

function letter(allowed: string, result: string, successes: readonly string[]): string {
  if (successes.includes(result)) return allowed;
  return result === DENIED ? '-' : result;
}

/** The answers to publishing and subscribing. */
async function onTopic({ topics }: Clients, cache: string, topic: string): Promise<string[]> {
  const published = outcome(await topics.publish(cache, topic, 'v'));
  const subscription = await topics.subscribe(cache, topic, {});
  if ('unsubscribe' in subscription) subscription.unsubscribe();
  return [published, outcome(subscription)];
}

async function keyFor({ auth, withToken }: Trial, scope: PermissionScope): Promise<Clients> {
  const minted = await auth.generateApiKey(scope, ExpiresIn.minutes(1));
  if (!('apiKey' in minted)) throw new Error(outcome(minted));
  return withToken(minted.apiKey);
}

async function tokenFor({ auth, withToken }: Trial, scope: PermissionScope): Promise<Clients> {
  const minted = await auth.generateDisposableToken(scope, ExpiresIn.minutes(1));
  if (!('authToken' in minted)) throw new Error(outcome(minted));
  return withToken(minted.authToken);
}

/** One role on a key and on a prefix: in a cache, then in all of them. */
function onItems(role: CacheRole, may: string): Behaviour {
  return behaviour(
    'GenerateDisposableToken',
    `${role} on a key and a key prefix, in one cache or all`,
    [`${may} ${may} -- --`, `${may} ${may} -- ${may}`],
    async (trial) => {
      const { cache, key, scopes } = trial;
      await cache.createCache(key);
      const items = [
        [CACHE, key],
        [CACHE, `${key}-pet-cat`],
        [CACHE, `${key}-cow`],
        [key, key],
      ] as const;
      const found = [];
      for (const where of [CACHE, scopes.allCaches]) {
        const permissions = [
          { role, cache: where, item: { key } },
          { role, cache: where, item: { keyPrefix: `${key}-pet` } },
        ];
        found.push(await reach(await tokenFor(trial, { permissions } as PermissionScope), items));
      }
      return found;
    },
  );
}

export const tokenScopeBehaviours: Behaviour[] = [
  behaviour(
    'GenerateApiToken',
    'no permission, and two for the same items or topics, are invalid',
    [INVALID, INVALID, INVALID, INVALID],
    async ({ auth, scopes, key }) => {
      const readWrite = [CacheRole.ReadOnly, CacheRole.ReadWrite];
      const all = readWrite.map((role) => ({ role, cache: scopes.allCaches }));
      const named = [
        { role: CacheRole.ReadOnly, cache: key },
        { role: CacheRole.ReadWrite, cache: { name: key } },
      ];
      const topics = [
        { role: TopicRole.SubscribeOnly, cache: key, topic: key },
        { role: TopicRole.PublishSubscribe, cache: { name: key }, topic: { name: key } },
      ];
      const mint = (permissions: object[]) => () =>
        auth.generateApiKey({ permissions } as PermissionScope, ExpiresIn.minutes(1));
      return each(mint([]), mint(all), mint(named), mint(topics));
    },
  ),
  behaviour(
    'GenerateApiToken',
    'read-only on all caches: no writes, no topics',
    ['r- r-', [DENIED, DENIED]],
    async (trial) => {
      const { cache, key, scopes } = trial;
      await cache.createCache(key);
      const owner = await keyFor(trial, {
        permissions: [{ role: CacheRole.ReadOnly, cache: scopes.allCaches }],
      });
      const items = [
        [CACHE, key],
        [key, key],
      ] as const;
      return [await reach(owner, items), await onTopic(owner, CACHE, key)];
    },
  ),
  behaviour(
    'GenerateApiToken',
    'subscribe-only on all topics: no publishing, no items',
    ['--', [DENIED, 'Subscription']],
    async (trial) => {
      const { key, scopes } = trial;
      const owner = await keyFor(trial, {
        permissions: [{ role: TopicRole.SubscribeOnly, cache: scopes.allCaches, topic: scopes.allTopics }],
      });
      return [await reach(owner, [[CACHE, key]]), await onTopic(owner, CACHE, key)];
    },
  ),
  behaviour(
    'GenerateDisposableToken',
    'items of one cache and topics of another, each with its role',
    ['-w --', [DENIED, DENIED], ['Success', DENIED]],
    async (trial) => {
      const { cache, key, scopes } = trial;
      await cache.createCache(key);
      const owner = await tokenFor(trial, {
        permissions: [
          { role: CacheRole.WriteOnly, cache: CACHE },
          { role: TopicRole.PublishOnly, cache: key, topic: scopes.allTopics },
        ],
      });
      const items = [
        [CACHE, key],
        [key, key],
      ] as const;
      return [await reach(owner, items), await onTopic(owner, CACHE, key), await onTopic(owner, key, key)];
    },
  ),
  onItems(CacheRole.ReadOnly, 'r-'),
  onItems(CacheRole.WriteOnly, '-w'),
  onItems(CacheRole.ReadWrite, 'rw'),
];
