import type { Message } from '../messages/message.js';
import { idTime, isMessageId, MAX_FUTURE_MS } from '../messages/message-id.js';
import { isObject } from '../shared/is-object.js';
import { readJson } from '../shared/read-json.js';

/** The messages that the room's own user has not read. */
export interface Unread {
  /** Messages of others after the marker that were not deleted; 999 at most. */
  readonly count: number;
  /** How many of them mention the user. */
  readonly mentions: number;
  /** The oldest of them. */
  readonly firstId?: string;
  /** Whether there may be more: beyond 999, or among older messages that are not in memory. */
  readonly capped: boolean;
}

/** How far a user has read. Two marks merge into one, whichever comes first; see {@link mergeMarks}. */
export interface Mark {
  /** The last message that does not count as unread. */
  readonly id: string;
  /** Id of the change that last set the marker back; empty when none did. */
  readonly version: string;
  /** The newest message that was ever read; empty when none was, as at a first visit. */
  readonly read: string;
  /** When it was set, by the wall clock of who set it. */
  readonly at: number;
}

export const NOTHING_UNREAD: Unread = { count: 0, mentions: 0, capped: false };
export const MAX_UNREAD = 999;
const MAX_MARK_LENGTH = 512;

/**
 * The newer of two marks: the one that was set back later, else the one further on. The furthest place that was read
 * only grows. That is an order, so marks give the same whatever order they come in and however often.
 */
export function mergeMarks(a: Mark | undefined, b: Mark): Mark {
  if (a === undefined) return b;
  const newer = a.version === b.version ? b.id > a.id : b.version > a.version;
  const mark = newer ? b : a;
  const read = a.read > b.read ? a.read : b.read;
  return read === mark.read ? mark : { ...mark, read };
}

export function sameMark(a: Mark | undefined, b: Mark): boolean {
  return a?.id === b.id && a.version === b.version && a.read === b.read;
}

/** Encodes a mark as `{"v":1,"id":…,"at":…,"version":…,"read":…}`. */
export function encodeMark({ id, at, version, read }: Mark): string {
  return JSON.stringify({ v: 1, id, at, version, read });
}

/** Decodes a stored mark. Never throws; undefined for what is none, or lies too far in the future. */
export function decodeMark(text: string, now: number): Mark | undefined {
  return text.length > MAX_MARK_LENGTH ? undefined : asMark(readJson(text), now);
}

/** Checks a mark that came from somebody else. */
export function asMark(value: unknown, now: number): Mark | undefined {
  if (!isObject(value)) return undefined;
  const { id, at, version = '', read = id } = value;
  const isPast = (other: unknown) => isMessageId(other) && idTime(other) <= now + MAX_FUTURE_MS;
  if (!isPast(id) || !Number.isSafeInteger(at)) return undefined;
  if (![version, read].every((other) => other === '' || isPast(other))) return undefined;
  return { id, version, read, at } as Mark;
}

/**
 * Counts what is unread among the messages in memory, oldest first.
 *
 * @param marker - The last message that counts as read.
 * @param hasOlder - Whether older messages are stored than those in memory.
 * @param oldest - Id of the oldest message in memory, be it shown or not.
 */
export function unreadOf(
  messages: readonly Message[],
  marker: string,
  hasOlder: boolean,
  oldest: string | undefined,
): Unread {
  let count = 0;
  let mentions = 0;
  let firstId: string | undefined;
  const reachesBack = oldest !== undefined && oldest <= marker;
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index];
    if (message === undefined || message.id <= marker) break;
    if (!mayBeUnread(message)) continue;
    count += 1;
    if (message.mentionsMe) mentions += 1;
    firstId = message.id;
  }
  return {
    count: Math.min(count, MAX_UNREAD),
    mentions: Math.min(mentions, MAX_UNREAD),
    ...(firstId === undefined ? {} : { firstId }),
    capped: count > MAX_UNREAD || (hasOlder && !reachesBack),
  };
}

/** Whether a message counts as unread, if it comes after the marker. */
export function mayBeUnread({ own, deletedAt, status }: Message): boolean {
  return !own && deletedAt === undefined && status === 'sent';
}

export function sameUnread(a: Unread, b: Unread): boolean {
  return a.count === b.count && a.mentions === b.mentions && a.firstId === b.firstId && a.capped === b.capped;
}

/**
 * Returns an id just below `id`, for a marker that leaves it unread. The last twelve digits of a UUID are a number of 48 bits;
 * where that is 0, the result is `id` itself.
 */
export function idBefore(id: string): string {
  const number = Math.max(Number.parseInt(id.slice(24), 16) - 1, 0);
  return id.slice(0, 24) + number.toString(16).padStart(12, '0');
}
