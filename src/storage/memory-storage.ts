import type { JsonObject, JsonValue } from '../messages/message.js';
import {
  type ChatStorage,
  type StorageOptions,
  type StoragePlace,
  type StorageSession,
  userOf,
} from './chat-storage.js';

interface Room {
  readonly user: string;
  readonly records: Map<string, { owner: object; record: JsonObject }>;
  readonly values: Map<string, JsonValue>;
  readonly sessions: Map<object, (records: ReadonlyMap<string, JsonObject>) => void>;
}

/**
 * Keeps everything in the memory of the process: for bots that open and leave rooms, and for tests.
 *
 * @example
 * ```ts
 * const storage = memoryStorage();
 * const room = new ChatRoom({ room: 'lobby', user: { id: 'bot', name: 'Bot' }, token, storage });
 * ```
 */
export function memoryStorage({ maxAgeMs }: StorageOptions = {}): ChatStorage {
  const rooms = new Map<string, Room>();
  const roomAt = ({ user, cache, room }: StoragePlace): Room => {
    const key = JSON.stringify([user, cache, room]);
    const found = rooms.get(key) ?? { user, records: new Map(), values: new Map(), sessions: new Map() };
    rooms.set(key, found);
    return found;
  };
  return {
    maxAgeMs,
    async open(place, adopt): Promise<StorageSession> {
      const room = roomAt(place);
      const owner = {};
      room.sessions.set(owner, adopt);
      handOver(room);
      return {
        exclusive: true,
        async put(key, record) {
          room.records.set(key, { owner, record: structuredClone(record) });
        },
        async remove(key) {
          room.records.delete(key);
        },
        async close() {
          room.sessions.delete(owner);
          handOver(room);
        },
      };
    },
    async get(place, name) {
      return roomAt(place).values.get(name);
    },
    async set(place, name, value) {
      if (value === undefined) roomAt(place).values.delete(name);
      else roomAt(place).values.set(name, value);
    },
    async clear(userId) {
      for (const { user, records, values } of rooms.values()) {
        if (userId !== undefined && user !== userOf(userId)) continue;
        records.clear();
        values.clear();
      }
    },
  };
}

/** Gives what belongs to nobody to the session that is open longest. */
function handOver({ records, sessions }: Room): void {
  const [heir] = sessions;
  if (heir === undefined) return;
  const [owner, adopt] = heir;
  const orphans = [...records].filter(([, record]) => !sessions.has(record.owner));
  for (const [key, { record }] of orphans) records.set(key, { owner, record });
  if (orphans.length > 0) adopt(new Map(orphans.map(([key, { record }]) => [key, structuredClone(record)])));
}
