import type { Message } from '../messages/message.js';
import type { Conversation } from './faces.js';

/**
 * The line above the first message that the reader has not seen: what the room says at first, then what comes while the reader
 * is elsewhere. Messages in sight are marked as read.
 */
export class UnreadMark {
  readonly #conversation: Conversation;
  readonly #isReading: () => boolean;
  readonly #onChange: () => void;
  #firstId: string | undefined;
  /** Whether the reader was at the end since the line was drawn: the next one replaces it. */
  #seen = true;
  #asked = false;
  /** The reader marked a message in sight as unread: it stays so until they come back. */
  #held = false;

  /** `isReading`: whether the newest message is in sight. */
  constructor(conversation: Conversation, isReading: () => boolean, onChange: () => void) {
    this.#conversation = conversation;
    this.#isReading = isReading;
    this.#onChange = onChange;
  }

  get firstId(): string | undefined {
    return this.#firstId;
  }

  /** A message came. */
  came(message: Message): void {
    this.#asked = true;
    if (message.own) {
      this.#firstId = undefined;
      return;
    }
    if (this.#isReading() || (this.#firstId !== undefined && !this.#seen)) return;
    this.#firstId = message.id;
    this.#seen = false;
  }

  /**
   * The room knows what was not read; only its first word counts, since looking at it makes it read. The replies
   * that a thread had when it was opened count as read.
   */
  known(): void {
    const { unread } = this.#conversation.read ?? {};
    if (unread === undefined || this.#asked || !this.#conversation.read?.markUnread) return;
    this.#asked = true;
    if (unread.firstId === undefined || this.#firstId !== undefined) return;
    this.#firstId = unread.firstId;
    this.#onChange();
  }

  /** The reader asked for it. */
  set(id: string): void {
    this.#firstId = id;
    this.#seen = false;
    this.#held = true;
    this.#onChange();
  }

  /** The reader sees the newest message, or may. */
  look(): void {
    if (!this.#isReading()) this.#held = false;
    else if (!this.#held) this.#read();
  }

  #read(): void {
    this.#seen = true;
    // It is tried again with the next message.
    this.#conversation.read?.mark().catch(() => {});
  }
}
