import type { Member, PresenceChange } from '../features/member.js';
import type { Unread } from '../features/read-state.js';
import type { Signal } from '../features/signals.js';
import type { ChatUser, Message } from '../messages/message.js';
import type { ChatError } from '../shared/errors.js';
import type { LossReason } from '../sync/subscription.js';

/** Where a room stands: `joined` promises that everything stored and sent arrives; `failed` needs a new `join()`. */
export type RoomStatus = 'idle' | 'joining' | 'joined' | 'reconnecting' | 'left' | 'failed';

/**
 * Why a status changed: what the app asked for (`join`, `leave`), what became of it (`subscribed`, `recovered`, `error`),
 * or how the stream was lost: it `ended` with an error, was `interrupted` and not restored, fell into `silence`, or the
 * service became `unreachable`.
 */
export type StatusReason = 'join' | 'subscribed' | 'recovered' | 'leave' | 'error' | LossReason;

/** A stretch of the stream that was missed. */
export interface Gap {
  /** How many messages history gave back. */
  filled: number;
  /** False when storage no longer reaches back far enough to be sure that nothing is missing. */
  complete: boolean;
}

/**
 * The events of a `ChatRoom`. An error that a listener throws harms neither the room nor other listeners; it surfaces
 * as an uncaught error.
 */
export interface ChatRoomEvents {
  /**
   * First sight of a message: one's own as `sending`, others live or filled in after a gap. Never twice for one id; not
   * for pages of history.
   */
  message: (message: Message) => void;
  /** A known message changed: its status, text, reactions, quote or thread. Or a discarded one turns out to be stored. */
  update: (message: Message) => void;
  /** A page of history was loaded: what it added, oldest first, without hidden users. */
  history: (messages: readonly Message[]) => void;
  /** `messages` has a new value; at most once per microtask. */
  change: (messages: readonly Message[]) => void;
  /** `status` has a new value. */
  status: (status: RoomStatus, previous: RoomStatus, reason: StatusReason) => void;
  /** Live messages were missed. Says how many were recovered from storage, and whether some may still be missing. */
  gap: (gap: Gap) => void;
  /** Somebody in the room sent a signal. */
  signal: (signal: Signal) => void;
  /**
   * Somebody entered, changed their data, left or went silent; all who are there are told as `enter` at first. Among more
   * than 200 members only the last change of five seconds is told.
   */
  presence: (change: PresenceChange, members: readonly Member[]) => void;
  /** `read.unread` or `read.receipts` has a new value. */
  read: (unread: Unread, receipts: ReadonlyMap<string, string>) => void;
  /** `pinned` has a new value. The first listener makes the room read its pins. */
  pins: (pinned: readonly Message[]) => void;
  /** Others began or stopped to write: at most ten of them, and whether there are more. */
  typing: (users: readonly ChatUser[], many: boolean) => void;
  /**
   * A failure in the background; what a join or a reconnect fails at while it goes on trying, each trouble once until it is over;
   * and the reason why a room is `failed`, even where `join()` rejects as well. A listener of an unknown event is told of, too.
   */
  error: (error: ChatError) => void;
}
