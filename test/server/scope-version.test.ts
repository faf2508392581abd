import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { KeyedHash } from '../../src/server/keyed-hash.js';
import { resolveOptions } from '../../src/server/options.js';
import { DEFAULT_SCOPE_VERSION, defaultScope } from '../../src/server/scopes.js';
import { cacheKeyText } from '../../src/server/token-cache/cache-key.js';
import { TokenStore } from '../../src/server/token-cache/token-store.js';
import { TokenIssuer } from '../../src/server/token-issuer.js';
import type { Grant, TokenCache } from '../../src/server/types.js';
import { countingAuth, FakeClock } from './support.js';

/** SHA-256 of the scopes below, by version. Another scope needs another version, or caches hand out the old tokens. */
const SCOPES: Readonly<Record<number, string>> = {
  1: '0886a476a37f5902e55ce6144156cfde40d3b7bf8bc17bf0aea73e8c86ab2138',
};

const GRANTS: readonly Grant[] = (['member', 'reader'] as const).flatMap((role) => [
  { rooms: ['a', 'b'], role },
  { rooms: { prefix: 'team.' }, role },
]);

it('a default scope grants what its version says', () => {
  const scopes = JSON.stringify(GRANTS.map((grant) => defaultScope(grant, 'chat')));
  expect(createHash('sha256').update(scopes).digest('hex')).toBe(SCOPES[DEFAULT_SCOPE_VERSION]);
});

it('a token with the default scope of an earlier version is not handed out of a shared cache', async () => {
  const entries = new Map<string, unknown>();
  const tokenCache: TokenCache = {
    get: async (key) => entries.get(key) as never,
    set: async (key, value) => void entries.set(key, value),
  };
  const secret = 'a secret that all servers share, before and after';
  const clock = new FakeClock();
  const auth = countingAuth(() => clock.time);
  const options = resolveOptions({ auth, rooms: ['a'], tokenCache, secret });
  const grant: Grant = { rooms: ['a'], role: 'member' };
  const now = cacheKeyText({
    address: '192.0.2.1',
    identityId: undefined,
    tokenId: undefined,
    grant,
    scope: options.cache,
    ttlSeconds: options.ttlSeconds,
  });
  const hash = new KeyedHash(options.hashSecret);
  const store = new TokenStore({ cache: tokenCache, hash, clock, timeoutMs: 1000 });
  const keep = async (version: number | undefined, token: string) => {
    const parts = JSON.parse(now) as unknown[];
    const text = JSON.stringify(version === undefined ? parts.slice(1) : [version, ...parts.slice(1)]);
    const [key = ''] = await hash.cacheKeys(text);
    await store.write(key, { token, exp: clock.now() / 1000 + 3600 }, () => {});
  };
  await keep(undefined, 'wide');
  for (let version = 0; version < DEFAULT_SCOPE_VERSION; version += 1) await keep(version, 'wide');
  const vend = () =>
    new TokenIssuer(options, clock).vend({
      address: '192.0.2.1',
      rooms: ['a'],
      identity: undefined,
      rejected: false,
    });
  const { token } = await vend();
  expect(token).not.toBe('wide');
  expect(auth.mints).toHaveLength(1);
  // The entry would be found, were it of this version.
  await keep(DEFAULT_SCOPE_VERSION, 'of today');
  expect((await vend()).token).toBe('of today');
});
