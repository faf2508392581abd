/** Any JSON value. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** A JSON object, as carried in a message's `meta`. */
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/**
 * `T`, as far as it is JSON: a property that is not becomes `never`. An `interface` fits as well, which has no index
 * signature and so is no {@link JsonObject}.
 */
export type Jsonable<T> = T extends JsonValue | undefined
  ? T
  : T extends ((...args: never) => unknown) | symbol | bigint
    ? never
    : T extends object
      ? { [K in keyof T]: Jsonable<T[K]> }
      : never;

/** Who wrote a message: a name to show, and an id where the app has one. */
export interface ChatUser {
  id?: string | undefined;
  name: string;
}

/** One chat message. Messages are never changed in place: a change gives a new object with the same id. */
export interface Message {
  /** UUIDv7; ids alone give the order of messages, the same on every client. */
  readonly id: string;
  /** The name of its room. */
  readonly room: string;
  /** What was said; plain text, never markup. */
  readonly text: string;
  /** What the sender says of themselves; see `verifiedUserId` for what Momento vouches for. */
  readonly user: Readonly<ChatUser>;
  /** The sender's wall clock. For a message in the article's format, which carries none: an estimate. */
  readonly sentAt: Date;
  /** `sent` once published and stored; messages of others are always `sent`. */
  readonly status: 'sending' | 'sent' | 'failed';
  /**
   * Sent by this `ChatRoom`, or by the same user id. Without an id in `user` or in the token, a user's earlier messages
   * are not own after a reload.
   */
  readonly own: boolean;
  /** The publisher's token id as Momento vouches for it. Live messages only: a stored one has no voucher. */
  readonly verifiedUserId?: string;
  /** What the sender's app added, unchecked. */
  readonly meta?: JsonObject;
}
