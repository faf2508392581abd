import { element, encode, type Field, message } from '../../grpc-web/protobuf.js';
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
  return encode(
    [1, message([1, fields.validForSeconds])],
    [2, fields.authToken],
    [3, message([2, message(...permissions.map((permission): Field => [1, message(entry(permission))]))])],
    [4, fields.tokenId],
  );
}

function entry(permission: TokenPermission): Field {
  if ('func' in permission) {
    if ('topic' in permission || 'item' in permission) throw unknownShape('permission', permission);
    return [
      3,
      message(
        roleField(FUNCTION_ROLES, permission),
        cacheField(permission),
        namedField(permission.func, permission),
      ),
    ];
  }
  if ('topic' in permission) {
    if ('item' in permission) throw unknownShape('permission', permission);
    return [
      2,
      message(
        roleField(TOPIC_ROLES, permission),
        cacheField(permission),
        namedField(permission.topic, permission),
      ),
    ];
  }
  return [
    1,
    message(
      roleField(CACHE_ROLES, permission),
      cacheField(permission),
      ...('item' in permission ? [itemField(permission.item, permission)] : []),
    ),
  ];
}

function roleField(roles: ReadonlyMap<string, number>, permission: TokenPermission): Field {
  const role = roles.get(permission.role);
  if (role === undefined) throw unknownShape('role', permission);
  return [1, role];
}

function cacheField(permission: TokenPermission): Field {
  const { cache } = permission;
  if (typeof cache === 'symbol') return [2, message()];
  const name = typeof cache === 'string' ? cache : cache?.name;
  if (typeof name !== 'string' || name === '') throw unknownShape('cache', permission);
  return [3, message([1, element(name)])];
}

// Topics and functions share their layout: 4 is "all", 5 is a selector with 1 a name and 2 a prefix.
function namedField(selector: unknown, permission: TokenPermission): Field {
  if (typeof selector === 'symbol') return [4, message()];
  if (isText(selector)) return [5, message([1, element(selector)])];
  if (hasText(selector, 'name')) return [5, message([1, element(selector.name)])];
  if (hasText(selector, 'namePrefix')) return [5, message([2, element(selector.namePrefix)])];
  throw unknownShape('name', permission);
}

function itemField(item: unknown, permission: TokenPermission): Field {
  if (typeof item === 'symbol') return [4, message()];
  if (isText(item)) return [5, message([1, element(item)])];
  if (hasText(item, 'key')) return [5, message([1, element(item.key)])];
  if (hasText(item, 'keyPrefix')) return [5, message([2, element(item.keyPrefix)])];
  throw unknownShape('item', permission);
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
