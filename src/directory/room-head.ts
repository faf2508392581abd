import { decodeMark, type Mark } from '../features/read-state.js';
import { decodeRevision, isByAuthor, MAX_REVISION_BYTES } from '../features/revision.js';
import { decodeEvent } from '../features/room-event.js';
import { type DecodedMessage, decodeMessage } from '../messages/codec.js';
import { idTime, MAX_FUTURE_MS } from '../messages/message-id.js';
import { TOPIC_PAYLOAD_BYTES } from '../messages/payload-size.js';
import type { RoomPreview } from '../session/room-directory.js';

/** Messages that are looked at of a room that is not joined. */
export const HEAD = 50;
/** Longest text of a preview, in UTF-16 code units. */
const MAX_PREVIEW_LENGTH = 140;

/** The parts of a room that a list of rooms shows. */
export interface RoomHead {
  readonly lastMessage: RoomPreview | undefined;
  readonly unread: number;
  readonly mentions: number;
  readonly capped: boolean;
}

type Found = DecodedMessage & { id: string; sentAt: Date };

/** The messages among the newest entries of a room's list, newest first. Those of the article's format have no id, and are left out. */
export function decodeHead(payloads: readonly string[], now: number): Found[] {
  const found = new Map<string, Found>();
  for (const payload of payloads.slice(0, HEAD)) {
    const decoded = decodeMessage(payload, TOPIC_PAYLOAD_BYTES);
    if ('malformed' in decoded || decoded.id === undefined || found.has(decoded.id)) continue;
    const { id, sentAt = new Date(idTime(id)) } = decoded;
    if (idTime(id) <= now + MAX_FUTURE_MS) found.set(id, { ...decoded, id, sentAt });
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
}

/**
 * Sums up what was read of a room.
 *
 * @param revisions - The stored edits and deletions, by the id of the message.
 * @param mark - The stored mark of how far the user has read. A user who was never in the room has nothing unread.
 */
export function headOf(
  messages: readonly Found[],
  how: {
    revisions: ReadonlyMap<string, string> | undefined;
    mark: string | undefined;
    userId: string | undefined;
    now: number;
  },
): RoomHead {
  const { revisions, userId, now } = how;
  const mark = how.mark === undefined ? undefined : decodeMark(how.mark, now);
  let lastMessage: RoomPreview | undefined;
  let newest = true;
  let unread = 0;
  let mentions = 0;
  let unreadable = 0;
  for (const message of messages) {
    const { id, user, sentAt } = message;
    const revision = revisions?.get(id);
    const shown = revision === undefined ? message : revised(message, revision);
    if (shown === 'deleted') continue;
    if (newest && shown !== 'unknown') lastMessage = preview({ id, text: shown.text, user, sentAt });
    newest = false;
    if (shown === 'unknown') unreadable += 1;
    if (mark === undefined || id <= mark.id || (userId !== undefined && user.id === userId)) continue;
    unread += 1;
    if (shown !== 'unknown' && userId !== undefined && shown.mentions?.includes(userId)) mentions += 1;
  }
  return {
    lastMessage,
    unread,
    mentions,
    capped: unreadable > 0 || (messages.length >= HEAD && isBelow(messages, mark)),
  };
}

export function preview({ id, text, user, sentAt }: RoomPreview): RoomPreview {
  const short =
    text.length <= MAX_PREVIEW_LENGTH
      ? text
      : `${[...text.slice(0, MAX_PREVIEW_LENGTH)].slice(0, -1).join('')}…`;
  const { id: userId, name } = user;
  return { id, text: short, user: userId === undefined ? { name } : { id: userId, name }, sentAt };
}

/** Whether the marker lies below all messages that were read. */
function isBelow(messages: readonly Found[], mark: Mark | undefined): boolean {
  const oldest = messages.at(-1);
  return mark !== undefined && oldest !== undefined && mark.id < oldest.id;
}

/** The message as its revision leaves it. An edit that cannot be read is no reason to show what stood there before. */
function revised(
  message: Found,
  stored: string,
): 'deleted' | 'unknown' | { text: string; mentions?: readonly string[] | undefined } {
  const event = decodeEvent(stored, MAX_REVISION_BYTES);
  if (event === undefined) return 'unknown';
  const { of, revision } = decodeRevision(event) ?? {};
  if (revision === undefined || of !== message.id) return message;
  if (revision.content === undefined) return 'deleted';
  return isByAuthor(message, revision) ? revision.content : message;
}
