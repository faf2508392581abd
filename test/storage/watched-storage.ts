import type { ChatStorage } from 'momento-chat/storage';

export interface WatchedStorage extends ChatStorage {
  /** The user and the key of each record that is kept. */
  readonly kept: Set<string>;
  /** How many sessions of it are open. */
  readonly sessions: number;
}

export function watchedStorage(inner: ChatStorage): WatchedStorage {
  const kept = new Set<string>();
  let sessions = 0;
  return {
    ...inner,
    kept,
    get sessions() {
      return sessions;
    },
    open: async (place, adopt) => {
      const session = await inner.open(place, adopt);
      sessions += 1;
      return {
        ...session,
        put: (key, record) => {
          kept.add(`${place.user} ${key}`);
          return session.put(key, record);
        },
        remove: (key) => {
          kept.delete(`${place.user} ${key}`);
          return session.remove(key);
        },
        close: () => {
          sessions -= 1;
          return session.close();
        },
      };
    },
  };
}
