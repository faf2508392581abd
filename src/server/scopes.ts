import { invalidArgument } from '../shared/errors.js';
import {
  eventsTopic,
  historyKey,
  keyPrefix,
  MESSAGES_SUFFIX,
  messagesTopic,
} from '../shared/room-address.js';
import { roomNameProblem } from '../shared/room-name.js';
import type { CacheSelector, DisposableTokenScope, TokenPermission } from './scope-types.js';
import type { Grant } from './types.js';

/** To be raised whenever {@link defaultScope} grants something else: tokens with the old permissions are not reused. */
export const DEFAULT_SCOPE_VERSION = 1;

/** Momento's limit on the policy statements in one token. */
const MAX_STATEMENTS = 20;

const STATEMENTS_PER_ROOM = 4;

/** How many rooms a default scope can name. */
export const MAX_ROOMS_PER_TOKEN = MAX_STATEMENTS / STATEMENTS_PER_ROOM;

/**
 * The permissions of a grant, and nothing else. Per room: the topics `${room}-chat` and `${room}:events`,
 * the list `${room}`, and the keys that start with `${room}:`. For `{ prefix }`: the topics and the keys
 * that start with it. A `reader` may subscribe and read only.
 *
 * @param grant what was granted; at most 5 rooms, or `{ prefix }`.
 * @param cache the cache that rooms live in.
 * @throws ChatError `invalid-argument` for a prefix that opens a room which does not start with it: one that
 * ends with `-`, see {@link Grant}.
 *
 * @example
 * ```ts
 * createTokenVendor({
 *   auth,
 *   authorize,
 *   // one more thing than the rooms: read the keys of the product catalogue
 *   scope: (grant) => ({
 *     permissions: [
 *       ...(defaultScope(grant, 'chat').permissions ?? []),
 *       { role: 'readonly', cache: 'catalogue', item: { keyPrefix: 'product:' } },
 *     ],
 *   }),
 * });
 * ```
 */
export function defaultScope(grant: Grant, cache: string): DisposableTokenScope {
  const reader = grant.role === 'reader';
  const topicRole = reader ? 'subscribeonly' : 'publishsubscribe';
  const cacheRole = reader ? 'readonly' : 'readwrite';
  if (!Array.isArray(grant.rooms)) {
    const { prefix } = grant.rooms;
    const problem = prefixProblem(prefix);
    if (problem !== undefined) throw invalidArgument('make a scope', problem);
    return {
      permissions: [
        { role: topicRole, cache, topic: { namePrefix: prefix } },
        { role: cacheRole, cache, item: { keyPrefix: prefix } },
      ],
    };
  }
  return {
    permissions: grant.rooms.flatMap((room): TokenPermission[] => [
      { role: topicRole, cache, topic: messagesTopic(room) },
      { role: topicRole, cache, topic: eventsTopic(room) },
      { role: cacheRole, cache, item: { key: historyKey(room) } },
      { role: cacheRole, cache, item: { keyPrefix: keyPrefix(room) } },
    ]),
  };
}

/** The answer of {@link grantProblem} to a grant for no room at all. */
export const GRANT_OF_NOTHING = 'a grant must name at least one room';

/** Says what is wrong with a grant, or `undefined`. */
export function grantProblem(grant: unknown): string | undefined {
  if (typeof grant !== 'object' || grant === null) return 'a grant must be an object, or null';
  const { rooms, role, userId } = grant as Partial<Grant>;
  if (role !== 'member' && role !== 'reader') return "a grant's role must be 'member' or 'reader'";
  if (userId !== undefined && typeof userId !== 'string') return "a grant's userId must be a string";
  if (Array.isArray(rooms)) {
    if (rooms.length === 0) return GRANT_OF_NOTHING;
    for (const room of rooms) {
      const problem = roomNameProblem(room);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  if (typeof rooms !== 'object' || rooms === null) return "a grant's rooms must be an array or { prefix }";
  return prefixProblem(rooms.prefix);
}

// A prefix follows the rule of room names: it starts one. And it is a prefix of topics, whose names are longer
// than their rooms': what stops within the `-chat` of a room would open that room's live topic.
function prefixProblem(prefix: string): string | undefined {
  const problem = roomNameProblem(prefix);
  if (problem !== undefined) return `a grant's prefix must be like a room name: ${problem}`;
  for (let length = 1; length <= MESSAGES_SUFFIX.length; length++) {
    const end = MESSAGES_SUFFIX.slice(0, length);
    const room = prefix.slice(0, -length);
    if (room === '' || !prefix.endsWith(end)) continue;
    return `a grant's prefix must not end with '${end}': '${prefix}' would open the live topic of the room '${room}' as well. Use another separator, such as '${room}.' or '${room}/'`;
  }
  return undefined;
}

/** Says what is wrong with the result of a `scope` function, or `undefined`. */
export function scopeProblem(scope: unknown): string | undefined {
  const permissions = (scope as DisposableTokenScope | undefined | null)?.permissions;
  if (!Array.isArray(permissions)) return 'a scope must be an object with an array of permissions';
  if (permissions.length === 0) return 'a scope must hold at least one permission';
  if (permissions.length > MAX_STATEMENTS) {
    return `a scope may hold at most ${MAX_STATEMENTS} permissions, Momento's limit`;
  }
  for (const permission of permissions) {
    if (typeof permission !== 'object' || permission === null || typeof permission.role !== 'string') {
      return 'each permission of a scope must be an object with a role';
    }
  }
  return undefined;
}

/** Whether a token of this scope could touch `cache` at all. */
export function scopeReaches(scope: DisposableTokenScope, cache: string): boolean {
  return (scope.permissions ?? []).some((permission) => selects(permission.cache, cache));
}

function selects(selector: CacheSelector, cache: string): boolean {
  // A symbol is one of the SDK's "all" markers; anything unknown is taken for the worst.
  if (typeof selector === 'string') return selector === cache;
  if (typeof selector === 'object' && selector !== null) return selector.name === cache;
  return true;
}
