import { type ListWindow, messagesOf, type StoredMessage } from './list-window.js';

/** So many entries of the last reading's head are remembered: a reading that meets them again has caught up. */
export const CHECKPOINT_ENTRIES = 16;
/** So many of them in a row are taken for the place where the list was last read. */
const RUN = 4;

/**
 * Entries at the head of the list when it was read: all that was stored before them is known. Rubbish is none, because
 * anybody can push more of the same.
 */
export class Checkpoint {
  readonly #ids: readonly string[];
  readonly #head: readonly StoredMessage[];
  readonly #maxStored: number;
  /** Whether that was all there was. */
  readonly #whole: boolean;

  constructor(window: ListWindow, maxStored: number) {
    const messages = messagesOf(window);
    this.#ids = idsOf(messages).slice(0, CHECKPOINT_ENTRIES);
    this.#head = messages.slice(0, CHECKPOINT_ENTRIES);
    this.#maxStored = maxStored;
    this.#whole = window.end && window.stop < maxStored && messages.length <= CHECKPOINT_ENTRIES;
  }

  /**
   * Whether a reading at the head reaches down to where the list was last read. Messages that are `gone` by now were removed
   * from the list, or are about to be.
   */
  metIn(window: ListWindow, gone: (id: string) => boolean): boolean {
    const isThere = ({ id }: StoredMessage) => id === undefined || !gone(id);
    const head = this.#head.filter(isThere);
    const ids = this.#ids.filter((id) => !gone(id));
    const messages = messagesOf(window).filter(isThere);
    const headAt = (start: number) =>
      head.every(({ payload }, index) => messages[start + index]?.payload === payload);
    // Messages that were the whole list are still at the end of a list that nothing was cut off from.
    if (this.#whole && window.stop < this.#maxStored)
      return window.end && (ids.includes(messages.at(-1)?.id ?? '') || headAt(messages.length - head.length));
    if (head.length === 0) return false;
    // Entries without an id may equal others: only all of them in a row.
    if (this.#ids.length === 0) return messages.some((_, start) => headAt(start));
    // A message that was pushed again after a lost answer stands further up as well, but hardly several in a row.
    const present = idsOf(messages).join();
    const run = this.#whole ? RUN : Math.min(RUN, this.#ids.length);
    return ids.some(
      (_, from) => from + run <= ids.length && present.includes(ids.slice(from, from + run).join()),
    );
  }

  /** Whether it holds the id. Whatever is unknown above one that is known was missed. */
  has(id: string): boolean {
    return this.#ids.includes(id);
  }
}

/**
 * The ids, newest first. A message that was pushed again in a row counts once: it is no row of several, and where windows
 * meet an equal entry may get lost.
 */
function idsOf(messages: readonly StoredMessage[]): string[] {
  return messages.flatMap(({ id }) => id ?? []).filter((id, index, ids) => id !== ids[index - 1]);
}
