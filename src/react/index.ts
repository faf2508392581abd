'use client';

export type { ChatOptions, RoomExtras } from '../ui/chat.js';
export type { DraftState } from '../ui/draft.js';
export type { Connection, PresenceState, RoomActions } from '../ui/room-ui.js';
export type { ThreadActions, ThreadState } from '../ui/thread-ui.js';
export type { TypingState } from '../ui/typing-state.js';
export {
  type Pinned,
  type Presence,
  type RoomConnection,
  type RoomDraft,
  type Signals,
  type Typing,
  type UnreadMessages,
  useConnection,
  useDraft,
  useMarkRead,
  useMembers,
  usePinned,
  usePresence,
  useReceipts,
  useSignal,
  useTyping,
  useUnread,
} from './hooks.js';
export { type Messages, useMessage, useMessages } from './messages.js';
export {
  ChatProvider,
  type ChatProviderProps,
  RoomProvider,
  type RoomProviderProps,
  useRoom,
} from './providers.js';
export { type Rooms, useRooms } from './rooms.js';
export { type Thread, useThread } from './thread.js';
