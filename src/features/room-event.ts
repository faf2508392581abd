import { assertFits } from '../messages/assert-fits.js';
import { decodeUser } from '../messages/decode-user.js';
import type { ChatUser, JsonObject } from '../messages/message.js';
import { idTime, isMessageId } from '../messages/message-id.js';
import { exceeds, TOPIC_PAYLOAD_BYTES } from '../messages/payload-size.js';
import { isObject } from '../shared/is-object.js';
import { readJson } from '../shared/read-json.js';

/** An event of a room besides messages: live only, not stored, and it may be missed. */
export interface RoomEvent {
  /** UUIDv7. */
  readonly id: string;
  readonly type: string;
  readonly data: JsonObject;
  /** The sender, as they describe themselves. */
  readonly user: Readonly<ChatUser>;
  /** The sender's wall clock. */
  readonly sentAt: Date;
  /** Sent by this `ChatRoom`, or by the same user id. */
  readonly own: boolean;
  /** The publisher's token id as Momento vouches for it. */
  readonly verifiedUserId?: string;
}

/** The content of a payload of the topic of events. */
export interface DecodedEvent {
  id: string;
  type: string;
  data: JsonObject;
  user: ChatUser;
  sentAt: Date;
}

const MAX_TYPE_LENGTH = 64;

/**
 * Encodes an event: `{"v":1,"id":…,"type":…,"user":…,"data":…}`. `action` completes "unable to …".
 *
 * @throws ChatError `message-too-large` beyond the 4096 bytes of a topic's payload.
 */
export function encodeEvent(
  event: Pick<DecodedEvent, 'id' | 'type' | 'user' | 'data'>,
  action: string,
): string {
  const { id, type, user, data } = event;
  const payload = JSON.stringify({ v: 1, id, type, user, data });
  assertFits(payload, TOPIC_PAYLOAD_BYTES, action, ' with its sender');
  return payload;
}

/** Decodes what came on the topic of events, or was stored. Never throws; undefined for what is not an event. */
export function decodeEvent(payload: unknown, maxBytes = TOPIC_PAYLOAD_BYTES): DecodedEvent | undefined {
  if (typeof payload !== 'string' || exceeds(payload, maxBytes)) return undefined;
  const parsed = readJson(payload);
  if (!isObject(parsed)) return undefined;
  const { v, id, type, data } = parsed;
  const user = decodeUser(parsed.user);
  const wellFormed =
    Number.isInteger(v) &&
    Number(v) > 0 &&
    typeof type === 'string' &&
    type.length > 0 &&
    type.length <= MAX_TYPE_LENGTH &&
    isMessageId(id);
  if (!wellFormed || user === undefined || !isObject(data)) return undefined;
  return { id, type, data: data as JsonObject, user, sentAt: new Date(idTime(id)) };
}
