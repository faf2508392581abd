import { computed, type MaybeRefOrGetter, type ShallowRef, toValue } from 'vue';
import type {
  ChatError,
  ChatRoom,
  ChatUser,
  JsonObject,
  Member,
  Message,
  Read,
  RoomStatus,
  RoomTyping,
  Signal,
  SignalOptions,
  Unread,
} from '../index.js';
import type { Draft } from '../ui/draft.js';
import { ReadMarker } from '../ui/read-marker.js';
import type { PresenceState, RoomActions } from '../ui/room-ui.js';
import { isShallowEqual } from '../ui/view.js';
import { actionsOf, follow, type RoomSource, useUi, useView } from './chat.js';

type State<T> = Readonly<ShallowRef<T>>;

/** The messages of a room, and what can be done with them. */
export interface Messages extends RoomActions {
  /** Those in memory, oldest first. The same array, and each message the same object, until it changes. */
  readonly messages: State<readonly Message[]>;
  /** Whether storage held older messages than those in memory when it was last read. */
  readonly hasOlder: State<boolean>;
}

/**
 * The messages of the room.
 *
 * @example
 * ```ts
 * const { messages, send } = useMessages();
 * ```
 */
export function useMessages(room?: RoomSource): Messages {
  const ui = useUi(room);
  return {
    messages: useView(() => ui().messages),
    hasOlder: useView(() => ui().hasOlder),
    ...actionsOf(ui),
  };
}

/** The message with that id; undefined while it is not in memory. Changes when that message does, and only then. */
export function useMessage(id: MaybeRefOrGetter<string>, room?: RoomSource): State<Message | undefined> {
  const ui = useUi(room);
  return useView(() => {
    const { messages, message } = ui();
    const wanted = toValue(id);
    return { get: () => message(wanted), subscribe: messages.subscribe, empty: undefined };
  });
}

/** Where the room stands, and the way in and out. */
export interface RoomConnection {
  readonly status: State<RoomStatus>;
  /** The last failure, until the room is joined again. */
  readonly error: State<ChatError | undefined>;
  /** Joins the room again after it `failed`. Why it fails once more is in `error`. */
  readonly join: () => void;
  readonly leave: () => Promise<void>;
}

/** Where the room stands. */
export function useConnection(room?: RoomSource): RoomConnection {
  const ui = useUi(room);
  const connection = useView(() => ui().connection);
  return {
    status: computed(() => connection.value.status),
    error: computed(() => connection.value.error),
    join: () => {
      ui()
        .room.join()
        .catch(() => {});
    },
    leave: () => ui().room.leave(),
  };
}

/** The draft of a room, and what can be done with it. */
export interface RoomDraft extends Pick<Draft, 'send' | 'clear'> {
  /** May be set: use it as a `v-model`. */
  readonly text: ShallowRef<string>;
  /** Why the text was not taken, until it is changed. */
  readonly error: State<ChatError | undefined>;
}

/**
 * The text that the user is writing. It belongs to the room: who comes back finds it as it was.
 *
 * @example
 * ```vue
 * <form @submit.prevent="send()"><input v-model="text" /></form>
 * ```
 */
export function useDraft(room?: RoomSource): RoomDraft {
  const ui = useUi(room);
  const draft = useView(() => ui().draft.view);
  return {
    text: computed({ get: () => draft.value.text, set: (text) => ui().draft.setText(text) }),
    error: computed(() => draft.value.error),
    send: (options) => ui().draft.send(options),
    clear: () => ui().draft.clear(),
  };
}

/** The way to send signals of one type. */
export interface Signals {
  readonly send: (data: JsonObject, options?: SignalOptions) => ReturnType<ChatRoom['signal']>;
}

/** Hears signals of a type, and sends them. */
export function useSignal(
  type: MaybeRefOrGetter<string>,
  listener?: (signal: Signal) => void,
  room?: RoomSource,
): Signals {
  const ui = useUi(room);
  if (listener !== undefined)
    follow(
      () => [ui(), toValue(type)] as const,
      ([current, wanted]) => current.onSignal(wanted, listener),
    );
  return { send: (data, options) => ui().room.signal(toValue(type), data, options) };
}

/** The others who are writing, and the user's own part in it. */
export interface Typing extends Pick<RoomTyping, 'keystroke' | 'stop'> {
  /** The first ten of them. */
  readonly users: State<readonly Readonly<ChatUser>[]>;
  /** Whether there are more. */
  readonly many: State<boolean>;
}

/** Returns the others who are writing. {@link useDraft} tells others of the user's own writing. */
export function useTyping(room?: RoomSource): Typing {
  const ui = useUi(room);
  const typing = useView(() => ui().typing);
  return {
    users: computed(() => typing.value.users),
    many: computed(() => typing.value.many),
    keystroke: () => ui().room.typing.keystroke(),
    stop: () => ui().room.typing.stop(),
  };
}

/** The presence of the user. */
export interface Presence {
  /** Why the user could not be shown as present. */
  readonly error: State<ChatError | undefined>;
}

/**
 * Shows the user as present while the component is there, through every join. Other data is an update; the same data in a new
 * object is none.
 *
 * @example
 * ```ts
 * usePresence(() => ({ status: status.value }));
 * ```
 */
export function usePresence(data?: MaybeRefOrGetter<JsonObject | undefined>, room?: RoomSource): Presence {
  const ui = useUi(room);
  follow(
    () => [ui().entry, toValue(data)] as const,
    ([entry, shown]) => {
      entry.show(shown);
      return entry.use();
    },
  );
  return { error: useView(() => ui().entry.error) };
}

/** The people in the room. */
export interface Members {
  /** One for each user, the longest present first; the first 200. */
  readonly members: State<readonly Member[]>;
  /** How many members there are. */
  readonly count: State<number>;
  /** How many tabs and devices of theirs there are. */
  readonly connections: State<number>;
}

/**
 * Returns the people in the room, without entering it. With a selector, returns what it gives.
 *
 * @example
 * ```ts
 * const { members } = useMembers();
 * const isHere = useMembers(({ members }) => members.some(({ userId }) => userId === 'ada'));
 * ```
 */
export function useMembers(select?: undefined, room?: RoomSource): Members;
export function useMembers<Selected>(
  select: (presence: PresenceState) => Selected,
  room?: RoomSource,
): State<Selected>;
export function useMembers(
  select?: (presence: PresenceState) => unknown,
  room?: RoomSource,
): Members | State<unknown> {
  const ui = useUi(room);
  const presence = useView(() => ui().presence);
  if (select !== undefined)
    return computed((previous?: unknown) => {
      const selected = select(presence.value);
      return isShallowEqual(previous, selected) ? previous : selected;
    });
  return {
    members: computed(() => presence.value.members),
    count: computed(() => presence.value.count),
    connections: computed(() => presence.value.connections),
  };
}

/** The messages that the user has not read, and the way to mark them. */
export interface UnreadMessages extends Pick<Read, 'mark' | 'markUnread'> {
  readonly unread: State<Unread>;
}

/** Returns the number of messages that the user has not read, and the way to mark them. */
export function useUnread(room?: RoomSource): UnreadMessages {
  const ui = useUi(room);
  return {
    unread: useView(() => ui().unread),
    mark: (id) => ui().room.read.mark(id),
    markUnread: (id) => ui().room.read.markUnread(id),
  };
}

/** The newest message that each user has read, by user id. */
export function useReceipts(room?: RoomSource): State<ReadonlyMap<string, string>> {
  const ui = useUi(room);
  return useView(() => ui().receipts);
}

/**
 * Marks messages as read while the element is seen: the one with that id and those before it; without an id all of them,
 * for an element at the end of the list.
 *
 * @example
 * ```ts
 * useMarkRead(useTemplateRef('end'));
 * ```
 */
export function useMarkRead(
  element: MaybeRefOrGetter<Element | null | undefined>,
  id?: MaybeRefOrGetter<string | undefined>,
  room?: RoomSource,
): void {
  const ui = useUi(room);
  follow(
    () => [ui(), toValue(element)] as const,
    ([current, seen]) => {
      const marker = new ReadMarker(current, () => toValue(id));
      marker.observe(seen);
      return () => marker.observe(null);
    },
  );
}

/** The pinned messages, and what can be done with them. */
export interface Pinned extends Pick<RoomActions, 'pin' | 'unpin'> {
  readonly pinned: State<readonly Message[]>;
}

/** The pinned messages of the room. */
export function usePinned(room?: RoomSource): Pinned {
  const ui = useUi(room);
  const { pin, unpin } = actionsOf(ui);
  return { pinned: useView(() => ui().pinned), pin, unpin };
}
