import { type RefObject, useEffect, useMemo } from 'react';
import type {
  ChatError,
  ChatRoom,
  JsonObject,
  Message,
  Read,
  RoomTyping,
  Signal,
  SignalOptions,
  Unread,
} from '../index.js';
import type { Draft, DraftState } from '../ui/draft.js';
import { ReadMarker } from '../ui/read-marker.js';
import type { Connection, PresenceState, RoomActions } from '../ui/room-ui.js';
import type { TypingState } from '../ui/typing-state.js';
import { useRoom, useRoomUi } from './providers.js';
import { useLatest, useSelected, useView } from './use-view.js';

/** Where the room stands, and the way in and out. */
export interface RoomConnection extends Connection {
  /** Joins the room again after it `failed`. Why it fails once more is in `error`. */
  readonly join: () => void;
  readonly leave: () => Promise<void>;
}

/**
 * Where the room stands.
 *
 * @example
 * ```tsx
 * const { status, error, join } = useConnection();
 * if (status === 'failed') return <button onClick={join}>{error?.message} Try again</button>;
 * ```
 */
export function useConnection(): RoomConnection {
  const { room, connection } = useRoomUi();
  const { status, error } = useView(connection);
  return useMemo(
    () => ({
      status,
      error,
      join: () => {
        room.join().catch(() => {});
      },
      leave: () => room.leave(),
    }),
    [status, error, room],
  );
}

/** The draft of the room, and what can be done with it. */
export interface RoomDraft extends DraftState, Pick<Draft, 'setText' | 'send' | 'clear'> {}

/**
 * The text that the user is writing. It belongs to the room: who comes back finds it as it was.
 *
 * @example
 * ```tsx
 * const { text, setText, send } = useDraft();
 * <input value={text} onChange={(event) => setText(event.target.value)} />
 * ```
 */
export function useDraft(): RoomDraft {
  const { draft } = useRoomUi();
  const { text, error } = useView(draft.view);
  return useMemo(
    () => ({ text, error, setText: draft.setText, send: draft.send, clear: draft.clear }),
    [text, error, draft],
  );
}

/** The way to send signals of one type. */
export interface Signals {
  readonly send: (data: JsonObject, options?: SignalOptions) => ReturnType<ChatRoom['signal']>;
}

/**
 * Hears signals of a type, and sends them. The listener may be a new function with each rendering.
 *
 * @example
 * ```tsx
 * const { send } = useSignal('dice', ({ user, data }) => show(`${user.name} rolled ${data.pips}`));
 * ```
 */
export function useSignal(type: string, listener?: (signal: Signal) => void): Signals {
  const room = useRoom();
  const ui = useRoomUi();
  const latest = useLatest(listener);
  const isListening = listener !== undefined;
  useEffect(
    () => (isListening ? ui.onSignal(type, (signal) => latest.current?.(signal)) : undefined),
    [ui, type, isListening, latest],
  );
  return useMemo(() => ({ send: (data, options) => room.signal(type, data, options) }), [room, type]);
}

/** The others who are writing, and the user's own part in it. */
export interface Typing extends TypingState, Pick<RoomTyping, 'keystroke' | 'stop'> {}

/** Returns the others who are writing. {@link useDraft} tells others of the user's own writing. */
export function useTyping(): Typing {
  const { room, typing } = useRoomUi();
  const state = useView(typing);
  return useMemo(
    () => ({ ...state, keystroke: () => room.typing.keystroke(), stop: () => room.typing.stop() }),
    [state, room],
  );
}

/** The presence of the user. */
export interface Presence {
  /** Why the user could not be shown as present. */
  readonly error: ChatError | undefined;
}

/**
 * Shows the user as present while the component is there, through every join. Other data is an update; the same data in a new
 * object is none.
 *
 * @example
 * ```tsx
 * usePresence({ status: 'writing tests' });
 * ```
 */
export function usePresence(data?: JsonObject): Presence {
  const { entry } = useRoomUi();
  const error = useView(entry.error);
  // Before it enters, so that it enters with the data.
  useEffect(() => entry.show(data));
  useEffect(() => entry.use(), [entry]);
  return useMemo(() => ({ error }), [error]);
}

/**
 * Returns the people in the room, without entering it. With a selector, the component renders when what it gives has
 * other items or properties.
 *
 * @example
 * ```tsx
 * const { members } = useMembers();
 * const isHere = useMembers(({ members }) => members.some(({ userId }) => userId === 'ada'));
 * ```
 */
export function useMembers(): PresenceState;
export function useMembers<Selected>(select: (presence: PresenceState) => Selected): Selected;
export function useMembers(select: (presence: PresenceState) => unknown = itself): unknown {
  return useSelected(useRoomUi().presence, select);
}

/** The messages that the user has not read, and the way to mark them. */
export interface UnreadMessages extends Unread, Pick<Read, 'mark' | 'markUnread'> {}

/** Returns the number of messages that the user has not read, and the way to mark them. */
export function useUnread(): UnreadMessages {
  const { room, unread } = useRoomUi();
  const state = useView(unread);
  return useMemo(
    () => ({ ...state, mark: (id) => room.read.mark(id), markUnread: (id) => room.read.markUnread(id) }),
    [state, room],
  );
}

/** The newest message that each user has read, by user id. */
export function useReceipts(): ReadonlyMap<string, string> {
  return useView(useRoomUi().receipts);
}

/**
 * Marks messages as read while the element is seen: the one with that id and those before it; without an id all of them,
 * for an element at the end of the list.
 *
 * @example
 * ```tsx
 * const end = useRef<HTMLDivElement>(null);
 * useMarkRead(end);
 * return <ul>…<div ref={end} /></ul>;
 * ```
 */
export function useMarkRead(ref: RefObject<Element | null>, id?: string): void {
  const ui = useRoomUi();
  const latest = useLatest(id);
  const marker = useMemo(() => new ReadMarker(ui, () => latest.current), [ui, latest]);
  useEffect(() => marker.observe(ref.current));
  useEffect(() => () => marker.observe(null), [marker]);
}

/** The pinned messages, and what can be done with them. */
export interface Pinned extends Pick<RoomActions, 'pin' | 'unpin'> {
  readonly pinned: readonly Message[];
}

/** The pinned messages of the room. */
export function usePinned(): Pinned {
  const ui = useRoomUi();
  const pinned = useView(ui.pinned);
  const { pin, unpin } = ui.actions;
  return useMemo(() => ({ pinned, pin, unpin }), [pinned, pin, unpin]);
}

const itself = (presence: PresenceState): PresenceState => presence;
