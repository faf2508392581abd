import { isBlank } from '../shared/blank.js';
import { ChatError, invalidArgument } from '../shared/errors.js';
import { byteLength, decodeMessage, encodeMessage, exceeds, isObject } from './codec.js';
import type { ChatUser, JsonObject, Message } from './message.js';

/** Throws a {@link ChatError} `invalid-argument` unless `text` says something. */
export function assertText(text: unknown): void {
  if (typeof text !== 'string') throw refusal('the text is not a string');
  if (isBlank(text)) throw refusal('the text is empty');
}

/**
 * Makes a message to send and its payload. Throws a {@link ChatError}: `invalid-argument` when it would not decode on
 * the other side, `message-too-large` when its payload takes more than `maxBytes`.
 */
export function compose(
  text: string,
  meta: JsonObject | undefined,
  {
    id,
    room,
    user,
    now,
    maxBytes,
  }: { id: string; room: string; user: ChatUser; now: number; maxBytes: number },
): { message: Message; payload: string } {
  if (meta !== undefined && !isObject(meta)) throw refusal('its `meta` is not a JSON object');
  const content = { id, text, user, sentAt: new Date(now), ...(meta === undefined ? {} : { meta }) };
  let payload: string;
  try {
    payload = encodeMessage(content);
  } catch {
    throw refusal('its `meta` is not JSON, or has a key `__proto__`');
  }
  const decoded = decodeMessage(payload, Number.POSITIVE_INFINITY);
  if ('malformed' in decoded) throw refusal(decoded.malformed);
  if (exceeds(payload, maxBytes)) {
    throw new ChatError(
      'message-too-large',
      `unable to send the message; it takes ${byteLength(payload)} bytes of at most ${maxBytes}`,
    );
  }
  // Its own copy of `meta`: the caller may go on to change theirs.
  const copied = decoded.meta === undefined ? content : { ...content, meta: decoded.meta };
  return { message: { ...copied, room, status: 'sending', own: true }, payload };
}

function refusal(why: string): ChatError {
  return invalidArgument('send the message', why);
}
