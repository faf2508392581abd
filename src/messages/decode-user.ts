import { isObject } from '../shared/is-object.js';
import type { ChatUser } from './message.js';

/** Reads what somebody says of a user; undefined for what is none, or has a longer id. */
export function decodeUser(value: unknown, maxIdLength = Number.POSITIVE_INFINITY): ChatUser | undefined {
  if (!isObject(value)) return undefined;
  const { id, name } = value;
  if (typeof name !== 'string') return undefined;
  if (id === undefined) return { name };
  return typeof id === 'string' && id.length <= maxIdLength ? { id, name } : undefined;
}
