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
  /** Does something with a room, of which nothing is left behind once it is empty. */
  const at = <T>({ user, cache, room }: StoragePlace, act: (room: Room) => T): T => {
    const key = JSON.stringify([user, cache, room]);
    const found = rooms.get(key) ?? { user, records: new Map(), values: new Map(), sessions: new Map() };
    const result = act(found);
    const { records, values, sessions } = found;
    if (records.size + values.size + sessions.size > 0) rooms.set(key, found);
    else rooms.delete(key);
    return result;
  };
  return {
    maxAgeMs,
    async open(place, adopt): Promise<StorageSession> {
      const owner = {};
      at(place, (room) => {
        room.sessions.set(owner, adopt);
        handOver(room);
      });
      return {
        exclusive: true,
        async put(key, record) {
          at(place, ({ records }) => records.set(key, { owner, record: structuredClone(record) }));
        },
        async remove(key) {
          at(place, ({ records }) => records.delete(key));
        },
        async close() {
          at(place, (room) => {
            room.sessions.delete(owner);
            handOver(room);
          });
        },
      };
    },
    async get(place, name) {
      return at(place, ({ values }) => values.get(name));
    },
    async set(place, name, value) {
      at(place, ({ values }) => (value === undefined ? values.delete(name) : values.set(name, value)));
    },
    async clear(userId) {
      for (const [key, { user, records, values, sessions }] of rooms) {
        if (userId !== undefined && user !== userOf(userId)) continue;
        records.clear();
        values.clear();
        if (sessions.size === 0) rooms.delete(key);
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
