import { STORED_BY_MS } from '../features/thread-mark.js';
import { decodeMessage } from '../messages/codec.js';
import { TOPIC_PAYLOAD_BYTES } from '../messages/payload-size.js';

const MAX_KEPT = 1000;

/** Tells which replies came live and were never stored, since their senders gave up. They do not count. */
export class UnstoredReplies {
  /** When replies came that were not read since (monotonic, ms), by id. */
  readonly #heardAt = new Map<string, number>();
  readonly #unstored = new Set<string>();

  /** A reply came live. One that is known is of interest where it was not stored: its sender sent it again. */
  heard(id: string, at: number, isKnown: boolean): void {
    if (isKnown && !this.#unstored.has(id)) return;
    this.#unstored.delete(id);
    if (this.#heardAt.size < MAX_KEPT) this.#heardAt.set(id, at);
  }

  /**
   * A reading that began then gave these entries of the list, from index `start` on. From the head down they are, in the end,
   * all that were stored since the reading before; an older page tells of nothing that it does not hold.
   */
  read(payloads: readonly string[], beganAt: number, start: number): void {
    if (this.#heardAt.size === 0) return;
    for (const payload of payloads) {
      const decoded = decodeMessage(payload, TOPIC_PAYLOAD_BYTES);
      if ('malformed' in decoded || decoded.id === undefined) continue;
      this.#heardAt.delete(decoded.id);
      this.#unstored.delete(decoded.id);
    }
    if (start > 0) return;
    for (const [id, at] of this.#heardAt) if (beganAt - at > STORED_BY_MS) this.#unstored.add(id);
  }

  has(id: string): boolean {
    return this.#unstored.has(id);
  }
}
