import type { ChatError, ChatRoom, Member, Message, RoomStatus, Signal, Unread } from '../index.js';
import { ObservableValue } from '../shared/observable.js';
import { follow } from './calls.js';
import { Draft } from './draft.js';
import { Entry } from './entry.js';
import { rejoined } from './rejoined.js';
import { SharedUse } from './shared-use.js';
import { isSending, THREAD_ACTIONS, ThreadUi } from './thread-ui.js';
import type { TypingState } from './typing-state.js';
import { stable, type View, viewOf } from './view.js';

/** Where a room stands, and why. */
export interface Connection {
  readonly status: RoomStatus;
  /** The last failure, until the room is joined again. */
  readonly error: ChatError | undefined;
}

/** The people in the room. */
export interface PresenceState {
  /** One for each user, the longest present first; the first 200. */
  readonly members: readonly Member[];
  /** How many members there are. */
  readonly count: number;
  /** How many tabs and devices of theirs there are. */
  readonly connections: number;
}

/** The functions of a room that a component calls: always the same, and not in need of a `this`. */
export type RoomActions = {
  readonly [Name in (typeof ACTIONS)[number]]: ChatRoom[Name];
};

export const ACTIONS = [...THREAD_ACTIONS, 'pin', 'unpin'] as const;

const NO_MESSAGES: readonly Message[] = [];

const known = /* @__PURE__ */ new WeakMap<ChatRoom, RoomUi>();

/** Returns the room as the adapters for UI frameworks need it; the same object for the same room. */
export function uiOf(room: ChatRoom): RoomUi {
  const ui = known.get(room) ?? new RoomUi(room);
  known.set(room, ui);
  return ui;
}

export class RoomUi {
  readonly room: ChatRoom;
  readonly actions: RoomActions;
  readonly messages: View<readonly Message[]>;
  readonly hasOlder: View<boolean>;
  readonly pinned: View<readonly Message[]>;
  readonly connection: View<Connection>;
  readonly typing: View<TypingState>;
  readonly presence: View<PresenceState>;
  readonly unread: View<Unread>;
  readonly receipts: View<ReadonlyMap<string, string>>;
  readonly draft: Draft;
  readonly entry: Entry;
  /** Joins the room, unless it is joined. The last one who goes leaves it, unless the app had joined it. */
  readonly use: () => () => void;
  /** Those that somebody holds, or that are open: there are never two of one thread, and a long day keeps none of them. */
  readonly #threads = new Map<string, WeakRef<ThreadUi>>();
  readonly #error = new ObservableValue<ChatError | undefined>(undefined);
  #index: { of: readonly Message[]; byId: ReadonlyMap<string, Message> } = {
    of: NO_MESSAGES,
    byId: new Map(),
  };

  constructor(room: ChatRoom) {
    this.room = room;
    this.actions = Object.fromEntries(
      ACTIONS.map((name) => [
        name,
        (...args: never[]) =>
          follow(room, name, (room[name] as (...args: never[]) => unknown).apply(room, args)),
      ]),
    ) as RoomActions;
    this.messages = viewOf(room, ['change'], () => room.messages, NO_MESSAGES);
    this.hasOlder = viewOf(room, ['change', 'history', 'status'], () => room.hasOlder, false);
    this.pinned = viewOf(room, ['pins', 'status'], () => room.pinned, NO_MESSAGES);
    this.typing = viewOf(
      room,
      ['typing', 'status'],
      stable(() => ({ users: room.typing.users, many: room.typing.many })),
      { users: [], many: false },
    );
    this.presence = viewOf(
      room,
      ['presence', 'status'],
      stable(() => {
        const { members, count, connections } = room.presence;
        return { members, count, connections };
      }),
      { members: [], count: 0, connections: 0 },
    );
    this.unread = viewOf(room, ['read', 'status'], () => room.read.unread, {
      count: 0,
      mentions: 0,
      capped: false,
    });
    this.receipts = viewOf(room, ['read', 'status'], () => room.read.receipts, new Map());
    const status = viewOf(
      room,
      ['status'],
      stable(() => ({ status: room.status, error: this.#error.get() })),
      { status: 'idle', error: undefined } as Connection,
    );
    this.connection = {
      ...status,
      subscribe: (listener) => {
        const stops = [status.subscribe(listener), this.#error.subscribe(listener)];
        return () => {
          for (const stop of stops) stop();
        };
      },
    };
    this.draft = new Draft(room);
    this.entry = new Entry(room);
    this.use = new SharedUse(
      () => this.#open(),
      () => isOut(room),
    ).use;
  }

  /** A message in memory. */
  readonly message = (id: string): Message | undefined => {
    const of = this.room.messages;
    if (this.#index.of !== of)
      this.#index = { of, byId: new Map(of.map((message) => [message.id, message])) };
    return this.#index.byId.get(id);
  };

  /** The thread under a message; the same for the same id. */
  thread(rootId: string): ThreadUi {
    const known = this.#threads.get(rootId)?.deref();
    if (known) return known;
    for (const [id, gone] of this.#threads) if (!gone.deref()) this.#threads.delete(id);
    const thread = new ThreadUi(this.room, rootId);
    this.#threads.set(rootId, new WeakRef(thread));
    return thread;
  }

  /** Calls `listener` with each signal of that type. The returned function ends that. */
  onSignal(type: string, listener: (signal: Signal) => void): () => void {
    const hear = (signal: Signal) => {
      if (signal.type === type) listener(signal);
    };
    this.room.on('signal', hear);
    return () => this.room.off('signal', hear);
  }

  #open(): () => unknown {
    const { room } = this;
    const keep = (error: ChatError) => this.#error.set(error);
    const forget = (status: RoomStatus) => {
      if (status !== 'joined' || this.#error.get() === undefined) return;
      this.#error.set(undefined);
      rejoined.set({});
    };
    room.on('error', keep).on('status', forget);
    const wasOut = isOut(room);
    // Why it failed is told by its `error` event.
    if (wasOut) room.join().catch(() => {});
    return () => {
      const threads = [...this.#threads.values()].map((thread) => thread.deref());
      // Out of the room nothing goes on, and who uses it next joins it again at once.
      if (!isOut(room) && [room, ...threads].some(isSending)) return true;
      room.off('error', keep).off('status', forget);
      if (wasOut) void room.leave();
    };
  }
}

/** Whether the room is neither joined nor being joined. */
export function isOut({ status }: ChatRoom): boolean {
  return status === 'idle' || status === 'left' || status === 'failed';
}
