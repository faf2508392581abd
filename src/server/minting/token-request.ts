import { ProtobufWriter } from '../../grpc-web/protobuf.js';
import { ChatError } from '../../shared/errors.js';
import type { DisposableTokenScope, TokenPermission } from '../scope-types.js';

/** Field values of `_GenerateDisposableTokenRequest`. */
export interface TokenRequestFields {
  authToken: string;
  scope: DisposableTokenScope;
  validForSeconds: number;
  tokenId?: string | undefined;
}

const TOPIC_ROLES: ReadonlyMap<string, number> = new Map([
  ['publishsubscribe', 1],
  ['subscribeonly', 2],
  ['publishonly', 3],
]);
const CACHE_ROLES: ReadonlyMap<string, number> = new Map([
  ['readwrite', 1],
  ['readonly', 2],
  ['writeonly', 3],
]);
const FUNCTION_ROLES: ReadonlyMap<string, number> = new Map([
  ['functionpermitnone', 0],
  ['functioninvoke', 1],
]);

/** A scope that no token can hold. */
export class ScopeError extends ChatError {}

/**
 * The bytes of Momento's `_GenerateDisposableTokenRequest`.
 *
 * The SDKs have this too, with two holes that a token per room falls into: in a scope that holds topics
 * **and** cache items they drop the items' keys, so the token would open the whole cache; and they have no
 * way to say a prefix of topic names. (Seen in `@gomomento/sdk` 1.118.1 and `@gomomento/sdk-web` 1.118.0.)
 * An unknown shape is refused here, never widened.
 */
export function encodeTokenRequest(fields: TokenRequestFields): Uint8Array {
  const permissions = fields.scope.permissions;
  if (!Array.isArray(permissions)) throw unknownShape('scope', fields.scope);
  return new ProtobufWriter()
    .message(1, (expires) => expires.uint(1, fields.validForSeconds))
    .bytes(2, fields.authToken)
    .message(3, (outer) =>
      outer.message(2, (explicit) => {
        for (const permission of permissions)
          explicit.message(1, (entry) => writePermission(entry, permission));
      }),
    )
    .bytes(4, fields.tokenId ?? '')
    .finish();
}

function writePermission(entry: ProtobufWriter, permission: TokenPermission): void {
  if ('func' in permission) {
    if ('topic' in permission || 'item' in permission) throw unknownShape('permission', permission);
    entry.message(3, (inner) => {
      writeRole(inner, FUNCTION_ROLES, permission);
      writeCache(inner, permission);
      writeNamed(inner, permission.func, permission);
    });
  } else if ('topic' in permission) {
    if ('item' in permission) throw unknownShape('permission', permission);
    entry.message(2, (inner) => {
      writeRole(inner, TOPIC_ROLES, permission);
      writeCache(inner, permission);
      writeNamed(inner, permission.topic, permission);
    });
  } else {
    entry.message(1, (inner) => {
      writeRole(inner, CACHE_ROLES, permission);
      writeCache(inner, permission);
      if ('item' in permission) writeItem(inner, permission.item, permission);
    });
  }
}

function writeRole(
  inner: ProtobufWriter,
  roles: ReadonlyMap<string, number>,
  permission: TokenPermission,
): void {
  const role = roles.get(permission.role);
  if (role === undefined) throw unknownShape('role', permission);
  inner.uint(1, role);
}

function writeCache(inner: ProtobufWriter, permission: TokenPermission): void {
  const { cache } = permission;
  if (typeof cache === 'symbol') {
    inner.message(2);
    return;
  }
  const name = typeof cache === 'string' ? cache : cache?.name;
  if (typeof name !== 'string' || name === '') throw unknownShape('cache', permission);
  inner.message(3, (selector) => selector.element(1, name));
}

// Topics and functions share their layout: 4 is "all", 5 is a selector with 1 a name and 2 a prefix.
function writeNamed(inner: ProtobufWriter, selector: unknown, permission: TokenPermission): void {
  if (typeof selector === 'symbol') inner.message(4);
  else if (isText(selector)) inner.message(5, (named) => named.element(1, selector));
  else if (hasText(selector, 'name')) inner.message(5, (named) => named.element(1, selector.name));
  else if (hasText(selector, 'namePrefix'))
    inner.message(5, (named) => named.element(2, selector.namePrefix));
  else throw unknownShape('name', permission);
}

function writeItem(inner: ProtobufWriter, item: unknown, permission: TokenPermission): void {
  if (typeof item === 'symbol') inner.message(4);
  else if (isText(item)) inner.message(5, (selector) => selector.element(1, item));
  else if (hasText(item, 'key')) inner.message(5, (selector) => selector.element(1, item.key));
  else if (hasText(item, 'keyPrefix')) {
    inner.message(5, (selector) => selector.element(2, item.keyPrefix));
  } else throw unknownShape('item', permission);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function hasText<Key extends string>(value: unknown, key: Key): value is Record<Key, string> {
  if (typeof value !== 'object' || value === null) return false;
  // One selector only: an object with two would be read one way here and another way elsewhere.
  return Object.keys(value).length === 1 && isText((value as Partial<Record<Key, unknown>>)[key]);
}

function unknownShape(what: string, value: unknown): ScopeError {
  const shown = JSON.stringify(value, (_, inner) => (typeof inner === 'symbol' ? String(inner) : inner));
  return new ScopeError(
    'invalid-argument',
    `unable to encode the token's permissions; unknown ${what} in ${shown?.slice(0, 200)}`,
  );
}
