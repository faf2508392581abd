import { assertJson, byteLength } from '../messages/codec.js';
import type { ChatUser, JsonObject } from '../messages/message.js';
import { ChatError, invalidArgument } from '../shared/errors.js';
import { isObject } from '../shared/is-object.js';
import type { FeatureHost } from './feature.js';

/** Something that an app tells everybody who is in the room now: "a goal!", a cursor, a dice that was rolled. */
export interface Signal {
  /** The name that the app gives it. */
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

const EVENT = 'signal';
const ACTION = 'send the signal';
const MAX_TYPE_LENGTH = 64;
/** Leaves a kilobyte of a topic's payload to who sends it and what it is. */
const MAX_DATA_BYTES = 3072;

/** Signals of a room: at most once, stored nowhere. */
export class Signals {
  readonly #host: FeatureHost;

  /** Calls `listener` with each signal of the room. */
  constructor(host: FeatureHost, listener: (signal: Signal) => void) {
    this.#host = host;
    host.events.on(EVENT, ({ data: { type, data }, user, sentAt, own, verifiedUserId }) => {
      if (typeof type !== 'string' || type.length > MAX_TYPE_LENGTH || !isObject(data)) return;
      const signal: Signal = { type, data: data as JsonObject, user, sentAt, own };
      listener(verifiedUserId === undefined ? signal : { ...signal, verifiedUserId });
    });
  }

  /** Sends a signal. Rejects with a {@link ChatError}. */
  async send(type: string, data: JsonObject): Promise<void> {
    assertSignal(type, data);
    if (this.#host.isOffline()) throw new ChatError('network', `unable to ${ACTION}; the connection is lost`);
    await this.#host.events.send(EVENT, { type, data }, { action: ACTION, once: true });
  }
}

function assertSignal(type: string, data: JsonObject): void {
  if (typeof type !== 'string' || type.trim() === '' || type.length > MAX_TYPE_LENGTH)
    throw invalid(`the type must be a string of 1 to ${MAX_TYPE_LENGTH} characters`);
  if (!isObject(data)) throw invalid('the data must be a JSON object');
  const size = sizeOf(data);
  if (size === undefined) throw invalid('the data must be a JSON object');
  if (size > MAX_DATA_BYTES)
    throw new ChatError(
      'message-too-large',
      `unable to ${ACTION}; its data takes ${size} bytes, ${MAX_DATA_BYTES} are the limit`,
    );
}

function sizeOf(data: JsonObject): number | undefined {
  try {
    return byteLength(JSON.stringify(data, assertJson));
  } catch {
    return undefined;
  }
}

function invalid(why: string): ChatError {
  return invalidArgument(ACTION, why);
}
