import {
  createContext,
  createElement,
  type FunctionComponentElement,
  type ProviderProps,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
} from 'react';
import type { ChatRoom } from '../index.js';
import { type Chat, type ChatOptions, chatFor, type RoomExtras } from '../ui/chat.js';
import { type RoomUi, uiOf } from '../ui/room-ui.js';
import { useLatest } from './use-view.js';

const ChatContext = /* @__PURE__ */ createContext<Chat | undefined>(undefined);
const RoomContext = /* @__PURE__ */ createContext<ChatRoom | undefined>(undefined);

/** Either `token` or `session` is given. */
export interface ChatProviderProps extends ChatOptions {
  children?: ReactNode | undefined;
}

/**
 * Lets the components inside name their rooms. A new `user` or `session`, or another URL as `token`, means new rooms;
 * functions may be new ones with each rendering.
 *
 * @example
 * ```tsx
 * <ChatProvider token="/token" user={{ id: 'ada', name: 'Ada' }}>
 *   <RoomProvider name="lobby">
 *     <Chat />
 *   </RoomProvider>
 * </ChatProvider>
 * ```
 */
export function ChatProvider({
  token,
  session,
  user,
  cache,
  createRoom,
  children,
}: ChatProviderProps): FunctionComponentElement<ProviderProps<Chat | undefined>> {
  const latest = useLatest(token);
  const ask = useCallback(
    (request: Parameters<Extract<typeof token, (...args: never) => unknown>>[0]) => {
      const { current } = latest;
      if (typeof current !== 'function')
        throw new Error('unable to get a token; there is no function any more');
      return current(request);
    },
    [latest],
  );
  const source = typeof token === 'function' ? ask : token;
  const { id, name } = user;
  // The function that made the rooms makes those to come as well: another function makes no other rooms.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const chat = useMemo(
    () =>
      chatFor({
        token: source,
        session,
        user: id === undefined ? { name } : { id, name },
        cache,
        createRoom,
      }),
    [source, session, id, name, cache],
  );
  return createElement(ChatContext.Provider, { value: chat }, children);
}

/** Either the `name` of a room, inside a {@link ChatProvider}, or a `room` of the app's own. */
export type RoomProviderProps = { children?: ReactNode | undefined } & (
  | { name: string; options?: RoomExtras | undefined; room?: undefined }
  | { room: ChatRoom | string; options?: RoomExtras | undefined; name?: undefined }
);

/**
 * Joins a room for the components inside, unless the app has joined it, and leaves it some three seconds after the last one
 * is gone. `options` count when the room is named for the first time.
 *
 * Throws a `ChatError` `invalid-argument` when the name is not that of a room.
 */
export function RoomProvider({
  name,
  room: given = name,
  options,
  children,
}: RoomProviderProps): FunctionComponentElement<ProviderProps<ChatRoom | undefined>> {
  const chat = useContext(ChatContext);
  // Options may be a new object with each rendering.
  // biome-ignore lint/correctness/useExhaustiveDependencies: see above
  const room = useMemo(() => {
    if (typeof given !== 'string') return given;
    if (chat === undefined) throw outside('RoomProvider', 'ChatProvider');
    return chat.room(given, options);
  }, [chat, given]);
  useEffect(() => room && uiOf(room).use(), [room]);
  return createElement(RoomContext.Provider, { value: room }, children);
}

/** The room of the {@link RoomProvider} around: the same object until its name changes. */
export function useRoom(): ChatRoom {
  const room = useContext(RoomContext);
  if (room === undefined) throw outside('useRoom', 'RoomProvider');
  return room;
}

export function useRoomUi(): RoomUi {
  return uiOf(useRoom());
}

/** The chat of the {@link ChatProvider} around. */
export function useChat(hook: string): Chat {
  const chat = useContext(ChatContext);
  if (chat === undefined) throw outside(hook, 'ChatProvider');
  return chat;
}

function outside(what: string, provider: string): Error {
  return new Error(`unable to use ${what}; there is no ${provider} around it`);
}
