import { isObject } from '../shared/is-object.js';
import { readJson } from '../shared/read-json.js';
import { type DecodedExtras, decodeExtras } from './extras.js';
import type { ChatUser, JsonObject, SendExtras } from './message.js';
import { isMessageId } from './message-id.js';
import { exceeds } from './payload-size.js';

/** The content of a payload, before the room has given it a place and a status. A part that it does not have is absent. */
export interface DecodedMessage extends DecodedExtras {
  /** Absent in the article's format, whose ids are derived: see `idless.ts`. */
  id?: string;
  text: string;
  user: ChatUser;
  sentAt?: Date;
  meta?: JsonObject;
}

/** The content of a message to send. */
export interface MessageContent extends SendExtras {
  id: string;
  text: string;
  user: ChatUser;
  sentAt: Date;
  meta?: JsonObject | undefined;
}

/** A payload that is not a message: why, in words that quote none of it. */
export interface Malformed {
  malformed: string;
}

/**
 * Encodes a message once; the same string is then published, stored and, if need be, sent again.
 * `username` and `message` are the article's two fields, so that a client written from it shows ours. Throws a
 * TypeError when `meta` holds what JSON or {@link decodeMessage} would drop or turn into something else.
 */
export function encodeMessage({ id, text, user, ...rest }: MessageContent): string {
  const fields = { v: 1, id, username: user.name, message: text, userId: user.id, ...rest };
  return JSON.stringify(fields, assertJson);
}

/** For `JSON.stringify`: throws a TypeError at what JSON or its decoder would drop or turn into something else. */
export function assertJson(key: string, value: unknown): unknown {
  const type = typeof value;
  const isNone = type === 'function' || type === 'symbol' || (type === 'number' && !Number.isFinite(value));
  // An array's holes and undefined would be null.
  const isOther = Array.isArray(value) ? value.includes(undefined) : isObject(value) && !isPlain(value);
  if (key === '__proto__' || isNone || isOther) throw new TypeError('not JSON');
  return value;
}

/** A Map, a Set or an Error would be sent as `{}`, bytes as an object of numbers. An object of another frame is plain. */
function isPlain(value: object): boolean {
  return Object.prototype.toString.call(value) === '[object Object]';
}

/** Decodes what came from the topic or the list. Never throws, whatever the payload. */
export function decodeMessage(payload: unknown, maxBytes: number): DecodedMessage | Malformed {
  if (typeof payload !== 'string') return { malformed: 'it is binary' };
  if (exceeds(payload, maxBytes)) return { malformed: `it is larger than ${maxBytes} bytes` };
  const parsed = readJson(payload);
  if (parsed === undefined) return { malformed: 'it is not JSON' };
  if (!isObject(parsed)) return { malformed: 'it is not a JSON object' };
  const { username, message } = parsed;
  if (typeof username !== 'string') return { malformed: 'it has no username' };
  if (typeof message !== 'string' || message === '') return { malformed: 'it has no text' };
  if (parsed.id === undefined && parsed.v === undefined) return { text: message, user: { name: username } };
  return decodeIdentified(parsed, username, message);
}

function decodeIdentified(
  parsed: Record<string, unknown>,
  name: string,
  text: string,
): DecodedMessage | Malformed {
  const { v, id, userId, sentAt, meta } = parsed;
  // An object would be asked for a text of itself, and may have none to give.
  const date = sentAt == null ? undefined : new Date(typeof sentAt === 'string' ? sentAt : Number.NaN);
  const wellFormed =
    Number.isInteger(v) &&
    Number(v) > 0 &&
    isMessageId(id) &&
    (userId == null || typeof userId === 'string') &&
    (meta == null || isObject(meta)) &&
    !Number.isNaN(date?.getTime());
  if (!wellFormed) return { malformed: 'its fields are not those of a message' };
  const user = typeof userId === 'string' ? { id: userId, name } : { name };
  const message: DecodedMessage = { id, text, user, ...decodeExtras(parsed) };
  if (isObject(meta)) message.meta = meta as JsonObject;
  if (date) message.sentAt = date;
  return message;
}
