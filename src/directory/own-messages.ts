import { idTime } from '../messages/message-id.js';
import { RecentSet } from '../messages/recent-set.js';
import type { JoinedRoom, SeenMessage } from '../session/room-directory.js';

/** Messages that are remembered, to tell a change that was told from one that was not. */
const REMEMBERED = 1000;

/** Tells what of all that happens to the messages of joined rooms is of interest to others' lists of rooms. */
export class OwnMessages {
  readonly #sending = new RecentSet(REMEMBERED);
  readonly #told = new RecentSet(REMEMBERED);

  /** Returns when the message was sent, if it just was; `changed` if it was just edited or deleted from here. */
  look(room: JoinedRoom, message: SeenMessage): number | 'changed' | undefined {
    const { id, own, status, editedAt, deletedAt, deletedBy } = message;
    const key = `${room.room}:${id}`;
    if (own && status === 'sending') this.#sending.add(key);
    const userId = room.userId();
    const deletes = deletedAt !== undefined && deletedBy !== undefined && deletedBy === userId;
    if (status !== 'sent' || !(own || deletes)) return undefined;
    const version = `${key} ${editedAt?.getTime()} ${deletedAt?.getTime()}`;
    const changed = (editedAt ?? deletedAt) !== undefined && this.#told.add(version);
    // It may have been edited while it was being sent.
    if (deletedAt === undefined && this.#sending.has(key) && this.#told.add(key)) return idTime(id);
    return changed ? 'changed' : undefined;
  }
}
