import type { ItemKey } from '../engine/item-key.js';
import { type Access, allowsItem, allowsTopic } from '../engine/permissions.js';
import { MomentoError } from '../status.js';
import type { Caller } from './rpc.js';

/** PERMISSION_DENIED unless the caller may do that to the item. */
export function requireItem(caller: Caller, key: ItemKey, access: Access): void {
  if (!allowsItem(caller.principal, caller.cacheName, key, access)) {
    throw denied(`the token does not allow to ${access} this item of cache ${caller.cacheName}`);
  }
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
