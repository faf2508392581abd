export type { SendPolicy } from './delivery/send-policy.js';
export type { PresenceFace, Read } from './features/faces.js';
export type { MayDelete } from './features/feature.js';
export type { FileStore, OwnFileStore, UploadOptions } from './features/file-store.js';
export type { Member, PresenceChange } from './features/member.js';
export type { SearchResults } from './features/message-search.js';
export type { Unread } from './features/read-state.js';
export type { EditOptions } from './features/revision.js';
export type { Signal, SignalOptions } from './features/signals.js';
export type { RoomTyping } from './features/typing.js';
export type {
  ChatUser,
  FileRef,
  Jsonable,
  JsonObject,
  JsonValue,
  Message,
  Quote,
  Reaction,
  ThreadSummary,
} from './messages/message.js';
export type { ChatThread } from './room/chat-thread.js';
export type { ChatRoomEvents, Gap, RoomStatus, StatusReason } from './room/events.js';
export type { FeatureName } from './room/feature-name.js';
export type { ChatRoomOptions, HistoryOptions } from './room/options.js';
export type { ReplyOptions, SendOptions } from './room/send-options.js';
export type { ChatThreadEvents, ThreadRead, ThreadUnread } from './room/thread-types.js';
export type { ChatSessionOptions } from './session/chat-session.js';
export type {
  ChatSessionEvents,
  CompanionOptions,
  RoomDirectory,
  RoomPreview,
  RoomSummary,
} from './session/room-directory.js';
export type { TokenRequest, TokenSource } from './session/token-source.js';
export type { ChatErrorCode } from './shared/errors.js';
export type { ChatLogger, LogDetails } from './shared/logger.js';
export type { ChatStats } from './shared/stats.js';
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
