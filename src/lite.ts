export type { SendPolicy } from './delivery/send-policy.js';
export type { PresenceFace, Read } from './features/faces.js';
export type { MayDelete } from './features/feature.js';
export type { Member, PresenceChange } from './features/presence-state.js';
export type { Unread } from './features/read-state.js';
export type { EditOptions } from './features/revision.js';
export type { Signal } from './features/signals.js';
export type { RoomTyping } from './features/typing.js';
export { ChatRoom } from './lite-room.js';
export { ChatSession } from './lite-session.js';
export type {
  ChatUser,
  Jsonable,
  JsonObject,
  JsonValue,
  Message,
  Quote,
  Reaction,
} from './messages/message.js';
export type { ChatRoomEvents, Gap, RoomStatus, StatusReason } from './room/events.js';
export type { ChatRoomOptions, HistoryOptions } from './room/options.js';
export type { ChatSessionOptions } from './session/chat-session.js';
export type { TokenRequest, TokenSource } from './session/token-source.js';
export { ChatError, type ChatErrorCode } from './shared/errors.js';
export type { VendedToken } from './shared/vended-token.js';
export type { LossReason } from './sync/subscription.js';
export type {
  CacheClientLike,
  CollectionTtlLike,
  ResponseLike,
  SubscribeOptionsLike,
  TopicClientLike,
  TopicItemLike,
} from './transport/client-types.js';
