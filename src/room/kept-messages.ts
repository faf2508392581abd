import type { Kept, Unsent } from '../messages/kept.js';
import type { JsonObject } from '../messages/message.js';
import { instant, withTimeout } from '../shared/clock.js';
import { isLeft, messageKey, type StoredChange, type StoredMessage } from './stored-records.js';
import { PATIENCE_MS, type StoredRoom } from './stored-room.js';

/** Keeps the unsent messages of a room, or of one of its threads, and the changes to them. */
export class KeptMessages implements Kept {
  readonly #stored: StoredRoom;
  readonly #thread: string | null;
  readonly #followed = new Map<string, Unsent>();

  constructor(stored: StoredRoom, thread: string | null) {
    this.#stored = stored;
    this.#thread = thread;
  }

  follow(message: Unsent, sending: Promise<void>): void {
    const { id, payload, begun } = message;
    const stored = this.#stored;
    const before = this.#held(id);
    this.#followed.set(id, message);
    message.handedOver = false;
    if (stored.isShared) begun.store ??= instant(stored.clock);
    if (before === undefined || before.payload !== payload || before.failed) {
      const at = before?.at ?? stored.clock.now();
      void stored.put(this.#keyOf(id), { payload, at, thread: this.#thread, failed: false });
    }
    sending.then(
      () => this.dropped(id),
      (problem: unknown) => {
        const now = this.#held(id);
        if (isLeft(problem)) this.#handOver(message);
        else if (now !== undefined) void stored.put(this.#keyOf(id), { ...now, failed: true });
      },
    );
  }

  dropped(id: string): void {
    this.#followed.delete(id);
    this.#stored.remove(this.#keyOf(id));
  }

  async rewrite(id: string, payload: string): Promise<boolean> {
    const stored = this.#stored;
    const before = this.#held(id);
    if (stored.keepsNothing) return true;
    if (before === undefined) return false;
    const writing = stored.put(this.#keyOf(id), { ...before, payload });
    if (await withTimeout(writing, { ms: PATIENCE_MS, scheduler: stored.clock })) return true;
    if (this.#held(id) !== undefined) void stored.put(this.#keyOf(id), before);
    return false;
  }

  flushed(): Promise<void> {
    return this.#stored.flushed();
  }

  async keep<T>(key: string, change: JsonObject, make: () => Promise<T>): Promise<T> {
    const stored = this.#stored;
    const held = stored.records.get(key) as StoredChange | undefined;
    if (held !== undefined && stored.replaying.has(held) && isSame(held.change, change)) return make();
    const record: StoredChange = { change, at: stored.clock.now(), thread: this.#thread };
    void stored.put(key, record);
    try {
      const made = await make();
      stored.forget(key, record);
      return made;
    } catch (problem) {
      if (!isLeft(problem)) stored.forget(key, record);
      throw problem;
    }
  }

  thread(root: string): Kept {
    return new KeptMessages(this.#stored, root);
  }

  /** Another page may send it from now on. */
  #handOver(message: Unsent): void {
    if (!this.#followed.has(message.id)) return;
    message.handedOver = true;
    message.begun.store ??= instant(this.#stored.clock);
  }

  #held(id: string): StoredMessage | undefined {
    return this.#stored.records.get(this.#keyOf(id)) as StoredMessage | undefined;
  }

  #keyOf(id: string): string {
    return messageKey(id, this.#thread);
  }
}

function isSame(a: JsonObject, b: JsonObject): boolean {
  return Object.keys(b).every((name) => a[name] === b[name]);
}
