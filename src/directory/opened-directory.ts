import type { DirectoryContext } from '../session/chat-session.js';
import { asChatError } from '../shared/as-chat-error.js';
import { CONNECTION_BACKOFF } from '../shared/backoff.js';
import type { Scheduler } from '../shared/clock.js';
import { type ChatError, unable } from '../shared/errors.js';
import { neverComes } from '../shared/never-comes.js';
import { retry } from '../shared/retry.js';
import { Troubles } from '../sync/troubles.js';
import type { TopicItem } from '../transport/transport.js';
import type { DirectoryState, Stored } from './directory-state.js';
import type { DirectoryStore } from './directory-store.js';
import { followDirectory } from './directory-streams.js';
import { RoomHeads } from './room-heads.js';
import type { RoomLink } from './room-link.js';
import type { RoomList } from './room-list.js';

/** A first reading that has not succeeded after so long fails the opening (milliseconds). */
const OPEN_PATIENCE_MS = 15_000;

export interface OpenedDirectoryOptions {
  context: DirectoryContext;
  clock: Scheduler;
  link: RoomLink;
  state: DirectoryState;
  store: DirectoryStore;
  list: RoomList;
  onItem(item: TopicItem): void;
  /** The companion app has a room. */
  onName(room: string): void;
  /** Storage was read. */
  onRead(stored: Stored): void;
}

/** One time between `open()` and `close()`: it listens, and reads again whenever events may have been missed. */
export class OpenedDirectory {
  readonly heads: RoomHeads;
  /** Whether the first reading is done. */
  ready = false;
  readonly #options: OpenedDirectoryOptions;
  readonly #life = new AbortController();
  readonly #troubles: Troubles;
  /** Something was reported since the last attempt to read. */
  #troubled = false;
  #reading = false;
  #again = false;

  constructor(options: OpenedDirectoryOptions) {
    const { context, clock, list } = options;
    const { cache, rooms, openReader } = context;
    const { signal } = this;
    this.#options = options;
    this.#troubles = new Troubles((error) => context.emit('error', error));
    this.heads = new RoomHeads({
      cache,
      scheduler: clock,
      signal,
      openConnection: openReader,
      userId: () => [...rooms.joined].map((room) => room.userId()).find((id) => id !== undefined),
      onHead: (room, head) => list.setHead(room, head),
      onError: (error) => this.report(error),
    });
  }

  get signal(): AbortSignal {
    return this.#life.signal;
  }

  /** Resolves when it listens and has read what is stored. Rejects with a ChatError. */
  async start(): Promise<void> {
    const { context, link, onItem, onName } = this.#options;
    const { signal } = this;
    const onTrouble = (error: ChatError) => this.report(error);
    for (const event of context.listened())
      if (event !== 'rooms' && event !== 'error') onTrouble(neverComes(event));
    await link.attach(onTrouble);
    await followDirectory({
      ...context,
      ...{ connection: link.connection, signal, onItem, onName, onTrouble },
      onMissed: () => this.#resync(),
      onFailed: (error) => {
        if (this.ready) {
          this.#giveUp(error);
          return;
        }
        this.report(error);
        this.end(error);
      },
    });
    await this.#read(OPEN_PATIENCE_MS);
    if (signal.aborted) throw directoryClosed();
    this.ready = true;
    this.#options.list.begin();
  }

  /** Does what had to wait until it was {@link ready}. */
  goOn(): void {
    if (this.#again) this.#resync();
  }

  end(reason: ChatError): void {
    this.#life.abort(reason);
  }

  /** Emits `error`, once for each code and text until all is well again. */
  report(error: ChatError): void {
    if (this.signal.aborted || error.code === 'closed') return;
    this.#troubled = true;
    this.#troubles.tell(error);
  }

  /** Emits why in any case, and closes. It can be opened anew. */
  #giveUp(error: ChatError): void {
    const { emit, rooms } = this.#options.context;
    if (this.signal.aborted) return;
    if (error.code !== 'closed') emit('error', error);
    void rooms.shut();
  }

  /** Events may have been missed: everything is read again, once for all that asked meanwhile. */
  #resync(): void {
    this.#again = true;
    if (!this.ready || this.#reading) return;
    this.#read().catch((problem: unknown) => this.#giveUp(asChatError('read the directory', problem)));
  }

  async #read(patienceMs?: number): Promise<void> {
    const { clock, state, store, list, onRead } = this.#options;
    const { signal } = this;
    this.#reading = true;
    try {
      do {
        this.#again = false;
        await retry(
          async () => {
            state.begin();
            this.#troubled = false;
            const stored = await store.read(signal);
            if (signal.aborted) return;
            state.take(stored);
            onRead(stored);
            if (!this.#troubled) this.#troubles.over();
          },
          {
            scheduler: clock,
            signal,
            backoff: CONNECTION_BACKOFF,
            onTrouble: (error) => this.report(error),
            ...(patienceMs === undefined ? {} : { patienceMs }),
          },
        );
        this.heads.keep(new Set(list.refresh()));
      } while (this.#again && this.ready);
    } finally {
      this.#reading = false;
    }
  }
}

export function directoryClosed(): ChatError {
  return unable('closed', 'go on', 'the directory was closed');
}
