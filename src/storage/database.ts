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
    // A connection that was closed without a word, as browsers do to pages in the background, is of no use any more.
    const transaction = await this.#begin(mode).catch(() => this.#begin(mode));
    return new Promise<T>((resolve, reject) => {
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

  async #begin(mode: IDBTransactionMode): Promise<IDBTransaction> {
    this.#opening ??= this.#open();
    const opening = this.#opening;
    try {
      return (await opening).transaction(STORE, mode);
    } catch (problem) {
      this.#forget(opening);
      throw problem;
    }
  }

  #forget(opening: Promise<IDBDatabase>): void {
    if (this.#opening === opening) this.#opening = undefined;
  }

  #open(): Promise<IDBDatabase> {
    const opening = new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(this.#name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const database = request.result;
        // The user wiped it, or a later version of the library waits to take it over.
        database.onclose = () => this.#forget(opening);
        database.onversionchange = () => {
          this.#forget(opening);
          database.close();
        };
        resolve(database);
      };
    });
    return opening;
  }
}

/** Arrays sort behind everything that a key may hold. */
export function below(prefix: Partial<Key>): IDBKeyRange {
  return IDBKeyRange.bound(prefix, [...prefix, []]);
}
