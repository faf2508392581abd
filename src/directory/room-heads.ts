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

/** Rooms that have a place on a token at a time, the latest activity first. */
export const MAX_READ = 50;
/** Rooms that are read at once: as many as share a token, so that they are asked for together. */
const PARALLEL = 5;
/** Between two batches, and between two readings of a room (milliseconds). */
const PAUSE_MS = 100;
const AGAIN_MS = 2000;
const MAX_FAILURES = 3;
/**
 * So many rooms are given a place on a token at once, and one more after so long (milliseconds): whoever may write the
 * directory may list thousands that are none, and each would be asked of the token source by everybody who looks.
 */
const MAX_PLACES = 2 * MAX_READ;
const PLACE_MS = 5000;

export interface RoomHeadsOptions {
  cache: string;
  scheduler: Scheduler;
  signal: AbortSignal;
  openConnection(): Connection;
  /** The wall clock, set right by the server's. */
  now(): number;
  /** The user's id where the token has none. */
  userId(): string | undefined;
  /** A room was read. */
  onHead(room: string, head: RoomHead): void;
  onError(error: ChatError): void;
}

/** Reads what a list shows of rooms that are not joined: a few at a time, each as often as it makes sense. */
export class RoomHeads {
  readonly #options: RoomHeadsOptions;
  readonly #queue = new Set<string>();
  readonly #links = new Map<string, RoomLink>();
  /** When each was read last, on the monotonic clock. */
  readonly #readAt = new Map<string, number>();
  readonly #failures = new Map<string, number>();
  /** Those that the token source or Momento refused: they are not asked for again. */
  readonly #refused = new Set<string>();
  #working = false;
  #places = MAX_PLACES;
  #placesAt: number;

  constructor(options: RoomHeadsOptions) {
    this.#options = options;
    this.#placesAt = options.scheduler.monotonic();
    options.signal.addEventListener('abort', () => {
      for (const link of this.#links.values()) link.detach();
      this.#links.clear();
      this.#queue.clear();
    });
  }

  /** Has the room read, soon. */
  want(room: string): void {
    if (this.#options.signal.aborted || this.#refused.has(room)) return;
    this.#queue.add(room);
    // Newer ones are of more interest.
    for (const oldest of this.#queue) {
      if (this.#queue.size <= MAX_READ) break;
      this.#queue.delete(oldest);
    }
    if (this.#working) return;
    this.#working = true;
    void this.#work();
  }

  /** Gives back the places of rooms that are of no interest any more. */
  keep(rooms: ReadonlySet<string>): void {
    for (const known of [this.#queue, this.#refused])
      for (const room of known) if (!rooms.has(room)) known.delete(room);
    for (const known of [this.#readAt, this.#failures])
      for (const room of known.keys()) if (!rooms.has(room)) known.delete(room);
    for (const [room, link] of this.#links) {
      if (rooms.has(room)) continue;
      this.#links.delete(room);
      link.detach();
    }
  }

  async #work(): Promise<void> {
    const { scheduler, signal } = this.#options;
    // Those that are asked for in the same turn are read together.
    await Promise.resolve();
    while (this.#queue.size > 0 && !signal.aborted) {
      const batch = this.#batch();
      for (const room of batch) this.#queue.delete(room);
      await Promise.all(batch.map((room) => this.#read(room)));
      await sleep(scheduler, PAUSE_MS, signal);
    }
    this.#working = false;
  }

  #batch(): string[] {
    this.#earnPlaces();
    const due = this.#options.scheduler.monotonic() - AGAIN_MS;
    const ready = [...this.#queue].filter((room) => (this.#readAt.get(room) ?? due) <= due);
    const fresh = ready.filter((room) => !this.#links.has(room));
    // Where not all get a place, those that were heard of last are of the most interest.
    if (fresh.length > this.#places) fresh.reverse();
    const batch = ready.filter((room) => this.#links.has(room)).slice(0, PARALLEL);
    const placed = fresh.slice(0, Math.min(this.#places, PARALLEL - batch.length));
    this.#places -= placed.length;
    return [...batch, ...placed];
  }

  #earnPlaces(): void {
    const since = this.#options.scheduler.monotonic() - this.#placesAt;
    const earned = Math.floor(since / PLACE_MS);
    this.#placesAt += earned * PLACE_MS;
    this.#places = Math.min(MAX_PLACES, this.#places + earned);
  }

  async #read(room: string): Promise<void> {
    const { scheduler, signal, onHead, onError } = this.#options;
    this.#readAt.set(room, scheduler.monotonic());
    const link = this.#linkOf(room);
    try {
      await link.attach();
      const head = await this.#head(room, link);
      this.#failures.delete(room);
      if (!signal.aborted && this.#links.get(room) === link) onHead(room, head);
    } catch (problem) {
      if (signal.aborted || this.#links.get(room) !== link) return;
      const error = asChatError('read a room of the directory', problem);
      const failures = (this.#failures.get(room) ?? 0) + 1;
      this.#failures.set(room, failures);
      if (error.code === 'permission-denied') {
        this.#refused.add(room);
        this.#links.delete(room);
        link.detach();
      } else if (error.retryable && failures <= MAX_FAILURES) this.#queue.add(room);
      else onError(error);
    }
  }

  async #head(room: string, link: RoomLink): Promise<RoomHead> {
    const { signal } = this.#options;
    const userId = link.connection.userId ?? this.#options.userId();
    const read = <Input extends CacheInput, Output>(
      operation: Operation<Input, Output>,
      input: Omit<Input, 'cache'>,
      empty: Output,
    ) =>
      link.once(operation, input, { signal, action: 'read a room of the directory' }).catch((problem) => {
        if (isWrongKind(problem)) return empty;
        throw problem;
      });
    const fields = (name: string, ids: readonly string[]) =>
      ids.length === 0
        ? new Map<string, string>()
        : read(dictionaryGetFields, { dictionary: featureKey(room, name), fields: ids }, new Map());
    const payloads = await read(listFetch, { list: historyKey(room), start: 0, end: HEAD }, []);
    const now = this.#options.now();
    const messages = decodeHead(payloads, now);
    // A deletion takes its message out of the list first: what was read before may still have it.
    const [revisions, marks] = await Promise.all([
      fields(
        'revisions',
        messages.map(({ id }) => id),
      ),
      fields('read', messages.length > 0 && userId !== undefined ? [userId] : []),
    ]);
    const mark = userId === undefined ? undefined : marks.get(userId);
    return headOf(messages, { revisions, mark, userId, now });
  }

  #linkOf(room: string): RoomLink {
    const { cache, scheduler, openConnection } = this.#options;
    const link =
      this.#links.get(room) ?? new RoomLink({ room, cache, scheduler, connection: openConnection() });
    // Last in the map is last used.
    this.#links.delete(room);
    this.#links.set(room, link);
    for (const [oldest, unused] of this.#links) {
      if (this.#links.size <= MAX_READ) break;
      this.#links.delete(oldest);
      unused.detach();
    }
    return link;
  }
}
