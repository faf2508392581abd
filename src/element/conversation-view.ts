import type { Message } from '../messages/message.js';
import { Composer } from './composer.js';
import { loadDraft } from './composers.js';
import type { ConversationHooks } from './conversation-hooks.js';
import { h, isolated, setText } from './dom.js';
import { DraftSender } from './draft-sender.js';
import { draftsOf } from './drafts.js';
import type { Conversation, Room } from './faces.js';
import { hides } from './hides.js';
import { Listening } from './listening.js';
import { deedsFor, lastOwn } from './message-deeds.js';
import { MessageList } from './message-list.js';
import { openMessageMenu } from './message-menu.js';
import { Sight } from './sight.js';
import type { Ui } from './ui.js';
import { UnreadMark } from './unread-mark.js';
import { takeDrops } from './uploads.js';

/** A list of messages, who is writing, and where one writes: of a room, or of a thread in it. */
export class ConversationView {
  readonly element: HTMLElement;
  readonly composer: Composer;
  readonly #list: MessageList;
  readonly #typing = h('p', { class: 'typing', part: 'typing' });
  readonly #ui: Ui;
  readonly #room: Room;
  readonly #conversation: Conversation;
  readonly #hooks: ConversationHooks;
  readonly #unread: UnreadMark;
  readonly #listening: Listening;
  readonly #events = new AbortController();
  readonly #sender: DraftSender;
  /** The composers of the same draft. */
  readonly #shown: Set<object>;
  #loadingOlder = false;

  constructor(
    ui: Ui,
    conversation: Conversation,
    {
      room,
      hooks,
      id,
      label,
      threadId,
    }: {
      room: Room;
      hooks: ConversationHooks;
      id: string;
      label: string;
      threadId?: string | undefined;
    },
  ) {
    this.#ui = ui;
    this.#conversation = conversation;
    this.#room = room;
    this.#hooks = hooks;
    const keeper = draftsOf(conversation, room, threadId);
    const sender = new DraftSender({
      ui,
      conversation,
      room,
      hooks,
      drafts: keeper,
      composer: () => this.composer,
      life: this.#events.signal,
    });
    this.#sender = sender;
    const { files } = room;
    const deeds = deedsFor(ui, conversation, {
      room,
      hooks,
      reply: (message) => this.composer.reply(message),
      edit: (message) => this.composer.edit(message),
      unread: (id) => this.#unread.set(id),
    });
    this.#list = new MessageList(
      ui,
      {
        retry: (message) => this.#retry(message),
        discard: (message) => this.#discard(message),
        openMenu: (message, anchor) => openMessageMenu(ui, deeds, message, anchor),
        react: (message, emoji) => deeds.react?.(message, emoji),
        openThread: hooks.openThread,
        goTo: (message) => {
          if (this.jump(message)) return;
          if (hooks.openAround) hooks.openAround(message);
          else void this.pageTo(message);
        },
        files: files && {
          joined: hooks.joined,
          // A message of an earlier visit may be in sight before the room is joined.
          download: async (ref) => {
            await hooks.ready();
            return files.download(ref);
          },
          failed: (error) => hooks.failed(error),
        },
        loadOlder: () => void this.#loadOlder(),
        seenEnd: () => this.#unread?.look(),
        focusAway: () => this.composer?.text.focus({ preventScroll: true }),
      },
      { id, label },
    );
    this.composer = new Composer(
      ui,
      {
        send: (draft) => sender.send(draft),
        unsent: (draft) => sender.giveBack(draft),
        sending: (work) => sender.note(work),
        saveEdit: (message, text, mentions) => void sender.edit(message, text, mentions),
        lastOwn: () => (deeds.edit ? lastOwn(conversation) : undefined),
        failed: (error) => hooks.failed(error),
        files,
        typing: () => conversation.typing,
        loadDraft: () => loadDraft(keeper, this.#events.signal),
        saveDraft: keeper.save,
        hold: keeper.hold,
      },
      {
        id: id === 'room' ? 'composer' : `${id}-composer`,
        slot: id === 'room' ? 'composer' : `${id}-composer`,
      },
    );
    this.#shown = keeper.page.composers.add(this.composer);
    const sight = new Sight(() => this.look(), this.#events.signal);
    this.#unread = new UnreadMark(
      conversation,
      () => this.#list.atEnd && sight.isClear,
      () => this.render(),
    );
    this.element = h(
      'div',
      { class: 'conversation' },
      this.#list.element,
      sight.element,
      this.#typing,
      this.composer.element,
    );
    this.#listening = this.#listen();
    if (files) takeDrops(this.element, (dropped) => this.composer.drop(dropped));
  }

  /** Shows what the conversation holds now. */
  render(): void {
    if (this.#events.signal.aborted) return;
    const { messages, hasOlder } = this.#conversation;
    for (const { user, own } of messages) if (user.id !== undefined) this.#ui.people.meet(user, own);
    this.#list.render(messages, {
      isOpening: this.#hooks.isOpening(),
      hasOlder,
      unreadFrom: this.#unread.firstId,
    });
    const byId = new Map(messages.map((message) => [message.id, message]));
    // One that left memory, as the oldest do, can be answered and edited all the same.
    this.composer.forget((message) => {
      const now = byId.get(message.id);
      return now ? now.deletedAt !== undefined : hides(this.#room, message);
    });
    this.#unread.look();
    this.#hooks.rendered?.(byId);
  }

  /** Goes to a message that is there; false when it is not. */
  jump(id: string): boolean {
    return this.#list.goTo(id);
  }

  /** Goes to a message, which is loaded, with all that lies before it, if it is not there. */
  async pageTo(id: string): Promise<void> {
    const { texts } = this.#ui;
    try {
      // Pages are put before the first message in memory: what lies between must be there as well.
      while (this.#conversation.hasOlder && !this.#list.goTo(id)) {
        const oldest = this.#conversation.messages[0]?.id;
        if (oldest !== undefined && id > oldest) break;
        await this.#conversation.loadOlder();
        this.render();
        if (this.#events.signal.aborted) return;
      }
      if (!this.#list.goTo(id)) this.#ui.announce(texts.gone);
    } catch (error) {
      if (!this.#events.signal.aborted) this.#hooks.failed(error);
    }
  }

  /** Whether its draft is shown, here or in another view. */
  get isShown(): boolean {
    return this.#shown.size > 0;
  }

  toEnd(): void {
    this.composer.text.focus({ preventScroll: true });
    this.#list.toEnd();
  }

  /** The reader may see it again. */
  look(): void {
    this.#unread.look();
  }

  keepPlace(): void {
    this.#list.keepPlace();
  }

  close(): void {
    this.#shown.delete(this.composer);
    this.composer.close();
    this.#events.abort();
    this.#listening.end();
    this.#list.close();
  }

  #retry(id: string): void {
    // The button goes away with the failure, so the keyboard's place is given away before.
    this.composer.text.focus();
    this.#hooks.fine();
    this.#sender.note(this.#conversation.retry(id)).catch((error: unknown) => this.#hooks.failed(error));
  }

  #discard(id: string): void {
    this.composer.text.focus();
    try {
      this.#conversation.discard(id);
    } catch {
      // It was settled meanwhile.
      this.render();
    }
  }

  async #loadOlder(): Promise<void> {
    if (this.#loadingOlder) return;
    this.#loadingOlder = true;
    this.#list.loading(true);
    try {
      const added = await this.#conversation.loadOlder();
      if (!this.#events.signal.aborted) this.#ui.announce(this.#ui.texts.olderLoaded(added.length));
    } catch (error) {
      if (!this.#events.signal.aborted) this.#hooks.failed(error);
    } finally {
      this.render();
      this.#loadingOlder = false;
      this.#list.loading(false);
    }
  }

  #listen(): Listening {
    const listening = new Listening(this.#conversation);
    listening.on('message', (message: Message) => {
      // Those that were missed since an earlier visit are for the room itself to count.
      if (!this.#hooks.isOpening()) this.#unread.came(message);
    });
    listening.on('change', () => this.render());
    if (this.#conversation.read) listening.on('read', () => this.#unread.known());
    if (this.#conversation.typing) listening.on('typing', () => this.#showTyping());
    return listening;
  }

  #showTyping(): void {
    const { users, many } = this.#conversation.typing ?? { users: [], many: false };
    const names = users.slice(0, 3).map(({ name }) => isolated(name));
    setText(this.#typing, names.length === 0 ? '' : this.#ui.texts.typing(names, many || users.length > 3));
  }
}
