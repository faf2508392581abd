import type { Connection } from '../session/connection.js';
import { asChatError } from '../shared/as-chat-error.js';
import { type Scheduler, sleep } from '../shared/clock.js';
import type { ChatError } from '../shared/errors.js';
import { featureKey, historyKey } from '../shared/room-address.js';
import { dictionaryGetFields } from '../transport/operations/dictionaries.js';
import { listFetch } from '../transport/operations/lists.js';
import type { CacheInput, Operation } from '../transport/transport.js';
import { isWrongKind } from '../transport/wrong-kind.js';
import { decodeHead, HEAD, headOf, type RoomHead } from './room-head.js';
import { RoomLink } from './room-link.js';
import { RoomPlaces } from './room-places.js';

/** Rooms that have a place on a token at a time, and that wait to be read. */
export const MAX_READ = 50;
/** Rooms that are read at once: as many as share a token, so that they are asked for together. */
const PARALLEL = 5;
/** Between two batches, and between two readings of a room (milliseconds). */
const PAUSE_MS = 100;
const AGAIN_MS = 2000;
/** So many failures in a row are not told. With each the pause is twice as long, up to a minute. */
const MAX_FAILURES = 3;
const MAX_DOUBLINGS = 5;

const ACTION = 'read a room of the directory';

interface ReadRoom {
  readonly link: RoomLink;
  /** When it was read last (monotonic). */
  readAt: number;
  /** Readings in a row that failed. */
  failures: number;
  /** It is not read again before that (milliseconds). */
  pauseMs: number;
}

export interface RoomHeadsOptions {
  cache: string;
  /** Its wall clock is set right by the server's. */
  scheduler: Scheduler;
  signal: AbortSignal;
  openConnection(): Connection;
  /** The user's id where the token has none. */
  userId(): string | undefined;
  /** A room was read. */
  onHead(room: string, head: RoomHead): void;
  onError(error: ChatError): void;
}

/** Reads what a list shows of rooms that are not joined: a few at a time, each as often as it makes sense. */
export class RoomHeads {
  readonly #options: RoomHeadsOptions;
  readonly #places: RoomPlaces;
  /** Those that wait to be read; the one that was asked for last is the last. */
  readonly #queue = new Set<string>();
  /** Those that were read last, in that order. */
  readonly #rooms = new Map<string, ReadRoom>();
  /** Those that the token source or Momento refused: they are not asked for again. */
  readonly #refused = new Set<string>();
  #working = false;
  /** Gives up waiting for a room to be due. */
  #cancel = () => {};

  constructor(options: RoomHeadsOptions) {
    this.#options = options;
    this.#places = new RoomPlaces(options.scheduler);
    options.signal.addEventListener('abort', () => {
      this.#cancel();
      this.keep(new Set());
    });
  }

  /** Has the room read, soon: before those that were asked for earlier. */
  want(room: string): void {
    if (this.#options.signal.aborted || this.#refused.has(room)) return;
    const known = this.#rooms.get(room);
    if (known !== undefined) known.pauseMs = AGAIN_MS;
    this.#queue.delete(room);
    this.#queue.add(room);
    for (const first of this.#queue) {
      if (this.#queue.size <= MAX_READ) break;
      this.#queue.delete(first);
    }
    this.#wake();
  }

  /** Gives back the places of rooms that are of no interest any more. */
  keep(rooms: ReadonlySet<string>): void {
    this.#places.keep(rooms);
    for (const known of [this.#queue, this.#refused])
      for (const room of known) if (!rooms.has(room)) known.delete(room);
    for (const room of this.#rooms.keys()) if (!rooms.has(room)) this.#drop(room);
  }

  #wake(): void {
    if (this.#working) return;
    this.#cancel();
    this.#working = true;
    void this.#work();
  }

  async #work(): Promise<void> {
    const { scheduler, signal } = this.#options;
    // Those that are asked for in the same turn are read together.
    await Promise.resolve();
    while (!signal.aborted) {
      const batch = this.#batch();
      if (batch.size === 0) break;
      for (const room of batch) this.#queue.delete(room);
      await Promise.all([...batch].map((room) => this.#read(room)));
      await sleep(scheduler, PAUSE_MS, signal);
    }
    this.#working = false;
    if (this.#queue.size === 0 || signal.aborted) return;
    const waits = [...this.#queue].map((room) =>
      Math.max(this.#dueMs(room), this.#rooms.has(room) ? 0 : this.#places.waitMs(room)),
    );
    this.#cancel = scheduler.after(Math.max(PAUSE_MS, Math.min(...waits)), () => this.#wake());
  }

  /** Rooms that may be read now. */
  #batch(): Set<string> {
    const batch = new Set<string>();
    const take = (rooms: readonly string[], upTo: number) => {
      for (const room of rooms)
        if (batch.size < upTo && !batch.has(room) && (this.#rooms.has(room) || this.#places.take(room)))
          batch.add(room);
    };
    const due = [...this.#queue].reverse().filter((room) => this.#dueMs(room) <= 0);
    take(due, PARALLEL - 1);
    // Where there are always newer ones, the one whose last reading is the oldest gets its turn as well.
    take(
      due.sort((a, b) => this.#dueMs(a) - this.#dueMs(b)),
      PARALLEL,
    );
    return batch;
  }

  /** Milliseconds until the room may be read again. */
  #dueMs(room: string): number {
    const { readAt = Number.NEGATIVE_INFINITY, pauseMs = 0 } = this.#rooms.get(room) ?? {};
    return readAt + pauseMs - this.#options.scheduler.monotonic();
  }

  async #read(room: string): Promise<void> {
    const { onHead, onError } = this.#options;
    const known = this.#begin(room);
    try {
      await known.link.attach();
      const head = await this.#head(room, known.link);
      known.failures = 0;
      if (this.#rooms.get(room) === known) onHead(room, head);
    } catch (problem) {
      if (this.#rooms.get(room) !== known) return;
      const error = asChatError(ACTION, problem);
      known.failures += 1;
      if (error.code === 'permission-denied') {
        this.#refused.add(room);
        this.#drop(room);
        return;
      }
      known.pauseMs = AGAIN_MS * 2 ** Math.min(known.failures, MAX_DOUBLINGS);
      if (error.retryable) this.#queue.add(room);
      if (!error.retryable || known.failures === MAX_FAILURES + 1) onError(error);
    }
  }

  async #head(room: string, link: RoomLink): Promise<RoomHead> {
    const { scheduler, signal } = this.#options;
    const userId = link.connection.userId ?? this.#options.userId();
    const read = <Input extends CacheInput, Output>(
      operation: Operation<Input, Output>,
      input: Omit<Input, 'cache'>,
    ): Promise<Output | undefined> =>
      link.once(operation, input, { signal, action: ACTION }).catch((problem) => {
        if (!isWrongKind(problem)) throw problem;
        return undefined;
      });
    const fields = (name: string, ids: readonly string[]) =>
      ids.length === 0
        ? undefined
        : read(dictionaryGetFields, { dictionary: featureKey(room, name), fields: ids });
    const payloads = (await read(listFetch, { list: historyKey(room), start: 0, end: HEAD })) ?? [];
    if (payloads.length > 0) this.#places.found(room);
    const now = scheduler.now();
    const messages = decodeHead(payloads, now);
    // A deletion takes its message out of the list first: what was read before may still have it.
    const [revisions, marks] = await Promise.all([
      fields(
        'revisions',
        messages.map(({ id }) => id),
      ),
      fields('read', messages.length > 0 && userId !== undefined ? [userId] : []),
    ]);
    return headOf(messages, { revisions, mark: marks?.get(userId ?? ''), userId, now });
  }

  /** The room is read now. */
  #begin(room: string): ReadRoom {
    const { cache, scheduler, openConnection } = this.#options;
    const known = this.#rooms.get(room) ?? {
      link: new RoomLink({ room, cache, scheduler, connection: openConnection() }),
      readAt: 0,
      failures: 0,
      pauseMs: AGAIN_MS,
    };
    known.readAt = scheduler.monotonic();
    known.pauseMs = AGAIN_MS;
    this.#rooms.delete(room);
    this.#rooms.set(room, known);
    const [oldest = room] = this.#rooms.keys();
    if (this.#rooms.size > MAX_READ) this.#drop(oldest);
    return known;
  }

  #drop(room: string): void {
    this.#rooms.get(room)?.link.detach();
    this.#rooms.delete(room);
  }
}
