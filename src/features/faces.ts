import type { JsonObject } from '../messages/message.js';
import type { Member } from './member.js';
import type { Unread } from './read-state.js';

/** The people in the room: `room.presence`. */
export interface PresenceFace {
  /**
   * Shows the user as present, in all of their tabs once; it lasts until `leave()`, until the room is left, or until the page
   * goes away. A lost connection does not end it. Entered already, it is an update if the data is given and another.
   *
   * `data`: a JSON object; all of the entry takes 1 KB at most.
   *
   * Rejects with a `ChatError`: `invalid-argument`, `message-too-large`, `not-joined`, `feature-disabled`,
   * `permission-denied`, or whatever made it fail.
   *
   * @example
   * ```ts
   * room.on('presence', (change, members) => show(members.map(({ user }) => user.name)));
   * await room.presence.enter({ status: 'writing tests' });
   * ```
   */
  enter(data?: JsonObject): Promise<void>;
  /** Replaces the data; others hear of an `update` and nothing else. Rejects as `enter` does, and when it was not entered. */
  update(data: JsonObject): Promise<void>;
  /** Leaves at once. Rejects as `enter` does. */
  leave(): Promise<void>;
  /** One for each user, the longest present first; the first 200. The same array until something changes. */
  readonly members: readonly Member[];
  /** How many members there are. */
  readonly count: number;
  /** How many tabs and devices of theirs there are. */
  readonly connections: number;
}

/** How far the user and others have read: `room.read`. */
export interface Read {
  /**
   * Marks the messages up to the one with that id as read; default: the newest that is shown. It goes forward only, and what
   * the user sends neither counts nor clears. Marks are stored once a second at most, and not at all when nothing changes.
   * While the page is hidden it resolves at once, and marks when the page is visible again.
   *
   * Rejects with a `ChatError`: `invalid-argument`, `not-joined`, `feature-disabled`, or whatever made the storing fail.
   *
   * @example
   * ```ts
   * room.on('read', ({ count, capped }) => show(capped ? `${count}+` : `${count}`));
   * list.addEventListener('scrollend', () => room.read.mark());
   * ```
   */
  mark(id?: string): Promise<void>;
  /** Makes the message with that id and those after it unread, on all devices of the user. Rejects as `mark` does. */
  markUnread(id: string): Promise<void>;
  /** Messages of others after the marker. At a first visit everything before it counts as read. */
  readonly unread: Unread;
  /** The newest message that each user has read, by user id. It never goes back, also not by `markUnread`. */
  readonly receipts: ReadonlyMap<string, string>;
  /** The newest message that everybody else has read who is in `receipts`; undefined when nobody is. */
  readonly everyoneReadUpTo: string | undefined;
}
