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

/** The author of a message: a name to show, and an id where the app has one. */
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
  /** The text; plain, never markup. */
  readonly text: string;
  /** The sender, as they describe themselves; see `verifiedUserId` for the id that Momento vouches for. */
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
  /** Data that the sender's app added, unchecked. */
  readonly meta?: JsonObject;
  /** When the text was last changed, by the clock of its author. */
  readonly editedAt?: Date;
  /** When it was deleted. Then `text` is empty, and `meta`, `files`, `mentions` and `reactions` are gone. */
  readonly deletedAt?: Date;
  /** The user id of who deleted it, as far as they have one. */
  readonly deletedBy?: string;
  /** In the order of their first use; empty when there are none. */
  readonly reactions: readonly Reaction[];
  /** The message that this one answers. */
  readonly replyTo?: Quote;
  /** Set on a message that has a thread. */
  readonly thread?: ThreadSummary;
  /** Set on a reply of a thread that is shown in the room as well: the id of the message that the thread hangs on. */
  readonly threadId?: string;
  /** Ids of the users who are mentioned; at most 50. */
  readonly mentions?: readonly string[];
  /** Whether the room's own user is mentioned. */
  readonly mentionsMe: boolean;
  readonly files?: readonly FileRef[];
  /** Set on what an app writes on behalf of nobody, such as "Ada joined". */
  readonly kind?: 'system';
}

/** An emoji under a message, and who used it. */
export interface Reaction {
  readonly emoji: string;
  readonly count: number;
  /** Whether the room's own user is among them. */
  readonly mine: boolean;
  /** Ids of at most 20 of the users. */
  readonly users: readonly string[];
  /** Whether there are more users than `users` names. */
  readonly clipped: boolean;
}

/** A preview of a message that is answered. It follows its edits and its deletion. */
export interface Quote {
  readonly id: string;
  readonly user: Readonly<ChatUser>;
  /** At most 140 characters; empty when the message was deleted or is no longer stored. */
  readonly text: string;
  readonly state: 'sent' | 'edited' | 'deleted';
}

/** The thread under a message. */
export interface ThreadSummary {
  readonly replyCount: number;
  readonly lastReplyAt?: Date;
  readonly participants: readonly Readonly<ChatUser>[];
  /** Replies that the room's own user has not read. */
  readonly unread: number;
}

/** A file that is stored beside the room's messages; see `room.files`. */
export interface FileRef {
  readonly id: string;
  readonly name: string;
  /** The media type, such as `image/png`. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** Pixels, for an image. */
  readonly width?: number;
  readonly height?: number;
}

/** The parts that a message may carry besides its text. */
export interface SendExtras {
  /** Id of the message that this one answers. */
  readonly replyTo?: string | undefined;
  /** Ids of the users to mention; at most 50. The text is not looked at. */
  readonly mentions?: readonly string[] | undefined;
  readonly files?: readonly FileRef[] | undefined;
  readonly kind?: 'system' | undefined;
  /** @internal Set by a thread on a reply that is shown in the room as well. */
  readonly threadId?: string | undefined;
}
