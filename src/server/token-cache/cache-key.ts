import type { DisposableTokenScope } from '../scope-types.js';
import { DEFAULT_SCOPE_VERSION } from '../scopes.js';
import type { Grant } from '../types.js';

/**
 * Returns all that a cached token depends on, as one text: equal texts mean that the same token may be handed out. The
 * order of rooms and of object keys makes no difference. The permissions themselves are in it, so a token
 * never outlives a change of `scope` in the code, and a wider one never answers for a narrower. A default
 * scope follows from the grant and from the version of its code; the name of its cache stands for it.
 */
export function cacheKeyText(parts: {
  address: string;
  identityId: string | undefined;
  tokenId: string | undefined;
  grant: Grant;
  /** The scope, or the name of the cache for a default one. */
  scope: DisposableTokenScope | string;
  ttlSeconds: number;
}): string {
  const { scope } = parts;
  const { rooms, role } = parts.grant;
  return JSON.stringify([
    DEFAULT_SCOPE_VERSION,
    parts.address,
    parts.identityId ?? null,
    parts.tokenId ?? null,
    role,
    Array.isArray(rooms) ? [...rooms].sort() : { prefix: rooms.prefix },
    typeof scope === 'string' ? scope : (scope.permissions ?? []).map(canonical).sort(),
    parts.ttlSeconds,
  ]);
}

// Sorted entries; symbols (the SDKs' "all") by a mark that no string is encoded to.
function canonical(value: unknown): string {
  if (typeof value === 'symbol') return '*';
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`);
  return `{${entries.sort().join()}}`;
}
