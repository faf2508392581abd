import type { Message } from '../messages/message.js';
import type { Composer } from './composer.js';
import { giveBackLater } from './composers.js';
import type { ConversationHooks } from './conversation-hooks.js';
import type { Draft, DraftKeeper } from './drafts.js';
import type { Conversation, Room } from './faces.js';
import type { Ui } from './ui.js';
import { sending } from './when-sent.js';

interface SenderParts {
  ui: Ui;
  conversation: Conversation;
  room: Room;
  hooks: ConversationHooks;
  drafts: DraftKeeper;
  composer: () => Composer;
  /** Ends with the view. */
  life: AbortSignal;
}

/** Sends what was written in a conversation, and gives back what could not be sent. */
export class DraftSender {
  readonly #parts: SenderParts;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  async edit(message: Message, text: string, mentions: readonly string[]): Promise<void> {
    const { ui, conversation, room, hooks } = this.#parts;
    const doer: Conversation = conversation.edit ? conversation : room;
    try {
      await this.note(doer.edit?.(message.id, text, { mentions }));
      ui.announce(ui.texts.saved);
    } catch (error) {
      hooks.failed(error);
      this.giveBack({ text, mentions, files: [], replyTo: undefined }, message);
    }
  }

  async send(draft: Draft): Promise<void> {
    const { conversation, hooks } = this.#parts;
    try {
      // Typed while the room was still opening: it goes out as soon as it can.
      await hooks.ready();
    } catch {
      this.giveBack(draft);
      return;
    }
    // A failure that the text before caused does not concern this one.
    hooks.fine();
    const { text, mentions, files, replyTo, handedOver } = draft;
    const { messages: before } = conversation;
    try {
      const sent = conversation.send(text, {
        ...(mentions.length > 0 && { mentions }),
        ...(files.length > 0 && { files }),
        ...(replyTo && { replyTo: replyTo.id }),
      });
      handedOver?.();
      await this.note(sent);
    } catch (error) {
      const isListed = conversation.messages.some(
        (one) =>
          one.status !== 'sent' && (one.text === text || !text) && !before.some(({ id }) => id === one.id),
      );
      if (!isListed) this.giveBack(draft);
      hooks.failed(error);
    }
  }

  /** Gives a draft back to where one writes now. */
  giveBack(draft: Draft, edited?: Message): void {
    const { drafts, composer, life } = this.#parts;
    if (life.aborted) void giveBackLater(drafts, draft, edited);
    else composer().giveBack(draft, edited);
  }

  /** Notes what is on its way; see {@link sending}. */
  note<Work extends Promise<unknown> | undefined>(work: Work): Work {
    return sending(work, this.#parts.conversation, this.#parts.room);
  }
}
