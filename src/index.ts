export { ChatRoom } from './chat-room.js';
export { ChatError, type ChatErrorCode } from './errors.js';
export type { ChatRoomEvents, Gap, RoomStatus, StatusReason } from './events.js';
export type { ChatRoomOptions, HistoryOptions } from './options.js';
export type { ChatUser, Jsonable, JsonObject, JsonValue, Message } from './room/message.js';
export type { SendPolicy } from './room/send-policy.js';
export { ChatSession, type ChatSessionOptions } from './session/chat-session.js';
export type {
  CacheClientLike,
  CollectionTtlLike,
  ResponseLike,
  SubscribeOptionsLike,
  TopicClientLike,
  TopicItemLike,
} from './session/clients.js';
export type { LossReason } from './session/supervised-subscription.js';
export type { TokenRequest, TokenSource } from './session/token-source.js';
export type { VendedToken } from './vended-token.js';
