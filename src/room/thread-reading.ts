import { mayBeUnread, sameUnread, unreadOf } from '../features/read-state.js';
import type { RoomCore } from './room-core.js';
import type { ThreadUnread } from './thread-types.js';

/** The reading of a thread while it was closed: where it stood then, and the ids of unread replies, those included that came since. */
export interface ClosedReading {
  readonly readUpTo: string;
  readonly unread: Set<string>;
}

/** Up to where a thread was read on this client, and how many of its replies are unread. */
export class ThreadReading {
  readonly #core: RoomCore;
  readonly #onChange: (unread: ThreadUnread) => void;
  /** Undefined until the thread was loaded once: what stands there then is not new. */
  #readUpTo: string | undefined;
  /** Undefined until the thread was loaded since it was opened. */
  #unread: ThreadUnread | undefined;

  constructor(core: RoomCore, closed: ClosedReading | undefined, onChange: (unread: ThreadUnread) => void) {
    this.#core = core;
    this.#readUpTo = closed?.readUpTo;
    this.#onChange = onChange;
  }

  get unread(): ThreadUnread | undefined {
    return this.#unread;
  }

  get isLoaded(): boolean {
    return this.#unread !== undefined;
  }

  /** The reading as it stands; undefined until the thread was loaded. */
  close(): ClosedReading | undefined {
    const readUpTo = this.#readUpTo;
    if (!this.#unread || readUpTo === undefined) return undefined;
    const unread = this.#core.timeline.snapshot.filter((reply) => reply.id > readUpTo && mayBeUnread(reply));
    return { readUpTo, unread: new Set(unread.map(({ id }) => id)) };
  }

  /** The thread was loaded. */
  loaded(): void {
    this.#readUpTo ??= this.#newest;
    this.#count();
  }

  /** Marks the replies up to `id` as read; default all. */
  mark(id?: string): void {
    const newest = this.#newest;
    // A reply that was never shown cannot have been read.
    const last = id === undefined || id > newest ? newest : id;
    if (last > (this.#readUpTo ?? '')) this.#readUpTo = last;
    this.recount();
  }

  /** The replies are others than before. */
  recount(): void {
    if (this.isLoaded) this.#count();
  }

  #count(): void {
    const { timeline, hasOlder } = this.#core;
    const next = unreadOf(timeline.snapshot, this.#readUpTo ?? '', hasOlder, timeline.ids()[0]);
    if (this.#unread && sameUnread(next, this.#unread)) return;
    this.#unread = next;
    this.#onChange(next);
  }

  get #newest(): string {
    return this.#core.timeline.ids().at(-1) ?? '';
  }
}
