import type { ItemKey } from './item-key.js';

/** Which names a permission covers: all of them, one, or those with a prefix. */
export type NameSelector = 'all' | { readonly name: string } | { readonly prefix: string };

/** The operations that a role allows. Momento's read-write, read-only, write-only are these two flags. */
export interface Role {
  readonly read: boolean;
  readonly write: boolean;
}

/** One statement of a token. For topics, reading is subscribing and writing is publishing. */
export interface Permission {
  readonly on: 'items' | 'topics' | 'functions';
  readonly role: Role;
  readonly caches: NameSelector;
  /** Item keys (one character per byte) or topic names. */
  readonly names: NameSelector;
}

/** The caller, as told by the token that came with the call. */
export interface Principal {
  /** May do everything with data, and manage caches. */
  readonly superUser: boolean;
  /** May also mint super users: the server's own key, and over gRPC an empty token. No key that was minted may. */
  readonly root: boolean;
  /** Only disposable tokens have one chosen by whoever minted them; '' otherwise. */
  readonly tokenId: string;
  readonly permissions: readonly Permission[];
  /** A disposable token cannot mint others, whatever it may do with data. */
  readonly disposable: boolean;
}

export type Access = 'read' | 'write';

/** Whether the item is allowed; without a key: whether any item of the cache is. */
export function allowsItem(
  principal: Principal,
  cache: string,
  key: ItemKey | undefined,
  access: Access,
): boolean {
  return allows(principal, 'items', cache, key, access);
}

export function allowsTopic(principal: Principal, cache: string, topic: string, access: Access): boolean {
  return allows(principal, 'topics', cache, topic, access);
}

function allows(
  principal: Principal,
  on: Permission['on'],
  cache: string,
  name: string | undefined,
  access: Access,
): boolean {
  if (principal.superUser) return true;
  return principal.permissions.some(
    (permission) =>
      permission.on === on &&
      permission.role[access] &&
      covers(permission.caches, cache) &&
      (name === undefined || covers(permission.names, name)),
  );
}

function covers(selector: NameSelector, name: string): boolean {
  if (selector === 'all') return true;
  return 'name' in selector ? selector.name === name : name.startsWith(selector.prefix);
}

/**
 * Whether two statements are about the very same items or topics: they repeat each other, or contradict. Of functions
 * nobody kept what the statements name, so there is nothing to compare.
 */
export function anySameScope(permissions: readonly Permission[]): boolean {
  const scopes = permissions
    .filter(({ on }) => on !== 'functions')
    .map(({ on, caches, names }) => JSON.stringify([on, caches, names]));
  return new Set(scopes).size < scopes.length;
}
