import type { Message } from '../messages/message.js';
import { button, h, icon, isolated, setAttribute } from './dom.js';
import { type FileActions, fileList } from './file-list.js';
import { type Place, placeAfter, samePlace } from './place.js';
import { quoteOf } from './quote.js';
import { reactionRow } from './reaction-row.js';
import { richText } from './rich-text.js';
import type { Ui } from './ui.js';

/** The actions of a person on a message. */
export interface RowActions {
  retry(id: string): void;
  discard(id: string): void;
  openMenu(message: Message, anchor: HTMLElement): void;
  react(message: Message, emoji: string): void;
  /** Absent where there are no threads, such as in a thread. */
  openThread?: ((id: string) => void) | undefined;
  goTo(id: string): void;
  files: FileActions | undefined;
}

/** Longer texts are shown in part at first. */
const TALL_CHARACTERS = 1500;
const TALL_LINES = 24;

/** One message of the list: an element that is built once and touched again only where something changed. */
export class MessageRow {
  readonly element = h('li', { class: 'message' });
  readonly text = h('p', { class: 'text', part: 'text', dir: 'auto' });
  readonly more: HTMLButtonElement;
  readonly #meta = h('div', { class: 'meta' });
  /** A change here is not news: it is not read aloud. */
  readonly #foot = h('div', { class: 'foot', 'aria-live': 'off' });
  readonly #line = h('div', { class: 'line' });
  readonly #body = h('div', { class: 'body' });
  readonly #ui: Ui;
  readonly #actions: RowActions;
  readonly #parts = new Map<'day' | 'unread' | 'quote' | 'files' | 'failure' | 'whole', HTMLElement>();
  #message: Message | undefined;
  #above: Message | undefined;
  #place: Place | undefined;

  constructor(ui: Ui, actions: RowActions) {
    this.#ui = ui;
    this.#actions = actions;
    this.more = button(
      {
        class: 'more',
        part: 'more',
        'aria-haspopup': 'menu',
        'aria-expanded': 'false',
        tabindex: -1,
        onclick: () => this.openMenu(),
      },
      icon('more'),
    );
  }

  openMenu(): void {
    if (this.#message) this.#actions.openMenu(this.#message, this.more);
  }

  get message(): Message | undefined {
    return this.#message;
  }

  get startsDay(): boolean {
    return this.#parts.has('day');
  }

  /** Shows a message below another. Costs next to nothing where neither changed. */
  follow(above: Message | undefined, message: Message, startsUnread: boolean): void {
    const same = this.#message === message && this.#above === above;
    if (same && this.#place?.startsUnread === startsUnread) return;
    this.#above = above;
    this.update(message, placeAfter(above, message, startsUnread));
  }

  update(message: Message, place: Place): void {
    const before = this.#message;
    this.#message = message;
    if (before !== message) {
      if (before === undefined) this.#build(message);
      this.#showText(message, before);
      this.#showQuote(message, before);
      this.#showFiles(message, before);
      this.#showFoot(message);
      if (before?.status !== message.status) this.#showStatus(message);
    }
    if (!samePlace(this.#place, place)) this.#showPlace(message, place);
  }

  /** Says the day again: "Today" is true for a day only. */
  showDay(): void {
    const day = this.#parts.get('day');
    if (day && this.#message) day.textContent = this.#ui.format.day(this.#message.sentAt);
  }

  #build(message: Message): void {
    const { format, texts } = this.#ui;
    const { name } = message.user;
    const time = format.clock(message.sentAt);
    // The space is for whoever reads or copies the line: "Ada 10:42", not "Ada10:42".
    this.#meta.append(
      h('span', { class: 'author', part: 'author', dir: 'auto', title: name }, name),
      ' ',
      h('time', { datetime: message.sentAt.toISOString(), title: format.moment(message.sentAt) }, time),
    );
    const label = texts.actionsOf(isolated(name), time);
    setAttribute(this.more, 'aria-label', label);
    this.#line.append(this.text, this.more);
    this.#body.append(this.#meta, this.#line, this.#foot);
    this.element.dataset.id = message.id;
    this.element.classList.toggle('own', message.own);
    this.element.classList.toggle('system', message.kind === 'system');
    setAttribute(this.element, 'part', message.own ? 'message own' : 'message');
    this.element.append(this.#ui.avatar(message.user), this.#body);
  }

  #showText(message: Message, before: Message | undefined): void {
    const { texts, people } = this.#ui;
    const deleted = message.deletedAt !== undefined;
    this.element.classList.toggle('mentioned', message.mentionsMe && !deleted);
    const sameNames = String(before?.mentions) === String(message.mentions);
    if (before?.text === message.text && sameNames && (before.deletedAt !== undefined) === deleted) return;
    const names = (message.mentions ?? [])
      .map((id) => people.nameOf(id))
      .filter((name) => name !== undefined);
    this.text.replaceChildren(...(deleted ? [texts.deleted] : richText(message.text, names)));
    this.text.hidden = !deleted && this.#actions.files !== undefined && saysFilesOnly(message);
    this.element.classList.toggle('deleted', deleted);
    const tall =
      message.text.length > TALL_CHARACTERS || message.text.split('\n', TALL_LINES).length >= TALL_LINES;
    if (tall === this.#parts.has('whole')) return;
    this.text.classList.toggle('tall', tall);
    const whole = button({ class: 'whole', onclick: () => this.#showWhole() }, texts.showAll);
    this.#part('whole', tall ? whole : undefined, this.#foot);
  }

  #showWhole(): void {
    this.text.classList.remove('tall');
    // The button that had the focus goes away.
    this.more.focus({ preventScroll: true });
    this.#parts.get('whole')?.remove();
  }

  #showQuote(message: Message, before: Message | undefined): void {
    const { replyTo } = message;
    if (replyTo === before?.replyTo) return;
    const quote = replyTo && quoteOf(replyTo, this.#ui, () => this.#actions.goTo(replyTo.id));
    // Its text changes, the button stays: it may have the focus, or get it back.
    if (quote && replyTo.id === before?.replyTo?.id)
      this.#parts.get('quote')?.replaceChildren(...quote.childNodes);
    else this.#part('quote', quote, this.#line);
  }

  #showFiles({ files }: Message, before: Message | undefined): void {
    if (files === before?.files) return;
    const { files: actions } = this.#actions;
    const list = files?.length && actions ? fileList(files, this.#ui, actions) : undefined;
    this.#part('files', list, this.#foot);
  }

  #showFoot(message: Message): void {
    const { texts } = this.#ui;
    const { thread, editedAt, deletedAt } = message;
    const open = this.#actions.openThread;
    const foot: Node[] = [];
    if (editedAt !== undefined && deletedAt === undefined)
      foot.push(h('span', { class: 'edited', title: this.#ui.format.moment(editedAt) }, texts.edited));
    if (message.reactions.length > 0)
      foot.push(
        reactionRow(message, this.#ui, {
          showsAll: this.#foot.querySelector('.all') !== null,
          onToggle: (emoji) => this.#actions.react(message, emoji),
        }),
      );
    if (thread !== undefined && thread.replyCount > 0 && open !== undefined)
      foot.push(
        button(
          {
            class: 'thread-link',
            part: 'thread-link',
            dir: 'auto',
            'data-key': message.id,
            onclick: () => open(message.id),
          },
          texts.replies(thread.replyCount),
          thread.unread > 0 && h('span', { class: 'badge' }, texts.unreadReplies(thread.unread)),
        ),
      );
    if (foot.length === 0 && this.#foot.childElementCount === 0) return;
    const focused = this.#ui.focused;
    const key = focused && this.#foot.contains(focused) ? keyOf(focused) : undefined;
    this.#foot.replaceChildren(...foot);
    // A replaced control takes the focus away: the same control gets it again, or the row's menu.
    if (key === undefined) return;
    const again = [...this.#foot.querySelectorAll('button')].find((one) => keyOf(one) === key);
    (again ?? this.more).focus({ preventScroll: true });
  }

  #showStatus(message: Message): void {
    const { texts } = this.#ui;
    this.element.dataset.state = message.status;
    this.more.hidden = message.status !== 'sent';
    const failure = () =>
      h(
        'div',
        { class: 'failure', part: 'failure' },
        `${texts.notSent} `,
        button({ class: 'quiet', onclick: () => this.#actions.retry(message.id) }, texts.retry),
        button({ class: 'quiet', onclick: () => this.#actions.discard(message.id) }, texts.discard),
      );
    this.#part('failure', message.status === 'failed' ? failure() : undefined, null);
  }

  #showPlace(message: Message, place: Place): void {
    this.#place = place;
    // A grouped message still says who and when, for those who hear the page instead of seeing it.
    this.element.classList.toggle('grouped', !place.startsGroup);
    this.#meta.classList.toggle('aside', !place.startsGroup);
    if (place.startsDay !== this.#parts.has('day')) {
      const day = h('div', { class: 'day', part: 'day' }, this.#ui.format.day(message.sentAt));
      this.#part('day', place.startsDay ? day : undefined, this.element.firstChild, this.element);
    }
    if (place.startsUnread !== this.#parts.has('unread')) {
      const unread = h('div', { class: 'unread', part: 'unread' }, this.#ui.texts.unreadFromHere);
      const before = this.#parts.get('day')?.nextSibling ?? this.element.firstChild;
      this.#part('unread', place.startsUnread ? unread : undefined, before, this.element);
    }
  }

  /** Puts a part in, in place of the one that was there, or takes it away. */
  #part(
    name: 'day' | 'unread' | 'quote' | 'files' | 'failure' | 'whole',
    part: HTMLElement | undefined,
    before: Node | null,
    into: HTMLElement = this.#body,
  ): void {
    this.#parts.get(name)?.remove();
    this.#parts.delete(name);
    if (part === undefined) return;
    this.#parts.set(name, part);
    into.insertBefore(part, before);
  }
}

/** A message of files alone has their names for a text, for those who show no files. */
function saysFilesOnly({ text, files }: Message): boolean {
  return text === (files ?? []).map(({ name }) => name).join(', ');
}

function keyOf(control: Element): string | undefined {
  return control instanceof HTMLElement ? (control.dataset.emoji ?? control.className) : undefined;
}
