export type { JsonObject, JsonValue } from '../messages/message.js';
export type {
  ChatStorage,
  StorageOptions,
  StoragePlace,
  StorageSession,
  StoredRecords,
} from './chat-storage.js';
export { type IndexedDbOptions, indexedDb } from './indexed-db.js';
export { memoryStorage } from './memory-storage.js';
