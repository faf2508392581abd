import { permission_messages } from '@gomomento/generated-types/dist/permissionmessages.js';
import { token } from '@gomomento/generated-types/dist/token.js';
import { AllCaches, AllTopics } from '@gomomento/sdk';
import fc from 'fast-check';
import { defaultScope } from 'momento-chat/server';
import { describe, expect, it, vi } from 'vitest';
import { encodeTokenRequest } from '../../src/server/minting/token-request.js';
import type { TokenPermission } from '../../src/server/scope-types.js';

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const { PermissionsType, CacheRole, TopicRole } = permission_messages;
// The SDKs have it and do not export it; any symbol means all.
const AllCacheItems = Symbol('AllCacheItems');
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 });
const bytes = (value: string) => new TextEncoder().encode(value);

/** A permission as we say it, beside the message that Momento's own generated code makes of it. */
const permission: fc.Arbitrary<[TokenPermission, InstanceType<typeof PermissionsType>]> = fc
  .record({
    kind: fc.constantFrom('topic', 'item'),
    role: fc.constantFrom(0, 1, 2),
    cache: fc.option(text, { nil: undefined }),
    form: fc.constantFrom('plain', 'name', 'prefix', 'all'),
    name: text,
  })
  .map(({ kind, role, cache, form, name }): [TokenPermission, InstanceType<typeof PermissionsType>] => {
    const caches =
      cache === undefined
        ? { all_caches: new PermissionsType.All() }
        : { cache_selector: new PermissionsType.CacheSelector({ cache_name: cache }) };
    const selector = cache ?? AllCaches;
    if (kind === 'topic') {
      const topics =
        form === 'all'
          ? { all_topics: new PermissionsType.All() }
          : {
              topic_selector: new PermissionsType.TopicSelector(
                form === 'prefix' ? { topic_name_prefix: name } : { topic_name: name },
              ),
            };
      const roles = [TopicRole.TopicReadWrite, TopicRole.TopicReadOnly, TopicRole.TopicWriteOnly] as const;
      const ours = { plain: name, name: { name }, prefix: { namePrefix: name }, all: AllTopics }[form];
      return [
        {
          role: ['publishsubscribe', 'subscribeonly', 'publishonly'][role] ?? '',
          cache: selector,
          topic: ours ?? '',
        },
        new PermissionsType({
          topic_permissions: new PermissionsType.TopicPermissions({
            role: roles[role] ?? 0,
            ...(caches as { all_caches: InstanceType<typeof PermissionsType.All> }),
            ...(topics as { all_topics: InstanceType<typeof PermissionsType.All> }),
          }),
        }),
      ];
    }
    const items =
      form === 'all'
        ? { all_items: new PermissionsType.All() }
        : {
            item_selector: new PermissionsType.CacheItemSelector(
              form === 'prefix' ? { key_prefix: bytes(name) } : { key: bytes(name) },
            ),
          };
    const roles = [CacheRole.CacheReadWrite, CacheRole.CacheReadOnly, CacheRole.CacheWriteOnly] as const;
    const ours = { plain: name, name: { key: name }, prefix: { keyPrefix: name }, all: AllCacheItems }[form];
    return [
      { role: ['readwrite', 'readonly', 'writeonly'][role] ?? '', cache: selector, item: ours ?? '' },
      new PermissionsType({
        cache_permissions: new PermissionsType.CachePermissions({
          role: roles[role] ?? 0,
          ...(caches as { all_caches: InstanceType<typeof PermissionsType.All> }),
          ...(items as { all_items: InstanceType<typeof PermissionsType.All> }),
        }),
      }),
    ];
  });

describe('the request for a token', () => {
  it("is byte for byte what Momento's generated code writes", () => {
    fc.assert(
      fc.property(
        fc.array(permission, { minLength: 1, maxLength: 20 }),
        text,
        fc.integer({ min: 1, max: 90_000 }),
        fc.option(text, { nil: undefined }),
        (permissions, authToken, validForSeconds, tokenId) => {
          const theirs = new token._GenerateDisposableTokenRequest({
            expires: new token._GenerateDisposableTokenRequest.Expires({
              valid_for_seconds: validForSeconds,
            }),
            auth_token: authToken,
            permissions: new permission_messages.Permissions({
              explicit: new permission_messages.ExplicitPermissions({
                permissions: permissions.map(([, message]) => message),
              }),
            }),
            ...(tokenId === undefined ? {} : { token_id: tokenId }),
          });
          const ours = encodeTokenRequest({
            authToken,
            scope: { permissions: permissions.map(([mine]) => mine) },
            validForSeconds,
            tokenId,
          });
          expect(Buffer.from(ours).toString('hex')).toBe(Buffer.from(theirs.serialize()).toString('hex'));
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ['no permissions', {}],
    ['a cache that is no name', { permissions: [{ role: 'readwrite', cache: '', item: 'a' }] }],
    ['an unknown role', { permissions: [{ role: 'admin', cache: 'chat', item: 'a' }] }],
    ['a role that every object has', { permissions: [{ role: 'constructor', cache: 'chat', item: 'a' }] }],
    [
      'an empty key, which would be the whole cache',
      { permissions: [{ role: 'readwrite', cache: 'chat', item: '' }] },
    ],
    ['an empty prefix', { permissions: [{ role: 'readwrite', cache: 'chat', item: { keyPrefix: '' } }] }],
    ['an item that is not there', { permissions: [{ role: 'readwrite', cache: 'chat', item: undefined }] }],
    ['an unknown item', { permissions: [{ role: 'readwrite', cache: 'chat', item: { keys: ['a'] } }] }],
    [
      'two selectors in one',
      { permissions: [{ role: 'readwrite', cache: 'chat', item: { key: 'a', keyPrefix: 'b' } }] },
    ],
    [
      'a topic and an item in one',
      { permissions: [{ role: 'readwrite', cache: 'chat', item: 'a', topic: 't' }] },
    ],
  ])('is never written for %s', (_, scope) => {
    expect(() => encodeTokenRequest({ authToken: 'k', scope: scope as never, validForSeconds: 60 })).toThrow(
      /unable to encode the token's permissions/,
    );
  });
});

describe('the default scope', () => {
  it('is four statements per room: two topics, the list, and the keys of the room', () => {
    expect(defaultScope({ rooms: ['a'], role: 'member' }, 'chat')).toEqual({
      permissions: [
        { role: 'publishsubscribe', cache: 'chat', topic: 'a-chat' },
        { role: 'publishsubscribe', cache: 'chat', topic: 'a:events' },
        { role: 'readwrite', cache: 'chat', item: { key: 'a' } },
        { role: 'readwrite', cache: 'chat', item: { keyPrefix: 'a:' } },
      ],
    });
  });

  it('of a reader only reads', () => {
    const { permissions = [] } = defaultScope({ rooms: { prefix: 'p' }, role: 'reader' }, 'c');
    expect(permissions.map(({ role }) => role)).toEqual(['subscribeonly', 'readonly']);
  });
});
