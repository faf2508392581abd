import type { ChatUser, JsonObject } from '../messages/message.js';
import type { PresenceEntry } from './presence-entry.js';

/** Somebody who is in the room, through however many tabs and devices. */
export interface Member {
  /** Their user id; that of the connection for a user who has none. */
  readonly userId: string;
  readonly user: Readonly<ChatUser>;
  /** The data that they entered with or updated last. */
  readonly data?: JsonObject;
  readonly connections: number;
  /** Since when the oldest of their connections is there, by its own clock. */
  readonly since: Date;
  /** Whether it is the room's own user. */
  readonly own: boolean;
}

/** `timeout`: all of a member's connections went silent. */
export interface PresenceChange {
  readonly type: 'enter' | 'update' | 'leave' | 'timeout';
  readonly member: Member;
}

/** A user with an id is one member; a user without is one for each connection. */
export function memberKey({ user, connection }: Pick<PresenceEntry, 'user' | 'connection'>): string {
  return user.id === undefined ? `c${connection}` : `u${user.id}`;
}

/** Sums up the entries of one user: described by the newest, with the newest data. Undefined where there are none. */
export function memberOf(
  entries: readonly PresenceEntry[],
  isOwn: (entry: PresenceEntry) => boolean,
): Member | undefined {
  let newest: PresenceEntry | undefined;
  let said: PresenceEntry | undefined;
  let since = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    if (newest === undefined || entry.version > newest.version) newest = entry;
    if (entry.data !== undefined && (said === undefined || entry.version > said.version)) said = entry;
    since = Math.min(since, entry.since);
  }
  if (newest === undefined) return undefined;
  return {
    userId: newest.user.id ?? newest.connection,
    user: newest.user,
    ...(said?.data === undefined ? {} : { data: said.data }),
    connections: entries.length,
    since: new Date(since),
    own: isOwn(newest),
  };
}

/** The longest present first, then by id. */
export function bySince(a: Member, b: Member): number {
  return a.since.getTime() - b.since.getTime() || (a.userId < b.userId ? -1 : a.userId > b.userId ? 1 : 0);
}

/** Whether two states of a member look the same to others. Another tab is no change. */
export function looksSame(a: Member, b: Member): boolean {
  return a.user.name === b.user.name && JSON.stringify(a.data) === JSON.stringify(b.data);
}
