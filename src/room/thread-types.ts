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
  /** `read.unread` has a new value. */
  read: (unread: ThreadUnread) => void;
  /** Others began or stopped to write a reply. */
  typing: (users: readonly Readonly<ChatUser>[], many: boolean) => void;
  /** A failure in the background. */
  error: (error: ChatError) => void;
}

/** The read state of a thread on this client. It lives as long as the room object. */
export interface ThreadRead {
  /**
   * Marks the replies up to `id` as read; default all. A thread that is closed is opened and loaded first.
   *
   * Rejects with a {@link ChatError}: `not-joined`, `invalid-argument`, or whatever made the loading fail.
   */
  mark(id?: string): Promise<void>;
  /** As the event `read` told it last. While the thread is closed, what comes is counted in `thread.unread` of the root alone. */
  readonly unread: ThreadUnread;
}

/** The unread replies of a thread on this client. */
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

/** The side of a thread that stands on the page before its code is loaded. */
export interface ThreadFace {
  emit<Name extends keyof ChatThreadEvents>(event: Name, ...args: Parameters<ChatThreadEvents[Name]>): void;
  /** `messages` has a new value. */
  change(): void;
}
