export type { SendPolicy } from './delivery/send-policy.js';
export type { Signal } from './features/signals.js';
export type { ChatUser, Jsonable, JsonObject, JsonValue, Message } from './messages/message.js';
export type { ChatThread, ChatThreadEvents, ReplyOptions, ThreadRead } from './room/chat-thread.js';
export type { ChatRoomEvents, Gap, RoomStatus, StatusReason } from './room/events.js';
export type { ChatRoomOptions, HistoryOptions } from './room/options.js';
export type { ThreadUnread } from './room/thread-engine.js';
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
export { ChatRoom } from './web-room.js';
export { ChatSession } from './web-session.js';
