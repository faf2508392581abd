import type { ChatError } from '../shared/errors.js';

/** The last message of a room, as a list of rooms shows it. */
export interface RoomPreview {
  readonly id: string;
  readonly text: string;
  readonly user: Readonly<{ id?: string | undefined; name: string }>;
  readonly sentAt: Date;
}

/** A room in the directory. The same object until something about it changes. */
export interface RoomSummary {
  readonly name: string;
  /** At most 256 characters. */
  readonly title?: string;
  /** Absent where nothing is stored, the token may not read the room, or the room is far down the list. */
  readonly lastMessage?: RoomPreview;
  /** Messages of others after the user's marker; in a room that is not joined 50 at most. */
  readonly unread: number;
  /** How many of them mention the user. */
  readonly mentions: number;
  /** Whether there may be more. */
  readonly capped: boolean;
  /** When it was created or last written to; the epoch where nobody knows. */
  readonly lastActivityAt: Date;
}

/** The rooms that there are: `session.rooms`. */
export interface RoomDirectory {
  /** The latest activity first, at most 1,000; empty while it is not open. The same array until something changes. */
  readonly list: readonly RoomSummary[];
  /**
   * Lists a room, or gives one that is listed another title. It joins nothing, and need not be open.
   *
   * `title`: 1 to 256 characters.
   *
   * Rejects with a {@link ChatError}: `invalid-argument`, `permission-denied`, `closed`, or whatever made it fail.
   *
   * @example
   * ```ts
   * await session.rooms.create('team-red', { title: 'Team red' });
   * ```
   */
  create(name: string, options?: { title?: string | undefined }): Promise<void>;
  /**
   * Reads the directory and follows it, until `close()`, or until it cannot go on: then the session emits `error`, and `list` is
   * empty until it is opened again. Calls while it is under way share it.
   *
   * Rejects with a {@link ChatError}: `permission-denied` where the token does not allow the directory, `closed`, or whatever
   * made it fail within some 15 seconds. Why an attempt failed is told by `error` meanwhile.
   *
   * @param holder - The part of a page that uses it, where there are several. Default: the app itself.
   *
   * @example
   * ```ts
   * session.on('rooms', (rooms) => show(rooms.map(({ name, title, unread }) => `${title ?? name} (${unread})`)));
   * await session.rooms.open();
   * ```
   */
  open(holder?: object): Promise<void>;
  /**
   * Follows it no longer, once all who opened it have closed it. No timer, stream or token of it survives.
   *
   * @param holder - As it was given to `open()`.
   */
  close(holder?: object): Promise<void>;
}

/** The events of a `ChatSession`. */
export interface ChatSessionEvents {
  /** `rooms.list` has a new value; ten times a second at most. */
  rooms: (rooms: readonly RoomSummary[]) => void;
  /** A failure in the background of the directory; or why it is closed, when that cannot be helped. */
  error: (error: ChatError) => void;
}

/** Where Momento's companion app of the article keeps and announces its rooms. */
export interface CompanionOptions {
  /** The set of room names. */
  set: string;
  /** The topic on which new rooms are announced, such as `chat-room-created`. */
  topic: string;
}

/** A message of a joined room, as far as the directory looks at it. */
export interface SeenMessage extends RoomPreview {
  readonly own: boolean;
  readonly status: string;
  readonly editedAt?: Date;
  readonly deletedAt?: Date;
  readonly deletedBy?: string;
}

/** A joined room, as the directory sees it. */
export interface JoinedRoom {
  readonly room: string;
  /** The id of the room's user, where there is one. */
  userId(): string | undefined;
  /** Those in memory, oldest first. */
  messages(): readonly SeenMessage[];
  /** Undefined until it is known. */
  unread(): Readonly<{ count: number; mentions: number; capped: boolean }> | undefined;
  /** Has it found out what is unread. */
  startReading(): void;
}

/** The directory, once its code is loaded. */
export interface DirectoryBody extends RoomDirectory {
  /** Something changed in a joined room; `message` is new or changed. */
  noticed(room: JoinedRoom, message?: SeenMessage): void;
  /** The session ends. */
  end(): void;
}
