import type { JsonObject, JsonValue } from '../messages/message.js';

/** The key that everything is kept under: one user in one room. */
export interface StoragePlace {
  /** `=` and the id of the user, or `~` and the name of one without an id. */
  readonly user: string;
  readonly cache: string;
  readonly room: string;
}

/** Records by their keys. */
export type StoredRecords = ReadonlyMap<string, JsonObject>;

/**
 * A place on the device where a room keeps what must survive a closed page: unsent messages, changes that are not stored
 * yet, drafts and hidden users. `indexedDb()` is one; an app may give its own, such as one over SQLite. Every value is
 * JSON and holds no token. A rejection never stops a room: it is told of once, and the room goes on without.
 */
export interface ChatStorage {
  /** Milliseconds after which a record is too old to be sent. Default 86,400,000, a day. */
  readonly maxAgeMs?: number | undefined;
  /**
   * Begins a session. An entry that a session put and did not remove when it ended, by `close()` or with its page, belongs to
   * nobody: exactly one session of the same place takes it over and is told of it by `adopt`, be it when it begins or
   * later on.
   */
  open(place: StoragePlace, adopt: (records: StoredRecords) => void): Promise<StorageSession>;
  /** Reads a value that all sessions of the place share. */
  get(place: StoragePlace, name: string): Promise<JsonValue | undefined>;
  /** Writes a value that all sessions of the place share; undefined removes it. */
  set(place: StoragePlace, name: string, value: JsonValue | undefined): Promise<void>;
  /** Wipes everything of a user by their id, as at sign-out; of everybody when no id is given. */
  clear(userId?: string): Promise<void>;
}

/** The records of one joined room on one page. Calls take effect in the order in which they are made. */
export interface StorageSession {
  /** False where two living sessions may hold the same record: then both may send it, with the same bytes. */
  readonly exclusive: boolean;
  /** Keeps a record in place of the one with this key; it belongs to this session from then on. */
  put(key: string, record: JsonObject): Promise<void>;
  /** Removes the record, whichever session it belongs to. */
  remove(key: string): Promise<void>;
  /** Ends the session: its records are for others. */
  close(): Promise<void>;
}

/** Options of a storage. */
export interface StorageOptions {
  /** See {@link ChatStorage.maxAgeMs}. */
  maxAgeMs?: number | undefined;
}

/** The part of a place that {@link ChatStorage.clear} wipes. */
export function userOf(userId: string): string {
  return `=${userId}`;
}
