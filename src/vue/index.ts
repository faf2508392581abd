export type { ChatOptions, RoomExtras } from '../ui/chat.js';
export type { PresenceState, RoomActions } from '../ui/room-ui.js';
export { ChatProvider, provideChat, provideRoom, RoomProvider, type RoomSource, useRoom } from './chat.js';
export {
  type Members,
  type Messages,
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
  useMessage,
  useMessages,
  usePinned,
  usePresence,
  useReceipts,
  useSignal,
  useTyping,
  useUnread,
} from './composables.js';
export { type Rooms, useRooms } from './rooms.js';
export { type Thread, useThread } from './thread.js';
