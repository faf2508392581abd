import type { Unread } from './read-state.js';

/** How far the user and others have read: `room.read`. */
export interface Read {
  /**
   * Marks the messages up to the one with that id as read; default: the newest that is shown. It goes forward only, and what
   * the user sends neither counts nor clears. Marks are stored once a second at most, and not at all when nothing changes.
   * While the page is hidden it resolves at once, and marks when the page is visible again.
   *
   * Rejects with a {@link ChatError}: `invalid-argument`, `not-joined`, `feature-disabled`, or whatever made the storing fail.
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
