import type { Message } from '../messages/message.js';
import { h, icon, isComposing, isolated } from './dom.js';
import { above, type Draft, type Written } from './drafts.js';
import type { Files, Typing } from './faces.js';
import { MentionBox } from './mention-box.js';
import { Strip } from './strip.js';
import type { Ui } from './ui.js';
import { attachButton, takePastes, type Uploaded, Uploads } from './uploads.js';

export interface ComposerActions {
  /** Resolves when it was sent, or given back. */
  send(draft: Draft): Promise<void>;
  /** It cannot be sent without a file that failed: it would be another message. */
  unsent(draft: Draft): void;
  /** Until this has ended the conversation is not over. */
  sending(work: Promise<unknown>): void;
  saveEdit(message: Message, text: string, mentions: readonly string[]): void;
  /** The message that the arrow key edits, if there is one. */
  lastOwn(): Message | undefined;
  failed(error: unknown): void;
  /** Absent where files cannot be sent. */
  files: Files | undefined;
  typing: () => Typing | undefined;
  /** The draft of an earlier view or page, and the one to keep for a later one. */
  loadDraft(): Promise<Written>;
  saveDraft(written: Written): void;
  /** Keeps a text that was sent for a later page, until the returned function is called. */
  hold(text: string): () => void;
}

interface Edit extends Pick<Draft, 'mentions'> {
  message: Message;
  draft: string;
  replyTo: Message | undefined;
}

/** Where one writes: a text, what it answers or changes, and its files. */
export class Composer {
  readonly element: HTMLFormElement;
  readonly text: HTMLTextAreaElement;
  readonly #ui: Ui;
  readonly #actions: ComposerActions;
  readonly #strip: Strip;
  readonly #send = h('button', { class: 'primary send', part: 'send', type: 'submit' });
  readonly #mentions: MentionBox;
  readonly #uploads: Uploads | undefined;
  #replyTo: Message | undefined;
  /** The message that is edited, and the draft that comes back after it, with what it answers. */
  #editing: Edit | undefined;

  constructor(ui: Ui, actions: ComposerActions, { id, slot }: { id: string; slot: string }) {
    this.#ui = ui;
    this.#actions = actions;
    const { texts } = ui;
    this.text = h('textarea', {
      id: `${id}-text`,
      part: 'input',
      dir: 'auto',
      rows: 1,
      placeholder: texts.placeholder,
      'aria-label': texts.message,
      'aria-describedby': `${id}-text-strip`,
      autocomplete: 'off',
    });
    this.#mentions = new MentionBox(ui, this.text);
    this.#strip = new Strip(ui, this.text, () => this.#cancel());
    if (actions.files)
      this.#uploads = new Uploads(ui, actions.files, {
        onFailure: (error) => actions.failed(error),
        onRemoved: () => this.text.focus(),
      });
    this.element = h(
      'form',
      {
        class: 'composer',
        part: 'composer',
        onsubmit: (event: Event) => {
          event.preventDefault();
          this.#submit();
        },
      },
      this.#strip.element,
      this.#uploads?.element,
      h(
        'div',
        { class: 'writing' },
        this.#uploads && attachButton(ui, this.#uploads, () => this.text.focus()),
        this.text,
        h('slot', { name: slot }),
        this.#send,
      ),
    );
    this.#showDeed('send');
    this.#listen();
    void actions.loadDraft().then((written) => {
      // The text that was typed meanwhile stays, below it.
      if (written.text !== '') actions.unsent({ ...written, files: [], replyTo: undefined });
    });
  }

  /** `focus`: whether it was asked for just now. */
  reply(message: Message, focus = true): void {
    this.#endEdit();
    this.#replyTo = message;
    const { user, text } = message;
    this.#strip.show(this.#ui.texts.replyingTo(isolated(user.name)), text);
    if (focus) this.text.focus();
  }

  /** `written`: where an edit of the message was begun before. */
  edit(
    message: Message,
    focus = true,
    { text, mentions }: Pick<Message, 'text' | 'mentions'> = message,
  ): void {
    const { value } = this.text;
    const mentioned = this.#mentions.mentioned(value);
    const before = this.#editing ?? { draft: value, mentions: mentioned, replyTo: this.#replyTo };
    this.#replyTo = undefined;
    this.#editing = { ...before, message };
    this.#showDeed('save');
    this.#strip.show(this.#ui.texts.editing, '');
    this.#write(text);
    this.#mentions.begin(mentions);
    if (focus) this.text.focus();
    this.text.setSelectionRange(text.length, text.length);
  }

  /**
   * Takes back a draft that could not be sent, so that it can be changed: now, or after the edit that is under way. `edited`: it is
   * an edit of that message, for as long as nothing else was begun.
   */
  giveBack({ text, mentions, files, replyTo, handedOver }: Draft, edited?: Message): void {
    if (edited && this.text.value === '') {
      this.edit(edited, false, { text, mentions });
      return;
    }
    handedOver?.();
    this.#uploads?.putBack(files);
    const edit = this.#editing;
    const later = edit?.draft ?? this.text.value;
    const draft = above(text, later);
    const mentioned = [...mentions, ...(edit?.mentions ?? this.#mentions.mentioned(later))];
    this.#actions.saveDraft({ text: draft, mentions: mentioned });
    if (edit) {
      this.#editing = { ...edit, draft, mentions: mentioned, replyTo: edit.replyTo ?? replyTo };
      return;
    }
    this.#write(draft);
    this.#mentions.begin(mentioned);
    if (replyTo !== undefined && this.#replyTo === undefined) this.reply(replyTo, false);
  }

  close(): void {
    this.#uploads?.clear();
    this.#actions.typing()?.stop();
  }

  /** Messages that are answered or edited may be deleted meanwhile. */
  forget(isGone: (message: Message) => boolean): void {
    const edit = this.#editing;
    if (edit?.replyTo && isGone(edit.replyTo)) edit.replyTo = undefined;
    const about = edit?.message ?? this.#replyTo;
    if (about !== undefined && isGone(about)) this.#cancel();
  }

  #listen(): void {
    this.text.addEventListener('input', () => {
      this.#fit();
      this.#mentions.look();
      this.#save();
      const typing = this.#editing ? undefined : this.#actions.typing();
      if (this.text.value.trim() === '') typing?.stop();
      else typing?.keystroke();
    });
    this.text.addEventListener('blur', () => {
      this.#mentions.close();
      this.#actions.typing()?.stop();
    });
    this.element.addEventListener('keydown', (event) => this.#typed(event));
    const uploads = this.#uploads;
    if (uploads) takePastes(this.text, (files) => uploads.add(files));
  }

  /** Files that were dropped onto the conversation. */
  drop(files: FileList): void {
    this.#uploads?.add(files);
    this.text.focus();
  }

  #typed(event: KeyboardEvent): void {
    // A key that is part of the composition of a character is not yet a key.
    if (isComposing(event) || this.#mentions.typed(event)) return;
    if (event.key === 'Escape' && (this.#editing || this.#replyTo)) {
      event.stopPropagation();
      this.#cancel();
    }
    if (event.target !== this.text) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.element.requestSubmit();
    }
    if (event.key === 'ArrowUp' && this.text.value === '' && this.#editing === undefined) {
      const last = this.#actions.lastOwn();
      if (last === undefined) return;
      event.preventDefault();
      this.edit(last);
    }
  }

  #submit(): void {
    const text = this.text.value.trim();
    this.text.focus();
    this.#mentions.close();
    if (text === '' && (this.#uploads?.isEmpty ?? true)) return;
    const mentions = this.#mentions.mentioned(text);
    if (this.#editing) {
      const { message } = this.#editing;
      if (text === '') return;
      this.#endEdit();
      if (text !== message.text) this.#actions.saveEdit(message, text, mentions);
      return;
    }
    const replyTo = this.#replyTo;
    const handedOver = this.#actions.hold(text);
    this.#write('');
    this.#save();
    this.#mentions.begin();
    this.#cancel();
    const draft = { text, mentions, files: [], replyTo, handedOver };
    const uploading = this.#uploads?.isEmpty === false ? this.#uploads.take(text) : undefined;
    const sent = uploading === undefined ? this.#actions.send(draft) : this.#sendWith(draft, uploading);
    this.#actions.sending(sent);
  }

  async #sendWith(draft: Draft, uploading: Promise<Uploaded>): Promise<void> {
    const { files, failed } = await uploading;
    const whole = { ...draft, files };
    if (failed) this.#actions.unsent(whole);
    else if (draft.text !== '' || files.length > 0) await this.#actions.send(whole);
  }

  #cancel(): void {
    if (this.#editing) this.#endEdit();
    else {
      this.#replyTo = undefined;
      this.#strip.hide();
    }
  }

  #endEdit(): void {
    const edit = this.#editing;
    this.#editing = undefined;
    this.#strip.hide();
    if (edit === undefined) return;
    this.#showDeed('send');
    this.#write(edit.draft);
    this.#mentions.begin(edit.mentions);
    if (edit.replyTo) this.reply(edit.replyTo, false);
  }

  /** Says what Enter and the button do. */
  #showDeed(deed: 'send' | 'save'): void {
    const word = this.#ui.texts[deed];
    this.text.setAttribute('enterkeyhint', deed === 'send' ? deed : 'done');
    this.#send.setAttribute('aria-label', word);
    this.#send.replaceChildren(h('span', { 'aria-hidden': 'true' }, word), icon(deed));
  }

  /** Keeps the draft, which an edit leaves as it is. */
  #save(): void {
    const text = this.text.value;
    if (this.#editing === undefined)
      this.#actions.saveDraft({ text, mentions: this.#mentions.mentioned(text) });
  }

  #write(text: string): void {
    this.text.value = text;
    this.#fit();
  }

  #fit(): void {
    const { style } = this.text;
    style.height = 'auto';
    if (this.text.value !== '') style.height = `${this.text.scrollHeight + 2}px`;
  }
}
