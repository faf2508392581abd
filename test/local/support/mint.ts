import { token as tokenTypes } from '@gomomento/generated-types';
import { permission_messages as permissions } from '@gomomento/generated-types/dist/permissionmessages.js';
import { credentials } from '@grpc/grpc-js';
import type { LocalMomento } from '../../../src/local/index.js';
import { eventsTopic, historyKey, keyPrefix, messagesTopic } from '../../../src/shared/room-address.js';

const { PermissionsType, CacheRole, TopicRole } = permissions;

export interface Statement {
  on: 'items' | 'topics';
  role: 'read' | 'write' | 'both';
  /** Default: the cache `chat`. */
  cache?: string | 'all';
  select: 'all' | { name: string } | { prefix: string };
}

/**
 * Mints a disposable token with exactly these statements, by the RPC itself: the SDKs' `generateDisposableToken` drops
 * what a permission says about items as soon as the scope also has topics, and knows no topic prefixes at all.
 *
 * @returns the token in the form that the SDKs' credential providers read.
 */
export function mint(
  momento: LocalMomento,
  statements: readonly Statement[],
  options: { lifeSeconds?: number; tokenId?: string } = {},
): Promise<string> {
  const client = new tokenTypes.token.TokenClient(`127.0.0.1:${momento.port}`, credentials.createInsecure());
  const request = new tokenTypes.token._GenerateDisposableTokenRequest({
    permissions: new permissions.Permissions({
      explicit: new permissions.ExplicitPermissions({ permissions: statements.map(message) }),
    }),
    expires: new tokenTypes.token._GenerateDisposableTokenRequest.Expires({
      valid_for_seconds: options.lifeSeconds ?? 3600,
    }),
    token_id: options.tokenId ?? '',
  });
  return new Promise((resolve, reject) => {
    client.GenerateDisposableToken(request, (error, response) => {
      client.close();
      if (response) resolve(sdkForm(response.api_key, response.endpoint));
      else reject(error);
    });
  });
}

/** The rights that the design gives a member of a room: two topics, one list, everything under the room's prefix. */
export function roomToken(
  momento: LocalMomento,
  room: string,
  options: { role?: 'member' | 'reader'; tokenId?: string; lifeSeconds?: number; cache?: string } = {},
): Promise<string> {
  const role = options.role === 'reader' ? 'read' : 'both';
  const cache = options.cache ?? 'chat';
  return mint(
    momento,
    [
      { on: 'topics', role, cache, select: { name: messagesTopic(room) } },
      { on: 'topics', role, cache, select: { name: eventsTopic(room) } },
      { on: 'items', role, cache, select: { name: historyKey(room) } },
      { on: 'items', role, cache, select: { prefix: keyPrefix(room) } },
    ],
    options,
  );
}

export function sdkForm(apiKey: string, endpoint = 'localhost'): string {
  return Buffer.from(JSON.stringify({ api_key: apiKey, endpoint })).toString('base64');
}

function message({ on, role, cache = 'chat', select }: Statement) {
  const caches =
    cache === 'all'
      ? { all_caches: new PermissionsType.All() }
      : { cache_selector: new PermissionsType.CacheSelector({ cache_name: cache }) };
  if (on === 'items') {
    const key = (text: string) => Buffer.from(text);
    const items =
      select === 'all'
        ? { all_items: new PermissionsType.All() }
        : {
            item_selector: new PermissionsType.CacheItemSelector(
              'name' in select ? { key: key(select.name) } : { key_prefix: key(select.prefix) },
            ),
          };
    return new PermissionsType({
      cache_permissions: new PermissionsType.CachePermissions({
        role: {
          read: CacheRole.CacheReadOnly,
          write: CacheRole.CacheWriteOnly,
          both: CacheRole.CacheReadWrite,
        }[role],
        ...caches,
        ...items,
      }),
    });
  }
  const topics =
    select === 'all'
      ? { all_topics: new PermissionsType.All() }
      : {
          topic_selector: new PermissionsType.TopicSelector(
            'name' in select ? { topic_name: select.name } : { topic_name_prefix: select.prefix },
          ),
        };
  return new PermissionsType({
    topic_permissions: new PermissionsType.TopicPermissions({
      role: {
        read: TopicRole.TopicReadOnly,
        write: TopicRole.TopicWriteOnly,
        both: TopicRole.TopicReadWrite,
      }[role],
      ...caches,
      ...topics,
    }),
  });
}
