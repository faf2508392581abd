import {
  type ChatError,
  ChatRoom,
  type ChatRoomOptions,
  ChatSession,
  type ChatUser,
  type TokenSource,
} from '../index.js';
import { openDirectories } from './open-directories.js';
import { isOut } from './room-ui.js';

export type Session = NonNullable<ChatRoomOptions['session']>;

/** The options that rooms are made with. Either `token` or `session` is given. */
export interface ChatOptions {
  /** Where to get a token: the URL of a token vendor, or a function. */
  token?: TokenSource | undefined;
  /** A `ChatSession` of the app's own. */
  session?: Session | undefined;
  /** The user who sends from here. */
  user: ChatUser;
  /** Name of the cache that the rooms live in. Default `chat`, or that of the `session`. */
  cache?: string | undefined;
  /** Makes a room. Default: a `ChatRoom` of `momento-chat`. */
  createRoom?: ((options: ChatRoomOptions) => ChatRoom) | undefined;
}

/** Options of a room that is made by its name. */
export type RoomExtras = Omit<ChatRoomOptions, 'room' | 'user' | 'token' | 'session' | 'clients' | 'cache'>;

/** So many rooms are kept that were left: who comes back to one finds its messages at once. */
const MAX_LEFT = 20;
/** So many chats of one source of tokens are kept that are idle. */
const MAX_IDLE = 20;

/** A user's rooms by their names, on one session. It opens nothing, so there is nothing to close. */
export class Chat {
  readonly session: Session;
  readonly #user: ChatUser;
  readonly #createRoom: NonNullable<ChatOptions['createRoom']>;
  readonly #rooms = new Map<string, ChatRoom>();

  /** Throws a {@link ChatError} `invalid-argument`. */
  constructor({ token, session, user, cache, createRoom }: ChatOptions) {
    this.session = session ?? new ChatSession({ token: token as TokenSource, cache });
    this.#user = user;
    this.#createRoom = createRoom ?? ((options) => new ChatRoom(options));
  }

  /** The room of that name, made when it is first asked for. Throws a {@link ChatError} `invalid-argument`. */
  room(name: string, extras: RoomExtras = {}): ChatRoom {
    const room =
      this.#rooms.get(name) ??
      this.#createRoom({ ...extras, room: name, user: this.#user, session: this.session });
    // The one asked for last is dropped last.
    this.#rooms.delete(name);
    this.#rooms.set(name, room);
    this.#forget();
    return room;
  }

  /** Whether no room of it is joined, or being joined, and nobody uses the directory of rooms. */
  get isIdle(): boolean {
    return !openDirectories.has(this.session) && [...this.#rooms.values()].every(isOut);
  }

  #forget(): void {
    const left = [...this.#rooms].filter(([, room]) => room.status === 'left');
    for (const [name] of left.slice(0, Math.max(0, left.length - MAX_LEFT))) this.#rooms.delete(name);
  }
}

type Chats = Map<string, Chat>;

const bySource = /* @__PURE__ */ new WeakMap<object, Chats>();
const byUrl: Chats = /* @__PURE__ */ new Map();

/**
 * The chat of these options, the same for the same ones: a component that is rendered anew before it was ever mounted, as
 * one that waits, has no memory of its own. On a server each call makes another.
 */
export function chatFor(options: ChatOptions): Chat {
  const { token, session, user, cache } = options;
  if (typeof document === 'undefined') return new Chat(options);
  const source = session ?? token;
  const chats = typeof source === 'object' || typeof source === 'function' ? chatsOf(source) : byUrl;
  const url = chats === byUrl ? source : undefined;
  const key = JSON.stringify([url, cache, user.id, user.name]);
  const chat = chats.get(key) ?? new Chat(options);
  // The one asked for last is dropped last.
  chats.delete(key);
  chats.set(key, chat);
  const idle = [...chats].filter(([, { isIdle }]) => isIdle);
  for (const [oldest] of idle.slice(0, -MAX_IDLE)) chats.delete(oldest);
  return chat;
}

function chatsOf(source: object): Chats {
  const chats = bySource.get(source) ?? new Map();
  bySource.set(source, chats);
  return chats;
}
