import type { ChatUser, Message } from '../messages/message.js';
import type { ChatError } from '../shared/errors.js';

/** The events of a `ChatThread`; they are like those of the room. */
export interface ChatThreadEvents {
  /** First sight of a reply: one's own as `sending`, others live or filled in after a gap. */
  message: (message: Message) => void;
  /** A known reply changed. */
  update: (message: Message) => void;
  /** A page of older replies was loaded, oldest first. */
  history: (messages: readonly Message[]) => void;
  /** `messages` has a new value; at most once per microtask. */
  change: (messages: readonly Message[]) => void;
  /** What was not read has changed. */
  read: (unread: ThreadUnread) => void;
  /** Others began or stopped to write a reply. */
  typing: (users: readonly Readonly<ChatUser>[], many: boolean) => void;
  /** What failed in the background. */
  error: (error: ChatError) => void;
}

/** What a thread knows of what was read here. It lives as long as the room object. */
export interface ThreadRead {
  /** Marks the replies up to `id` as read; default all. */
  mark(id?: string): Promise<void>;
  readonly unread: ThreadUnread;
}

/** What was not read of a thread here. */
export interface ThreadUnread {
  /** At most 999. */
  readonly count: number;
  /** How many of them mention the room's own user. */
  readonly mentions: number;
  /** The oldest of them. */
  readonly firstId?: string;
  /** Whether there may be more. */
  readonly capped: boolean;
}

/** Told of everything that happens in a thread. */
export interface ThreadFace {
  message(message: Message): void;
  update(message: Message): void;
  history(page: readonly Message[]): void;
  change(): void;
  read(unread: ThreadUnread): void;
  typing(users: readonly Readonly<ChatUser>[], many: boolean): void;
  error(error: ChatError): void;
}
