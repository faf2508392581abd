import { NOTHING_UNREAD, sameUnread, unreadOf } from '../features/read-state.js';
import type { RoomCore } from './room-core.js';
import type { ThreadUnread } from './thread-types.js';

/** Up to where a thread was read on this client, and how many of its replies are unread. */
export class ThreadReading {
  readonly #core: RoomCore;
  readonly #onChange: (unread: ThreadUnread) => void;
  /** Undefined until the thread was loaded once: what stands there then is not new. */
  #readUpTo: string | undefined;
  #unread: ThreadUnread = NOTHING_UNREAD;

  constructor(core: RoomCore, readUpTo: string | undefined, onChange: (unread: ThreadUnread) => void) {
    this.#core = core;
    this.#readUpTo = readUpTo;
    this.#onChange = onChange;
  }

  get unread(): ThreadUnread {
    return this.#unread;
  }

  /** The last reply that counts as read, empty where there is none; undefined where the thread was never loaded. */
  get readUpTo(): string | undefined {
    return this.#readUpTo;
  }

  /** The thread was loaded. */
  loaded(): void {
    this.#readUpTo ??= this.#newest;
    this.recount();
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
    const from = this.#readUpTo;
    if (from === undefined) return;
    const next = unreadOf(this.#core.timeline.snapshot, from, this.#core.hasOlder);
    if (sameUnread(next, this.#unread)) return;
    this.#unread = next;
    this.#onChange(next);
  }

  get #newest(): string {
    return this.#core.timeline.ids().at(-1) ?? '';
  }
}
