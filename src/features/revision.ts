import { decodeExtras } from '../messages/extras.js';
import type { ChatUser, JsonObject, Message } from '../messages/message.js';
import { idTime, isMessageId } from '../messages/message-id.js';
import { TOPIC_PAYLOAD_BYTES } from '../messages/payload-size.js';
import { isBlank } from '../shared/blank.js';
import { isObject } from '../shared/is-object.js';
import type { DecodedEvent } from './room-event.js';

/** Types of the events that carry revisions; the same strings are stored. */
export const EDIT = 'edit';
export const DELETE = 'delete';

/** The dictionary that revisions are stored in: field = id of the message, value = the event. */
export const REVISIONS = 'revisions';

/**
 * Maximum size of a stored revision (bytes), whatever the room itself sends at most: it holds a message of anybody's, and who
 * changed it.
 */
export const MAX_REVISION_BYTES = 2 * TOPIC_PAYLOAD_BYTES + 1024;

/** The content of a message after an edit; all of it, so that one edit alone tells the result. */
export interface RevisedContent {
  text: string;
  meta?: JsonObject;
  mentions?: readonly string[];
}

/** Options of `edit()`: what changes besides the text. */
export interface EditOptions {
  /** Keys to set; `null` removes one. Others stay. */
  meta?: JsonObject | undefined;
  /** Ids of all users to mention from now on; at most 50. Default: those mentioned so far. */
  mentions?: readonly string[] | undefined;
}

/** An edit, or the deletion, of a message. */
export interface Revision {
  /** A hybrid-clock id: it orders edits. */
  readonly id: string;
  readonly by: Readonly<ChatUser>;
  /** Known of live events only. */
  readonly verifiedUserId?: string | undefined;
  /** Absent: the message is deleted. */
  readonly content?: RevisedContent;
}

/** The payload of a revision as an event. */
export function revisionData(of: string, { content }: Pick<Revision, 'content'>): JsonObject {
  return { of, ...content };
}

/** The value that is stored: the event, however large it is. */
export function encodeRevision(of: string, revision: Revision): string {
  const { id, by: user, content } = revision;
  const type = content === undefined ? DELETE : EDIT;
  return JSON.stringify({ v: 1, id, type, user, data: revisionData(of, revision) });
}

/**
 * Returns the message that an event revises, and the revision; the latter is absent when an edit was too large for the
 * event and is only stored. Undefined for what is no revision.
 */
export function decodeRevision(
  event: Pick<DecodedEvent, 'id' | 'type' | 'user' | 'data'> & { verifiedUserId?: string },
): { of: string; revision?: Revision } | undefined {
  const { id, type, user, data, verifiedUserId } = event;
  const { of, text, meta } = data;
  if (!isMessageId(of) || (type !== EDIT && type !== DELETE)) return undefined;
  const by = { id, by: user, ...(verifiedUserId === undefined ? {} : { verifiedUserId }) };
  if (type === DELETE) return { of, revision: by };
  if (text === undefined) return { of };
  if (typeof text !== 'string' || isBlank(text)) return undefined;
  const { mentions } = decodeExtras(data);
  const content: RevisedContent = {
    text,
    ...(isObject(meta) ? { meta: meta as JsonObject } : {}),
    ...(mentions === undefined ? {} : { mentions }),
  };
  return { of, revision: { ...by, content } };
}

/** Whether it is one, and says that the message is deleted. */
export function isDeletion(revision: Revision | undefined): boolean {
  return revision !== undefined && revision.content === undefined;
}

/** Whether `a` wins over `b`: a deletion over every edit, the first of two deletions, the last of two edits. */
export function wins(a: Revision, b: Revision | undefined): boolean {
  if (b === undefined) return true;
  const deletes = isDeletion(a);
  if (deletes !== isDeletion(b)) return deletes;
  return deletes ? a.id < b.id : a.id > b.id;
}

/**
 * Whether a revision is from the author of the message. Anybody may claim any user id: where Momento vouches for both, it
 * decides; where it vouches for the revision alone, and for somebody else than it claims to be from, the claim is void.
 */
export function isByAuthor(
  message: Pick<Message, 'user' | 'verifiedUserId'>,
  { by, verifiedUserId }: Omit<Revision, 'id'>,
): boolean {
  const { user } = message;
  if (user.id !== by.id || (user.id === undefined && user.name !== by.name)) return false;
  if (verifiedUserId === undefined) return true;
  return verifiedUserId === (message.verifiedUserId ?? by.id ?? verifiedUserId);
}

/** The message as the revision leaves it. */
export function revised(
  message: Message,
  { id, by, content }: Revision,
  userId: string | undefined,
): Message {
  const { meta, mentions, files, editedAt, ...kept } = message;
  if (content === undefined) {
    // A deletion that claims to be older than its message is a forgery, and happens all the same.
    const deletedAt = new Date(Math.max(idTime(id), idTime(message.id)));
    const deleted = { ...kept, text: '', mentionsMe: false, reactions: [], deletedAt };
    return by.id === undefined ? deleted : { ...deleted, deletedBy: by.id };
  }
  return {
    ...kept,
    ...content,
    ...(files === undefined ? {} : { files }),
    editedAt: new Date(idTime(id)),
    mentionsMe: userId !== undefined && content.mentions?.includes(userId) === true,
  };
}
