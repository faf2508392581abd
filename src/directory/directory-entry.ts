import { idAbove, idTime, isMessageId, MAX_FUTURE_MS } from '../messages/message-id.js';
import { isBlank } from '../shared/blank.js';
import { isObject } from '../shared/is-object.js';
import { readJson } from '../shared/read-json.js';
import { roomNameProblem } from '../shared/room-name.js';

/** A room's title. The one with the greater id stands. */
export interface Title {
  readonly id: string;
  readonly text: string;
}

/** The content of a directory event about a room. */
export interface RoomNews {
  readonly name: string;
  /** When it was created or last written to (milliseconds since the epoch). */
  readonly at: number;
  readonly title?: Title | undefined;
}

/** Longest title, in UTF-16 code units. */
export const MAX_TITLE_LENGTH = 256;
/** Maximum length of a stored title, in UTF-16 code units; JSON writes six for one that it escapes. */
const MAX_STORED_LENGTH = 6 * MAX_TITLE_LENGTH + 100;

/** Says what is wrong with a title, or `undefined`. */
export function titleProblem(title: unknown): string | undefined {
  if (typeof title !== 'string' || isBlank(title)) return 'the title must be a string that is not blank';
  return title.length > MAX_TITLE_LENGTH
    ? `the title must have at most ${MAX_TITLE_LENGTH} characters`
    : undefined;
}

/**
 * Gives a title after the one that stands: its id is the greater one even when that lies in the future, or a forged title
 * would stand until its time has come.
 */
export function titleAfter(before: Title | undefined, title: Title): Title {
  return { ...title, id: idAbove(before?.id, title.id) };
}

/** Encodes a title as `{"v":1,"id":…,"title":…}`. */
export function encodeTitle({ id, text }: Title): string {
  return JSON.stringify({ v: 1, id, title: text });
}

/** Decodes a stored title. Never throws; undefined for what is none, or lies too far in the future. */
export function decodeTitle(value: string, now: number): Title | undefined {
  return value.length > MAX_STORED_LENGTH ? undefined : asTitle(readJson(value), now);
}

/** Checks a title of somebody else's. */
function asTitle(value: unknown, now: number): Title | undefined {
  if (!isObject(value)) return undefined;
  const { id, title } = value;
  if (!isMessageId(id) || idTime(id) > now + MAX_FUTURE_MS || titleProblem(title) !== undefined)
    return undefined;
  return { id, text: title as string };
}

/** Checks an event of somebody else's; undefined for what tells of no room. */
export function asNews({ name, at, title }: Record<string, unknown>, now: number): RoomNews | undefined {
  if (typeof name !== 'string' || roomNameProblem(name) !== undefined || !isTime(at, now)) return undefined;
  return { name, at, title: asTitle(title, now) };
}

/** Whether a room may have been written to then. A time that lies days ahead would hold its room on top for ever. */
export function isTime(at: unknown, now: number): at is number {
  return typeof at === 'number' && at >= 0 && at <= now + MAX_FUTURE_MS;
}
