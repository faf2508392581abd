import type { ItemKey } from '../engine/item-key.js';
import { type Access, allowsItem, allowsTopic } from '../engine/permissions.js';
import { MomentoError } from '../status.js';
import { type Caller, itemKey } from './rpc.js';

/** PERMISSION_DENIED unless the caller may do that to the item; without a key: to any item of the cache. */
export function requireItem(caller: Caller, key: ItemKey | undefined, access: Access): void {
  if (!allowsItem(caller.principal, caller.cacheName, key, access)) {
    throw denied(`the token does not allow to ${access} this item of cache ${caller.cacheName}`);
  }
}

/** PERMISSION_DENIED unless the caller may do that to each of the items. */
export function requireItems(caller: Caller, keys: readonly Uint8Array[], access: Access): void {
  // The answer to a request for no items tells whether the cache exists.
  if (keys.length === 0) requireItem(caller, undefined, access);
  for (const key of keys) requireItem(caller, itemKey(key), access);
}

/** PERMISSION_DENIED unless the caller may do that with the topic. */
export function requireTopic(
  caller: Caller,
  cache: string,
  topic: string,
  verb: 'publish' | 'subscribe',
): void {
  if (!allowsTopic(caller.principal, cache, topic, verb === 'publish' ? 'write' : 'read')) {
    throw denied(`the token does not allow to ${verb} on this topic of cache ${cache}`);
  }
}

/** PERMISSION_DENIED unless the caller is a super user: for control calls and minting. */
export function requireSuperUser(caller: Caller, what: string): void {
  if (!caller.principal.superUser || caller.principal.disposable) {
    throw denied(`the token does not allow to ${what}`);
  }
}

/** PERMISSION_DENIED unless the caller may mint super users. */
export function requireRoot(caller: Caller): void {
  if (!caller.principal.root) throw denied('a key that was minted does not allow to mint super users');
}

function denied(why: string): MomentoError {
  return new MomentoError('PERMISSION_DENIED', `Insufficient permissions: ${why}`);
}
