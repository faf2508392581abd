import { ChatRoom } from '../lite-room.js';
import { ChatSession } from '../lite-session.js';
import type { TokenSource } from '../session/token-source.js';
import type { ChatStorage } from '../storage/chat-storage.js';
import { type Drafts, handOn } from './drafts.js';
import type { SessionLike } from './rooms-beside.js';
import { whenSent } from './when-sent.js';

/** So many rooms are kept: one that is chosen again has its messages, those that failed, and the text that was begun in it. */
const MAX_ROOMS = 20;
/** Features whose first use may be on a lost network: what is done then shows at once. */
const AT_HAND = ['reactions', 'revisions', 'threads'] as const;

/** The things that rooms are made of. */
export interface RoomSource {
  readonly session: SessionLike | undefined;
  readonly token: TokenSource | undefined;
  readonly cache: string | undefined;
  readonly userId: string;
  readonly userName: string;
  readonly storage: ChatStorage | undefined;
}

/** The rooms that the element makes by their names, and their session. The one that is shown is joined. */
export class OwnRooms {
  source: RoomSource;
  readonly session: SessionLike;
  readonly #drafts: Drafts;
  readonly #rooms = new Map<string, ChatRoom>();
  #shown: ChatRoom | undefined;

  /** `drafts`: those of each user and cache. Throws a ChatError `invalid-argument`. */
  constructor(source: RoomSource, drafts: Map<string, Drafts>) {
    const { session, token, cache, userId, userName } = source;
    this.source = source;
    this.session =
      session ??
      new ChatSession({
        token:
          typeof token === 'function'
            ? (request) => (this.source.token as typeof token)(request)
            : (token as TokenSource),
        cache,
      });
    const key = JSON.stringify([userId || userName, this.session.cache]);
    this.#drafts = drafts.get(key) ?? new Map();
    drafts.set(key, this.#drafts);
  }

  /** Takes over a source that differs in its token function at most. */
  follow(source: RoomSource): void {
    if (areSame(this.source, source)) this.source = source;
  }

  /** Returns the room of that name; the one before is left. Throws a ChatError `invalid-argument`. */
  show(name: string): ChatRoom {
    this.#hide();
    const room = this.#rooms.get(name) ?? this.#make(name);
    this.#shown = room;
    // The one shown last is dropped last.
    this.#rooms.delete(name);
    this.#rooms.set(name, room);
    const [oldest] = this.#rooms.keys();
    if (this.#rooms.size > MAX_ROOMS && oldest !== undefined) this.#rooms.delete(oldest);
    return room;
  }

  /** Leaves the rooms, and closes the session, if it was made here. */
  async end(): Promise<void> {
    this.#shown = undefined;
    await Promise.all([...this.#rooms.values()].map((room) => this.#leave(room)));
    if (this.source.session === undefined) await this.session.close();
  }

  #make(name: string): ChatRoom {
    const { userId, userName, storage } = this.source;
    const user = userId === '' ? { name: userName } : { id: userId, name: userName };
    const room = new ChatRoom({ room: name, user, session: this.session, storage, preload: AT_HAND });
    if (storage === undefined) handOn(this.#drafts, room);
    return room;
  }

  #hide(): void {
    const before = this.#shown;
    this.#shown = undefined;
    if (before !== undefined) void this.#leave(before);
  }

  async #leave(room: ChatRoom): Promise<void> {
    await whenSent(room);
    // It may be shown again by now.
    if (room !== this.#shown) await room.leave().catch(() => {});
  }
}

/** Whether two objects of the same keys have the same values. */
export function areSame<T extends object>(before: T | undefined, now: T): boolean {
  return (
    before !== undefined &&
    Object.entries(now).every(
      ([key, value]) =>
        value === before[key as keyof T] ||
        (key === 'token' && typeof value === 'function' && typeof before[key as keyof T] === 'function'),
    )
  );
}
