import type { JsonValue } from '../messages/message.js';

/** The user, the cache, the room, whether it is a record or a shared value, and its own key. */
export type Key = [user: string, cache: string, room: string, kind: 'record' | 'value', key: string];

/** An entry of the database. */
export interface Entry {
  /** The session that a record belongs to. */
  owner?: string;
  value: JsonValue;
}

const STORE = 'entries';

/** The one table of the database. */
export class Database {
  readonly #name: string;
  #opening: Promise<IDBDatabase> | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** Runs `work` in one transaction; resolves with what it returned once everything is written. */
  async run<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => T): Promise<T> {
    this.#opening ??= this.#open();
    const database = await this.#opening.catch((problem: unknown) => {
      this.#opening = undefined;
      throw problem;
    });
    return new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const result = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(result);
      transaction.onabort = () => reject(transaction.error ?? new Error('the transaction was aborted'));
    });
  }

  /** The entries below a prefix of the key. */
  async read(prefix: Partial<Key>): Promise<[Key, Entry][]> {
    const found = await this.run('readonly', (store) => {
      const range = below(prefix);
      return { keys: store.getAllKeys(range), entries: store.getAll(range) };
    });
    const entries = found.entries.result as Entry[];
    return (found.keys.result as unknown as Key[]).flatMap((key, index): [Key, Entry][] => {
      const entry = entries[index];
      return entry === undefined ? [] : [[key, entry]];
    });
  }

  #open(): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(this.#name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        const forget = () => {
          this.#opening = undefined;
        };
        // The user wiped it, or a later version of the library waits to take it over.
        database.onclose = forget;
        database.onversionchange = () => {
          forget();
          database.close();
        };
        resolve(database);
      };
    });
  }
}

/** Arrays sort behind everything that a key may hold. */
export function below(prefix: Partial<Key>): IDBKeyRange {
  return IDBKeyRange.bound(prefix, [...prefix, []]);
}
