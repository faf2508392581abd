import type { ChatUser } from '../messages/message.js';

/**
 * Returns what tells users apart in storage: `=` and the id, or `~` and the name of a user without an id. So nobody
 * becomes somebody else by a name, and people without ids who share a name are one user.
 */
export function userKey({ id, name }: Readonly<ChatUser>): string {
  return id === undefined ? `~${name}` : `=${id}`;
}

/** Whether Momento vouches that somebody else sent it than it says. */
export function isForged(user: Readonly<ChatUser>, verifiedUserId: string | undefined): boolean {
  return verifiedUserId !== undefined && user.id !== undefined && user.id !== verifiedUserId;
}
