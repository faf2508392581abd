import { assertText } from '../messages/assert-text.js';
import type { JsonObject, Message } from '../messages/message.js';
import { type ChatError, invalidArgument } from '../shared/errors.js';
import { type ChatStats, NO_STATS } from '../shared/stats.js';
import { JoinableRoom } from './joinable-room.js';
import type { SendOptions } from './send-options.js';

/** A room of messages: what an app does with them. */
export class MessageRoom extends JoinableRoom {
  /**
   * Counts of what the room has done since it was made; see docs/observability.md.
   *
   * @example
   * ```ts
   * const { reconnects, gapsFilled, operations } = room.stats;
   * ```
   */
  get stats(): ChatStats {
    return this.runtime?.stats.snapshot ?? NO_STATS;
  }

  /** Whether storage held older messages than those in memory when it was last read. */
  get hasOlder(): boolean {
    return this.runtime?.core.hasOlder ?? false;
  }

  /**
   * Sends a message. It is in `messages` at once, as `sending`; resolves with it once it is published *and* stored.
   * When it cannot be sent it is `failed`, stays in `messages`, and {@link retry} sends it again. One of which only the
   * answers were lost becomes `sent` (`update`) once it was seen to be published and stored.
   *
   * Rejects with a {@link ChatError}: at once with `invalid-argument` (empty or blank text, `meta` that is not
   * JSON), `message-too-large` (over `maxMessageBytes`, in bytes of UTF-8 once encoded), `not-joined` or
   * `rate-limited` (too many are waiting); later with whatever made it fail.
   *
   * @example
   * ```ts
   * await room.send('See you at ten', { replyTo: message.id, meta: { place: 'canteen' } });
   * ```
   */
  async send<Meta extends object = JsonObject>(text: string, options?: SendOptions<Meta>): Promise<Message> {
    // As wrong in a room that is not joined.
    if (!options?.files) assertText(text);
    return this.joined('send the message').send(text, options);
  }

  /**
   * Sends a failed message again, with the same id and the same bytes.
   *
   * Rejects with a {@link ChatError}: `invalid-argument` when `id` is not that of a failed message, `not-joined`,
   * `rate-limited` (too many are waiting), or whatever made it fail again.
   */
  async retry(id: string): Promise<Message> {
    return this.joined('retry the message').core.retry(id);
  }

  /**
   * Drops a failed message.
   *
   * @throws `ChatError` `invalid-argument` when `id` is not that of a failed message.
   */
  discard(id: string): void {
    if (this.runtime === undefined)
      throw invalidArgument('discard the message', 'nothing was sent from here');
    this.runtime.core.discard(id);
  }

  /**
   * Loads up to `count` messages (default: `history.pageSize`) older than those in memory. When that makes more than
   * `history.maxInMemory`, the room keeps so many from then on; the oldest leave as new ones come, and can be loaded
   * again. Resolves with what it added, oldest first, without hidden users: an empty array when nothing older is stored
   * (`hasOlder` tells).
   *
   * Rejects with a {@link ChatError}: `invalid-argument`, `not-joined`, or whatever made the reading fail.
   */
  async loadOlder(count?: number): Promise<readonly Message[]> {
    return this.joined('load older messages').core.loadOlder(count);
  }

  /** Ids of users whose messages are not shown here. */
  get hidden(): ReadonlySet<string> {
    return this.hiddenIds;
  }

  /**
   * Leaves a user out here: their messages out of `messages`, `pinned`, threads, events, search and pages, their words out of
   * quotes, their signals, and the user out of `typing` and `presence`. Others see them, and they are stored. Every message that claims to be of this user is left out, or that Momento vouches for as theirs; one's own
   * are shown. It holds for this room object, and over a reload where there is a `storage`.
   *
   * @throws `ChatError` `invalid-argument` when `userId` is not a string, or empty.
   */
  hide(userId: string): void {
    this.#setHidden(userId, 'hide');
  }

  /**
   * Shows a user's messages again.
   *
   * @throws `ChatError` `invalid-argument` when `userId` is not a string, or empty.
   */
  unhide(userId: string): void {
    this.#setHidden(userId, 'unhide');
  }

  #setHidden(userId: string, how: 'hide' | 'unhide'): void {
    if (typeof userId !== 'string' || userId === '')
      throw invalidArgument(`${how} the user`, 'the id must be a string that is not empty');
    const isHidden = how === 'hide';
    if (this.hiddenIds.has(userId) !== isHidden) {
      this.hiddenIds[isHidden ? 'add' : 'delete'](userId);
      this.runtime?.refilter();
    }
    // The stored list, which may not have been read yet, may differ.
    this.storage?.()
      .then((stored) => stored.hide(userId, isHidden))
      .catch((error: ChatError) => this.tell('error', error));
  }

  /**
   * Reads the text that was being written when the page was closed, of the room or of the thread under `threadId`. Empty
   * without a `storage`.
   *
   * Rejects with a {@link ChatError}: `invalid-argument` when `threadId` is not a string, `storage-unavailable` when the
   * storage fails or has not answered after 15 seconds, and before the first join of a user without an id; `network` when the
   * code for it cannot be loaded. A draft may be stored all the same, which {@link saveDraft} would replace.
   */
  async loadDraft(threadId = ''): Promise<string> {
    assertStrings('load the draft', threadId);
    return (await this.storage?.())?.draft(threadId) ?? '';
  }

  /**
   * Keeps the text that is being written, for {@link loadDraft}; an empty one removes it. Without a `storage` it does nothing.
   *
   * Rejects with a {@link ChatError} `invalid-argument` when one of the two is not a string.
   */
  async saveDraft(text: string, threadId = ''): Promise<void> {
    assertStrings('save the draft', text, threadId);
    await (await this.storage?.())?.setDraft(text, threadId);
  }
}

function assertStrings(action: string, ...values: readonly unknown[]): void {
  if (values.some((value) => typeof value !== 'string')) throw invalidArgument(action, 'it takes strings');
}
