import type { ChatUser, FileRef, JsonObject, Message, SendExtras } from '../messages/message.js';
import type { RoomStatus } from '../room/events.js';

/** A source of events, of whatever names: see {@link Listening}, which alone calls it. */
export interface Emitting {
  on(event: never, listener: never): unknown;
  off(event: never, listener: never): unknown;
}

export interface Typing {
  keystroke(): void;
  stop(): void;
  readonly users: readonly Readonly<ChatUser>[];
  readonly many: boolean;
}

export interface Unread {
  readonly count: number;
  readonly mentions: number;
  readonly firstId?: string | undefined;
  readonly capped: boolean;
}

/** The members that the room and a thread have in common. An optional one may be missing: its control is hidden. */
export interface Conversation extends Emitting {
  readonly messages: readonly Message[];
  readonly hasOlder: boolean;
  loadOlder(count?: number): Promise<readonly Message[]>;
  send(text: string, extras?: SendExtras): Promise<Message>;
  retry(id: string): Promise<Message>;
  discard(id: string): void;
  edit?(id: string, text: string, options?: { mentions?: readonly string[] }): Promise<Message>;
  delete?(id: string): Promise<void>;
  react?(id: string, emoji: string): Promise<void>;
  unreact?(id: string, emoji: string): Promise<void>;
  readonly typing?: Typing;
  readonly read?: {
    mark(id?: string): Promise<void>;
    markUnread?(id: string): Promise<void>;
    readonly unread: Unread;
  };
}

export interface Member {
  readonly userId: string;
  readonly user: Readonly<ChatUser>;
  readonly own: boolean;
}

export interface Thread extends Conversation {
  readonly root: Message | undefined;
  open(): Promise<void>;
  close(): void;
}

export interface Files {
  upload(
    blob: Blob,
    options?: { name?: string; signal?: AbortSignal; onProgress?: (done: number) => void },
  ): Promise<FileRef>;
  download(ref: FileRef, options?: { signal?: AbortSignal }): Promise<Blob>;
}

/** Messages that a search finds, newest first, and how far it has looked. */
export interface SearchResults extends AsyncIterable<Message> {
  readonly reachedEnd: boolean;
  readonly reached: Date | undefined;
}

/** A ChatRoom as the element uses it, of whichever entry of the package. */
export interface Room extends Conversation {
  readonly room: string;
  readonly status: RoomStatus;
  /** False: it has messages alone. */
  readonly events?: boolean;
  join(): Promise<void>;
  leave(): Promise<void>;
  readonly presence?: {
    enter(data?: JsonObject): Promise<void>;
    readonly members: readonly Member[];
    readonly count: number;
  };
  thread?(rootId: string): Thread;
  pin?(id: string): Promise<void>;
  unpin?(id: string): Promise<void>;
  readonly pinned?: readonly Message[];
  readonly files?: Files;
  loadDraft?(threadId?: string): Promise<string>;
  saveDraft?(text: string, threadId?: string): Promise<void>;
  loadAround?(id: string, count?: number): Promise<readonly Message[]>;
  search?(query: string, options?: { signal?: AbortSignal }): SearchResults;
  readonly hidden?: ReadonlySet<string>;
  hide?(userId: string): void;
  unhide?(userId: string): void;
}

export interface RoomEntry {
  readonly name: string;
  readonly title?: string | undefined;
  readonly lastMessage?: { readonly text: string; readonly user: Readonly<ChatUser> } | undefined;
  readonly unread: number;
  readonly mentions: number;
}

/** The directory of a ChatSession. */
export interface Rooms {
  readonly list: readonly RoomEntry[];
  open(holder?: object): Promise<void>;
  close?(holder?: object): Promise<void>;
  create?(name: string, options?: { title?: string }): Promise<unknown>;
}
