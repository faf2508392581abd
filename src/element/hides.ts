import type { Message } from '../messages/message.js';
import type { Room } from './faces.js';

/** Whether the reader hides the author of a message, by the id that they give themselves or by the one that Momento vouches for. */
export function hides({ hidden }: Room, { own, user, verifiedUserId }: Message): boolean {
  return !own && [user.id, verifiedUserId].some((id = '') => hidden?.has(id));
}
