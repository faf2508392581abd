import { userKey } from '../features/user-key.js';
import type { ChatUser, JsonObject, JsonValue } from '../messages/message.js';
import { type Scheduler, systemScheduler, withTimeout } from '../shared/clock.js';
import { type ChatError, unable } from '../shared/errors.js';
import type { ChatStorage, StoragePlace, StorageSession, StoredRecords } from '../storage/chat-storage.js';
import type { CheckedOptions } from './options.js';

/** A storage that takes longer is not waited for (milliseconds). */
export const PATIENCE_MS = 2000;
/** A storage that has not answered by then is told of as one that fails, and its values cannot be read (milliseconds). */
const ANSWER_MS = 15_000;
const HIDDEN = 'hidden';

/**
 * All that a room keeps on the device. A message and its sending never wait for it, except for an edit before it has left;
 * where the storage fails, that is told of once.
 */
export class StoredRoom {
  /** The records that this session holds. */
  readonly records = new Map<string, JsonObject>();
  /** Changes of earlier pages that are being made again. Their records are kept until that has ended. */
  readonly replaying = new Set<JsonObject>();
  readonly #storage: ChatStorage;
  readonly #options: Pick<CheckedOptions, 'cache' | 'room' | 'user'>;
  readonly #onError: (error: ChatError) => void;
  #user: ChatUser;
  /** The clock of messages, once there is one. */
  #clock: Scheduler;
  #session: Promise<StorageSession | undefined> = Promise.resolve(undefined);
  /** Ends with the session. */
  #life: AbortController | undefined;
  #exclusive = false;
  #keepsNothing = false;
  #wasBegun = false;
  /** Whether what earlier sessions left was taken over. */
  #isOpen = false;
  /** The last of the writes, which are made one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  /** The last of the readings and writes of the list of hidden users, which are made one after the other. */
  #hiding: Promise<unknown> = Promise.resolve();
  /** Users who were hidden, or shown again, which is not stored yet. */
  readonly #unstored = new Map<string, boolean>();
  /** The writes of values. */
  #saving: Promise<unknown> = Promise.resolve();
  #told = false;
  readonly #values = new Map<string, JsonValue | undefined>();
  /** Keys of records that were removed while this session did not hold them, or was not open yet. */
  readonly #unwanted = new Set<string>();
  /** Those of them that were held before it was open: another tab may leave the like later on. */
  readonly #early = new Set<string>();

  constructor(
    storage: ChatStorage,
    options: Pick<CheckedOptions, 'cache' | 'room' | 'user' | 'environment'>,
    onError: (error: ChatError) => void,
  ) {
    this.#storage = storage;
    this.#options = options;
    this.#onError = onError;
    this.#user = options.user;
    this.#clock = options.environment?.scheduler ?? systemScheduler;
  }

  get room(): string {
    return this.#options.room;
  }

  get maxAgeMs(): number {
    return this.#storage.maxAgeMs ?? 86_400_000;
  }

  /** Begins a session; `adopt` is told of what earlier ones left. */
  begin(user: ChatUser, clock: Scheduler, adopt: (records: StoredRecords) => void): void {
    const life = new AbortController();
    this.#user = user;
    this.#clock = clock;
    this.#life = life;
    this.#wasBegun = true;
    this.#exclusive = false;
    this.#keepsNothing = false;
    this.#session = this.#try(async () => {
      // A storage may call back at once: the session must be there for what that writes.
      await undefined;
      const session = await this.#storage.open(this.#place, (records) => {
        if (life.signal.aborted) return;
        // The user may have gone on meanwhile.
        const isWanted = (key: string, { at }: JsonObject) =>
          !this.#unwanted.has(key) && Number(at) > Number(this.records.get(key)?.at ?? -1);
        const wanted = new Map([...records].filter(([key, record]) => isWanted(key, record)));
        for (const [key, record] of wanted) this.records.set(key, record);
        adopt(wanted);
      });
      if (this.#life === life) this.#exclusive = session.exclusive;
      return session;
    });
    void this.#session.then((session) => {
      if (this.#life !== life) return;
      this.#keepsNothing = session === undefined;
      this.#isOpen = true;
      for (const key of this.#early) this.#unwanted.delete(key);
      this.#early.clear();
    });
  }

  /** Ends the session: others may take over what is left. */
  async end(): Promise<void> {
    if (this.#life === undefined) return;
    this.#life.abort();
    this.#life = undefined;
    this.#isOpen = false;
    this.records.clear();
    const session = this.#session;
    this.#session = Promise.resolve(undefined);
    const patience = { ms: PATIENCE_MS, scheduler: this.#clock };
    const closed = this.#last.then(async () => (await session)?.close()).catch(() => {});
    // A write that never ends is no reason to keep nothing in the next session.
    const last = withTimeout(closed, patience);
    this.#last = last;
    // A wipe that follows is to find all of it written.
    const settled = last.then(() => this.#hiding).then(() => this.#saving);
    await withTimeout(settled, patience);
  }

  get clock(): Scheduler {
    return this.#clock;
  }

  /** Whether another page may hold the same message, and send it. */
  get isShared(): boolean {
    return !this.#exclusive && !this.#keepsNothing;
  }

  /** Whether the storage failed before anything was kept. */
  get keepsNothing(): boolean {
    return this.#keepsNothing;
  }

  /** Whether the app gave the user's id; else each token may bring another. */
  get hasId(): boolean {
    return this.#options.user.id !== undefined;
  }

  /** Whether it is known who the user is: an id may come with the first token. */
  get isKnown(): boolean {
    return this.hasId || this.#wasBegun;
  }

  /** Resolves with whether it is kept. */
  put(key: string, record: JsonObject): Promise<boolean> {
    this.records.set(key, record);
    this.#unwanted.delete(key);
    return this.#write((session) => session.put(key, record));
  }

  /** Removes the record, be it that the session which held it has ended, or that it is still to be taken over. */
  remove(key: string): void {
    const isHeld = this.records.delete(key);
    if (!isHeld || !this.#isOpen) this.#unwanted.add(key);
    if (isHeld && !this.#isOpen) this.#early.add(key);
    if (this.#life !== undefined) void this.#write((session) => session.remove(key));
    else if (!isHeld) this.#last = this.#last.then(() => this.#removeLate(key));
  }

  /** Removes the record, unless another has taken its place. */
  forget(key: string, record: JsonObject): void {
    if (this.records.get(key) === record) this.remove(key);
  }

  report(error: ChatError): void {
    this.#onError(error);
  }

  async flushed(): Promise<void> {
    await withTimeout(this.#last, { ms: PATIENCE_MS, scheduler: this.#clock });
  }

  /** Rejects with a ChatError where nothing is known of it. */
  async draft(thread = ''): Promise<string> {
    const name = `draft ${thread}`;
    const value = this.#values.get(name);
    const read = this.#values.has(name) ? { value } : this.isKnown && (await this.#read(name));
    if (!read) throw unable('storage-unavailable', 'load the draft', 'nothing is known of what is stored');
    return typeof read.value === 'string' ? read.value : '';
  }

  async setDraft(text: string, thread = ''): Promise<void> {
    await this.#setValue(`draft ${thread}`, text === '' ? undefined : text);
  }

  hide(userId: string, isHidden: boolean): void {
    this.#unstored.set(userId, isHidden);
    void this.hidden();
  }

  /** Stores who was hidden, or shown again, and gives the ids of all to `add`, however late. Resolves then, or when that takes too long. */
  async hidden(add?: (ids: Iterable<string>) => void): Promise<void> {
    if (!this.isKnown) return;
    const storing = this.#hiding.then(async () => {
      // Another tab may have hidden others.
      const read = await this.#read(HIDDEN);
      // A list that cannot be read must not be overwritten.
      if (read === undefined) return;
      const hidden = new Set(idsOf(read.value));
      const changes = [...this.#unstored];
      for (const [id, isHidden] of changes) hidden[isHidden ? 'add' : 'delete'](id);
      add?.(hidden);
      if (changes.length === 0) return;
      if (!(await this.#setValue(HIDDEN, hidden.size === 0 ? undefined : [...hidden]))) return;
      for (const [id, isHidden] of changes)
        if (this.#unstored.get(id) === isHidden) this.#unstored.delete(id);
    });
    this.#hiding = storing;
    await withTimeout(storing, { ms: PATIENCE_MS, scheduler: this.#clock });
  }

  get #place(): StoragePlace {
    const { cache, room } = this.#options;
    return { user: userKey(this.#user), cache, room };
  }

  /** Undefined where the storage fails, or takes too long. */
  #read(name: string): Promise<{ value: JsonValue | undefined } | undefined> {
    const reading = this.#try(async () => ({ value: await this.#storage.get(this.#place, name) }));
    return withTimeout<{ value: JsonValue | undefined } | undefined>(reading, {
      ms: ANSWER_MS,
      scheduler: this.#clock,
    });
  }

  /** Writes the last of several values that come while one is being written. Resolves with whether this call stored it. */
  async #setValue(name: string, value: JsonValue | undefined): Promise<boolean> {
    if (!this.isKnown) return false;
    const isBusy = this.#values.has(name);
    this.#values.set(name, value);
    if (isBusy) return false;
    const writing = this.#writeValue(this.#place, name);
    this.#saving = Promise.all([this.#saving, writing]);
    return writing;
  }

  async #writeValue(place: StoragePlace, name: string): Promise<boolean> {
    let isStored: boolean;
    for (;;) {
      const next = this.#values.get(name);
      isStored = (await this.#try(() => this.#storage.set(place, name, next).then(() => true))) === true;
      if (this.#values.get(name) === next) break;
    }
    this.#values.delete(name);
    return isStored;
  }

  #write(work: (session: StorageSession) => Promise<void>): Promise<boolean> {
    const session = this.#session;
    const written = this.#last.then(async () => {
      const open = await session;
      return open !== undefined && (await this.#try(() => work(open).then(() => true))) === true;
    });
    this.#last = written;
    return written;
  }

  /** Removes a record while there is no session. */
  async #removeLate(key: string): Promise<void> {
    await this.#try(async () => {
      const session = await this.#storage.open(this.#place, () => {});
      await session.remove(key).finally(() => session.close());
    });
  }

  async #try<T>(work: () => Promise<T>): Promise<T | undefined> {
    // An answer that comes later is taken all the same.
    const cancel = this.#clock.after(ANSWER_MS, () => this.#tell(), { background: true });
    try {
      return await work();
    } catch (cause) {
      this.#tell(cause);
      return undefined;
    } finally {
      cancel();
    }
  }

  #tell(cause?: unknown): void {
    if (this.#told) return;
    this.#told = true;
    const why = 'its storage fails or does not answer, and they may be lost with the page';
    this.report(unable('storage-unavailable', 'keep unsent messages on this device', why, { cause }));
  }
}

function idsOf(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((id) => typeof id === 'string') : [];
}
