import type { ChatStorage, StorageSession } from 'momento-chat/storage';

/** A tab's way to a storage that outlives it. */
export interface MortalStorage extends ChatStorage {
  /** `refuses`: every write rejects, as a full disk does; `hangs`: no call ever settles. */
  fault: 'refuses' | 'hangs' | undefined;
  /** Right before its next write but so many, the tab is gone. */
  doomed: number | undefined;
  /** Called then. */
  onDeath: () => void;
  /** The tab is gone from one moment to the next: nothing is written any more, and its locks are free. */
  die(): void;
}

/** A storage as one tab has it: the tab may die at any step, and its disk may fail. */
export function mortalStorage(storage: ChatStorage): MortalStorage {
  const sessions = new Set<StorageSession>();
  let dead = false;
  const never = () => new Promise<never>(() => {});
  const write = async (work: () => Promise<void>): Promise<void> => {
    if (mortal.doomed === 0) mortal.onDeath();
    else if (mortal.doomed !== undefined) mortal.doomed -= 1;
    await through(work);
  };
  const through = async <T>(work: () => Promise<T>): Promise<T> => {
    if (dead || mortal.fault === 'hangs') return never();
    if (mortal.fault === 'refuses') throw new DOMException('the quota is exceeded', 'QuotaExceededError');
    const result = await work();
    return dead ? never() : result;
  };
  const mortal: MortalStorage = {
    maxAgeMs: storage.maxAgeMs,
    fault: undefined,
    doomed: undefined,
    onDeath: () => mortal.die(),
    die() {
      dead = true;
      for (const session of sessions) void session.close();
    },
    open: (place, adopt) =>
      through(async () => {
        const session = await storage.open(place, (records) => dead || adopt(records));
        sessions.add(session);
        if (dead) await session.close();
        return {
          exclusive: session.exclusive,
          put: (key, record) => write(() => session.put(key, record)),
          remove: (key) => write(() => session.remove(key)),
          close: async () => {
            sessions.delete(session);
            await session.close();
          },
        };
      }),
    get: (place, name) => through(() => storage.get(place, name)),
    set: (place, name, value) => through(() => storage.set(place, name, value)),
    clear: (userId) => through(() => storage.clear(userId)),
  };
  return mortal;
}
