import type { ChatUser } from '../messages/message.js';

/** The room's own user. */
export interface OwnUser {
  /** As messages and events name them. */
  author(): ChatUser;
  /** Whether a sender is this user; `verifiedUserId` is vouched for by Momento. */
  isOwn(sender: ChatUser, verifiedUserId: string | undefined): boolean;
}

/** Returns the room's own user. Where the app gave no id, it is that of the token, once there is one. */
export function ownUser({ id: given, name }: ChatUser, tokenUserId: () => string | undefined): OwnUser {
  const idNow = () => given ?? tokenUserId();
  return {
    author() {
      const id = idNow();
      return id === undefined ? { name } : { id, name };
    },
    isOwn({ id }, verifiedUserId) {
      // A sender may claim any id. When Momento vouches for another, the claim is void.
      return id !== undefined && id === idNow() && (verifiedUserId === undefined || verifiedUserId === id);
    },
  };
}
