import { decodeUser } from '../messages/decode-user.js';
import type { ChatUser, JsonObject } from '../messages/message.js';
import { idTime, isMessageId, MAX_FUTURE_MS } from '../messages/message-id.js';
import { cut } from '../shared/cut.js';
import { isObject } from '../shared/is-object.js';
import { readJson } from '../shared/read-json.js';

/** The summary of a thread that is stored beside its root, made by a client that knew the whole thread. */
export interface ThreadMark {
  /** Replies that are not deleted. */
  readonly count: number;
  /** When the newest of them was sent, in milliseconds; 0 when there is none. */
  readonly lastAt: number;
  /** Up to 5 of who wrote them, those who wrote last first. */
  readonly who: readonly ChatUser[];
  /** The ends of the newest ids; see {@link tailOf}. */
  readonly newest: readonly string[];
  /** The lowest of these ids, where there are older replies; else ''. */
  readonly from: string;
  /** The ends of the ids of replies that were deleted last: a late event does not bring them back. */
  readonly gone: readonly string[];
  /** Made before the thread was looked at; the greater one is the newer truth. */
  readonly version: string;
}

/** A reply, as far as a mark tells of it. */
export interface Reply {
  readonly id: string;
  readonly user: Readonly<ChatUser>;
  /** When it was written, in milliseconds. */
  readonly at: number;
}

export const MAX_PARTICIPANTS = 5;
const NEWEST = 8;
const MAX_COUNT = 1_000_000;
const MAX_NAME = 64;
const MAX_MARK_LENGTH = 2048;
const TAIL = /^[0-9a-f]{12}$/;
/** A mark this much newer than a reply knows of it: it was stored by then, or never (milliseconds). */
export const STORED_BY_MS = 10_000;

/** The random end of an id, which stands for it where space is scarce. */
export function tailOf(id: string): string {
  return id.slice(-12);
}

/**
 * Makes the mark of a thread. `replies`: those known that are not deleted. `count`: of all that there are. `gone`: ends of the
 * ids of those deleted, the last ones last.
 */
export function markOf(
  replies: readonly Reply[],
  count: number,
  version: string,
  gone: readonly string[] = [],
): ThreadMark {
  const newestFirst = [...replies].sort((a, b) => (a.id < b.id ? 1 : -1));
  const newest = newestFirst.slice(0, NEWEST);
  return {
    count,
    lastAt: newest[0]?.at ?? 0,
    who: participants(newestFirst.map(({ user }) => user)),
    newest: newest.map(({ id }) => tailOf(id)),
    from: count > newest.length ? (newest.at(-1)?.id ?? '') : '',
    gone: gone.slice(-NEWEST),
    version,
  };
}

/** The first of each user, up to 5. */
export function participants(users: readonly ChatUser[]): ChatUser[] {
  const found = new Map<string, ChatUser>();
  for (const { id, name } of users) {
    const key = id === undefined ? `name ${name}` : `id ${id}`;
    const user = { name: cut(name, MAX_NAME) };
    if (found.size < MAX_PARTICIPANTS && !found.has(key))
      found.set(key, id === undefined ? user : { id, ...user });
  }
  return [...found.values()];
}

/** Whether two marks tell the same. */
export function sameMark(a: ThreadMark | undefined, b: ThreadMark): boolean {
  return a?.count === b.count && a.newest.join() === b.newest.join();
}

/** Whether a reply that was published at `sentAt` (ms) needs no counting beside this mark. */
export function covers({ newest, from, gone, version }: ThreadMark, id: string, sentAt: number): boolean {
  const older = idTime(version) - sentAt;
  const tail = tailOf(id);
  return newest.includes(tail) || gone.includes(tail) || (older >= 0 && id < from) || older > STORED_BY_MS;
}

export function encodeMark({ count, lastAt, who, newest, from, gone, version }: ThreadMark): JsonObject {
  // An id may be as long as the app likes.
  const named = who.map(({ id, name }) =>
    id === undefined || id.length > MAX_NAME ? { name } : { id, name },
  );
  const mark = { v: 1, count, lastAt, who: named, newest, from, version };
  return gone.length === 0 ? mark : { ...mark, gone };
}

/** Reads a mark that anybody may have written; undefined for what is none. `now`: the wall clock. */
export function decodeMark(value: unknown, now: number): ThreadMark | undefined {
  const mark = typeof value === 'string' && value.length <= MAX_MARK_LENGTH ? readJson(value) : value;
  if (!isObject(mark)) return undefined;
  const { count, lastAt, who, newest, from, gone = [], version } = mark;
  const wellFormed =
    isCount(count) &&
    count <= MAX_COUNT &&
    isCount(lastAt) &&
    lastAt <= now + MAX_FUTURE_MS &&
    isMessageId(version) &&
    idTime(version) <= now + MAX_FUTURE_MS &&
    (from === '' || isMessageId(from));
  if (!wellFormed || !Array.isArray(who)) return undefined;
  if (who.length > MAX_PARTICIPANTS || !areTails(newest) || !areTails(gone)) return undefined;
  const users = who.flatMap((user) => decodeUser(user, MAX_NAME) ?? []);
  return { count, lastAt, who: participants(users), newest, from, gone, version };
}

function areTails(value: unknown): value is string[] {
  return (
    Array.isArray(value) &&
    value.length <= NEWEST &&
    value.every((tail) => typeof tail === 'string' && TAIL.test(tail))
  );
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
