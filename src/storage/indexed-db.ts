import type { JsonObject } from '../messages/message.js';
import { invalidArgument } from '../shared/errors.js';
import {
  type ChatStorage,
  type StorageOptions,
  type StoragePlace,
  type StorageSession,
  type StoredRecords,
  userOf,
} from './chat-storage.js';
import { below, Database, type Entry, type Key } from './database.js';
import { OwnerLocks } from './owner-locks.js';

/** Options of {@link indexedDb}. */
export interface IndexedDbOptions extends StorageOptions {
  /** Name of the database. Default `momento-chat`. */
  name?: string | undefined;
}

/**
 * Keeps unsent messages, changes, drafts and hidden users in the browser's IndexedDB, for as long as `maxAgeMs` (default
 * a day). Tabs agree by Web Locks which of them sends. It opens nothing until a room is joined.
 *
 * @throws `ChatError` `invalid-argument`: `name` is empty, or `maxAgeMs` is not a positive number.
 *
 * @example
 * ```ts
 * import { indexedDb } from 'momento-chat/storage';
 *
 * const storage = indexedDb();
 * const room = new ChatRoom({ room: 'lobby', user: { id: 'ada', name: 'Ada' }, token: '/token', storage });
 * // … when Ada signs out:
 * await storage.clear('ada');
 * ```
 */
export function indexedDb({ name = 'momento-chat', maxAgeMs }: IndexedDbOptions = {}): ChatStorage {
  if (typeof name !== 'string' || name === '')
    throw invalidArgument('create the storage', '`name` must be a string that is not empty');
  if (maxAgeMs !== undefined && !(typeof maxAgeMs === 'number' && maxAgeMs > 0))
    throw invalidArgument('create the storage', '`maxAgeMs` must be a positive number');
  const database = new Database(name);
  return {
    maxAgeMs,
    open: (place, adopt) => openSession(database, name, place, adopt),
    async get(place, key) {
      const found = await database.run('readonly', (store) => store.get(keyOf(place, 'value', key)));
      return (found.result as Entry | undefined)?.value;
    },
    async set(place, key, value) {
      await database.run('readwrite', (store) => {
        if (value === undefined) store.delete(keyOf(place, 'value', key));
        else store.put({ value } satisfies Entry, keyOf(place, 'value', key));
      });
    },
    async clear(userId) {
      await database.run('readwrite', (store) => {
        if (userId === undefined) store.clear();
        else store.delete(below([userOf(userId)]));
      });
    },
  };
}

async function openSession(
  database: Database,
  name: string,
  place: StoragePlace,
  adopt: (records: StoredRecords) => void,
): Promise<StorageSession> {
  const { user, cache, room } = place;
  const owner = crypto.randomUUID?.() ?? `${Math.random()}`;
  const prefix = `${name} ${JSON.stringify([user, cache, room])}`;
  const isEnded = async (owners: ReadonlySet<string>) => locks?.ended(owners) ?? owners;
  /** Takes over the records of sessions that have ended. */
  const takeOver = async (): Promise<void> => {
    const records = await database.read([user, cache, room, 'record']);
    const others = new Set(records.flatMap(([, { owner: other = '' }]) => (other === owner ? [] : [other])));
    // Asked after the reading: a session has its lock before it writes anything.
    const ended = await isEnded(others);
    const orphans = records.filter(([, entry]) => ended.has(entry.owner ?? ''));
    if (orphans.length === 0) return;
    const taken = new Map<string, JsonObject>();
    await database.run('readwrite', (store) => {
      for (const [key, before] of orphans) {
        const found = store.get(key);
        found.onsuccess = () => {
          const entry = found.result as Entry | undefined;
          if (entry === undefined || entry.owner !== before.owner) return;
          store.put({ ...entry, owner }, key);
          taken.set(key[4], entry.value as JsonObject);
        };
      }
    });
    if (taken.size > 0) adopt(taken);
  };
  // There are none on pages without TLS, and in old browsers.
  const manager = globalThis.navigator?.locks as LockManager | undefined;
  const locks: OwnerLocks | undefined =
    manager &&
    new OwnerLocks(prefix, manager, () => {
      takingOver = locks?.alone(takeOver).catch(() => {});
    });
  let takingOver: Promise<void> | undefined;
  try {
    await locks?.hold(owner);
    await (locks?.alone(takeOver) ?? takeOver());
  } catch (problem) {
    locks?.release();
    throw problem;
  }
  return {
    exclusive: locks !== undefined,
    async put(key, value) {
      await database.run('readwrite', (store) => store.put({ owner, value }, keyOf(place, 'record', key)));
    },
    async remove(key) {
      await database.run('readwrite', (store) => store.delete(keyOf(place, 'record', key)));
    },
    async close() {
      // Records that it is taking over at this moment are to be found by others.
      await takingOver;
      locks?.release();
    },
  };
}

function keyOf({ user, cache, room }: StoragePlace, kind: Key[3], key: string): Key {
  return [user, cache, room, kind, key];
}
