import type { Kept, Unsent } from '../messages/kept.js';
import type { ChatUser, Message } from '../messages/message.js';
import type { Overlay } from '../messages/timeline.js';
import type { Scheduler } from '../shared/clock.js';
import type { ChatError } from '../shared/errors.js';
import type { CacheInput, Operation } from '../transport/transport.js';
import type { EventBus } from './event-bus.js';

/**
 * Everything that a feature of a room may use. A feature is one file: it writes no token, retry or reconnect code, and
 * imports no other feature.
 *
 * State is in storage, and events only make it quick: a writer stores first and sends its event then, so a reader that
 * subscribes first and reads then misses nothing.
 */
export interface FeatureHost {
  /** The name of the room. */
  readonly room: string;
  /** Seconds that the room's data lives after the last write, as the history does. */
  readonly ttlSeconds: number;
  /** Maximum size of an encoded message, in bytes of UTF-8. */
  readonly maxMessageBytes: number;
  /** The app's rule, if it has one: which deletions are honoured and made. */
  readonly mayDelete?: MayDelete | undefined;
  readonly clock: Scheduler;
  readonly events: EventBus;
  readonly timeline: TimelineView;
  /** Ends with the join that runs; has ended where the room is not joined. */
  readonly life: AbortSignal;
  /** The room's user; the id of the token where the app gave none. */
  author(): ChatUser;
  /** Whether `user` is the room's own; `verifiedUserId` is vouched for by Momento and decides where it is known. */
  isOwn(user: ChatUser, verifiedUserId: string | undefined): boolean;
  /** Whether the app hides this user; see `room.hide()`. Never one's own. */
  hides(user: ChatUser, verifiedUserId?: string): boolean;
  /** Calls `listener` when {@link hides} gives something else than before. */
  onHidden(listener: () => void): unknown;
  /** Whether it is known that nobody else is in the room: where presence runs and the room's own user has entered it. */
  isAlone(): boolean;
  /** A UUIDv7 of the hybrid clock, greater than every id made or seen here. It orders changes on all clients. */
  nextId(): string;
  /** Lets the hybrid clock learn from an id that was read from storage: the next one is greater. */
  observe(id: string): void;
  /** Returns the key of the feature's data, such as `lobby:pins` for `pins`. */
  key(name: string): string;
  /**
   * Makes a call on behalf of the feature. It waits while the connection is lost, and is repeated while that can help, so
   * it must be one that may take effect twice. Rejects with a {@link ChatError}: `not-joined`, `closed` when the room is
   * left meanwhile, or the error that repeating did not cure.
   */
  call<Input extends CacheInput, Output>(
    operation: Operation<Input, Output>,
    input: Omit<Input, 'cache'>,
    options?: FeatureCall,
  ): Promise<Output>;
  /**
   * Reads the fields that there are of one of the room's dictionaries, such as `revisions`. Fields that are asked of it
   * in the same turn are one call, which is made once. Where the key may not be read, or holds something else, there
   * are none.
   */
  readFields(
    name: string,
    fields: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, string>>;
  /**
   * Reads the feature's state from storage: after each join, and whenever events may have been missed. A `read` that
   * rejects is reported and repeated at the next occasion. Readings of one feature never overlap.
   */
  onResync(read: (signal: AbortSignal) => Promise<void>): void;
  /** Runs `begin` at each join, and at once in a joined room. `signal` is aborted when the room is left or fails. */
  onJoined(begin: (signal: AbortSignal) => void): void;
  /** Runs `act` when the app calls `leave()`, before the connection is given up; it is waited for, for two seconds at most. */
  onLeave(act: () => Promise<void>): unknown;
  /** Whether the page is visible; true where there is no page. */
  isVisible(): boolean;
  /** Calls `listener` when the page is hidden, shown again or goes away. */
  onVisibility(listener: (state: 'visible' | 'hidden' | 'pagehide') => void): unknown;
  /** Whether the live stream is lost at the moment. */
  isOffline(): boolean;
  /** Emits `error`. The same code and text is reported once a join. */
  report(error: ChatError): void;
}

/** Whether somebody may delete a message; `verifiedUserId` is known of live events only. */
export type MayDelete = (message: Message, by: { userId?: string; verifiedUserId?: string }) => boolean;

/** How a feature's call is made. */
export interface FeatureCall {
  /** Completes "unable to …". Default: the operation's own. */
  action?: string;
  /** Makes it once, whether the connection is lost or not. Default false. */
  once?: boolean;
  /** It is to outlive the page, where the transport can do that. Implies `once`. Default false. */
  keepalive?: boolean;
  /** An `onLeave` action makes it after it has waited, when the join is over. Default false. */
  late?: boolean;
  signal?: AbortSignal | undefined;
  /** How long each attempt waits for its answer, in milliseconds, where the transport lets one choose. Default 5000. */
  timeoutMs?: number | undefined;
}

/** A feature's view of the messages in memory. */
export interface TimelineView {
  /** The message as it is shown. */
  get(id: string): Message | undefined;
  /** The message as its sender sent it, without overlays. */
  original(id: string): Message | undefined;
  /** The same, also of one that is not in memory, where one of the {@link holders} has it. */
  kept(id: string): Message | undefined;
  /** Ids in memory, oldest first. */
  ids(): readonly string[];
  /** The messages as they are shown, without those that a filter leaves out, oldest first. */
  messages(): readonly Message[];
  /** Whether older messages are stored than those in memory. */
  hasOlder(): boolean;
  /** Id of the newest message when the room was joined for the first time. */
  newestAtJoin(): string | undefined;
  /** Calls `listener` when `messages()` gives something else than before. */
  onChange(listener: () => void): void;
  /** Calls `listener` with each new message: one's own as `sending`, others live or filled in after a gap. */
  onMessage(listener: (message: Message) => void): void;
  /** Shows every message through `show`, after the overlays that were added before. */
  overlay(show: Overlay): void;
  /** Drops a message whose sending failed, or one that is `unsent`. */
  discard(id: string, unsent?: boolean): void;
  /** The part that sends own messages. */
  readonly sender: OwnMessages;
  /** Shows the message anew; emits `update` when an overlay gives something else than before. */
  refresh(id: string): void;
  /** A message that is not in memory, such as a quoted one, as it would be shown. */
  show(message: Message): Message;
  /** Reads what overlays must know about messages that are not in memory, before {@link show}. Rejects as a call does. */
  read(ids: readonly string[], signal?: AbortSignal): Promise<void>;
  /** Calls `listener` with each id that {@link refresh} is called with, be its message in memory or not. */
  onRefresh(listener: (id: string) => void): void;
  /**
   * Reads what overlays must know about messages: those of a page before it is shown, and all in memory whenever events
   * may have been missed. A rejection fails the page, which is then read again.
   */
  onRead(read: (ids: readonly string[], signal: AbortSignal) => Promise<void>): void;
  /**
   * Reads a stretch of the list from index `start` on, newest first, as its messages are shown. Adds nothing to memory.
   * Rejects with a ChatError.
   */
  stored(start: number, count: number): Promise<StoredStretch>;
}

/** Own messages on their way out. */
export interface OwnMessages {
  readonly outbox: {
    /** The message, if nothing of it can have left. */
    unsent(id: string): Unsent | undefined;
    /** The part that survives the page, where the app gave a storage. */
    readonly kept: Kept | undefined;
  };
  /** Shows the message, in this state, in the place of the one with its id. */
  mark(message: Message, status: Message['status']): void;
}

/** A stretch of what is stored. */
export interface StoredStretch {
  /** Newest first, without those that a filter refuses. */
  readonly messages: readonly Message[];
  /** The list index of its first entry, and the one after its last: entries that are not shown count. */
  readonly start: number;
  readonly stop: number;
  /** Nothing older is stored. */
  readonly end: boolean;
}
