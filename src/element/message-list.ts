import type { Message } from '../messages/message.js';
import { button, h } from './dom.js';
import { MessageRow, type RowActions } from './message-row.js';
import { RowBlocks } from './row-blocks.js';
import { RowFocus } from './row-focus.js';
import type { Ui } from './ui.js';

/** So near to the end, in pixels, a reader counts as being there. */
const NEAR_END_PX = 60;
/** So near to the top older messages are loaded. */
const NEAR_TOP_PX = 80;
/** Long enough for a browser to tell screen readers what changed, so that history can stay untold. */
const HUSH_MS = 400;
/** From so many messages on those out of sight are not laid out. */
const LONG = 150;

export interface ListActions extends RowActions {
  loadOlder(): void;
  /** The newest message is in sight. */
  seenEnd(): void;
  /** The control that has the focus goes away. */
  focusAway(): void;
}

/**
 * The log of messages. Keyed by message id: a change touches the rows that changed and no others, the reader's
 * place is kept, and pages of history come in without being read aloud.
 */
export class MessageList {
  readonly element: HTMLElement;
  readonly #log: HTMLElement;
  readonly #list = new RowBlocks();
  readonly #older: HTMLButtonElement;
  readonly #fresh: HTMLButtonElement;
  readonly #ui: Ui;
  readonly #actions: ListActions;
  readonly #rows = new Map<string, MessageRow>();
  readonly #resizes: ResizeObserver;
  readonly #focus: RowFocus;
  #top = 0;
  /** How far the log could be scrolled when the reader's place was last looked at. */
  #range = 0;
  #atEnd = true;
  #wasShown = false;
  #hush: ReturnType<typeof setTimeout> | undefined;

  constructor(ui: Ui, actions: ListActions, { id, label }: { id: string; label: string }) {
    this.#ui = ui;
    this.#actions = actions;
    this.#older = button(
      { class: 'quiet', id: `${id}-older`, hidden: true, onclick: () => actions.loadOlder() },
      ui.texts.loadOlder,
    );
    this.#fresh = button(
      {
        class: 'fresh',
        part: 'new-messages',
        hidden: true,
        onclick: () => {
          actions.focusAway();
          this.toEnd();
        },
      },
      ui.texts.newMessages,
    );
    this.#log = h(
      'div',
      {
        class: 'log',
        part: 'log',
        id: `${id}-log`,
        role: 'log',
        'aria-live': 'polite',
        // A text that changes, by an edit, is no news.
        'aria-relevant': 'additions',
        'aria-label': label,
      },
      h('div', { class: 'older', 'aria-live': 'off' }, this.#older),
      this.#list.element,
    );
    this.element = h('div', { class: 'stage' }, this.#log, this.#fresh);
    this.#log.addEventListener('scroll', () => this.#scrolled(), { passive: true });
    this.#focus = new RowFocus(this.#list, (target) => this.#rowOf(target));
    // A phone's keyboard takes half the height, a picture that arrives makes its row taller: whoever read the end still does.
    this.#resizes = new ResizeObserver(() => {
      if (this.#atEnd) this.toEnd();
    });
    this.#resizes.observe(this.#log);
    this.#resizes.observe(this.#list.element);
  }

  get atEnd(): boolean {
    return this.#atEnd;
  }

  /** Shows these messages. Those that are there first, those above them and those of an opening are history, not news. */
  render(
    messages: readonly Message[],
    {
      isOpening,
      hasOlder,
      unreadFrom,
    }: { isOpening: boolean; hasOlder: boolean; unreadFrom: string | undefined },
  ): void {
    const first = messages[0]?.id ?? '';
    // Where there is nothing older, what comes first was sent late.
    const isOlder = !this.#older.hidden && first !== '' && !this.#rows.has(first);
    if (isOpening || isOlder || !this.#wasShown) this.#beQuiet();
    this.#wasShown = true;
    // Scroll events wait for a frame to be drawn, and a tab in the background draws none.
    if (this.#log.scrollTop !== this.#top) this.#look();
    const anchor = this.#atEnd ? undefined : this.#firstVisible();
    const before = anchor ? topOf(anchor) : 0;
    // The browser's own anchoring would move the reader a second time.
    this.#log.style.overflowAnchor = 'none';

    this.#showOlder(hasOlder);
    const news = this.#reconcile(messages, unreadFrom);
    this.#list.element.classList.toggle('long', messages.length > LONG);
    // There is nothing to scroll in an empty one.
    this.#log.tabIndex = messages.length > 0 ? 0 : -1;

    if (this.#atEnd || news.own) {
      this.toEnd();
    } else if (anchor?.isConnected) {
      this.#log.scrollTop += topOf(anchor) - before;
      this.#top = this.#log.scrollTop;
    }
    if (!this.#atEnd) this.#log.style.overflowAnchor = '';
    if (news.atEnd && !news.own && !this.#atEnd) this.#fresh.hidden = false;
  }

  /** Shows the newest message, and stays with whatever comes. */
  toEnd(): void {
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#top = this.#log.scrollTop;
    this.#range = this.#log.scrollHeight - this.#log.clientHeight;
    this.#atEnd = true;
    this.#fresh.hidden = true;
    this.#actions.seenEnd();
  }

  /** A box that was moved within the page is at its top. */
  keepPlace(): void {
    if (this.#atEnd) this.toEnd();
    else this.#log.scrollTop = this.#top;
  }

  /** Shows a message in the middle, and marks it for a moment. False when it is not in the list. */
  goTo(id: string): boolean {
    const row = this.#rows.get(id);
    if (row === undefined) return false;
    this.#atEnd = false;
    row.element.scrollIntoView({ block: 'center' });
    this.#look();
    row.element.classList.remove('found');
    // Read, so that the animation starts anew.
    void row.element.offsetWidth;
    row.element.classList.add('found');
    (row.more.hidden ? this.#log : row.more).focus({ preventScroll: true });
    return true;
  }

  /** Not `disabled`: that would take the keyboard's focus away. */
  loading(loading: boolean): void {
    if (loading) this.#older.setAttribute('aria-disabled', 'true');
    else this.#older.removeAttribute('aria-disabled');
  }

  close(): void {
    clearTimeout(this.#hush);
    this.#resizes.disconnect();
    this.#rows.clear();
  }

  #reconcile(messages: readonly Message[], unreadFrom: string | undefined): { atEnd: boolean; own: boolean } {
    this.#removeAllBut(new Set(messages.map((message) => message.id)));
    // A block without rows hides the first one: all would be put in anew.
    this.#list.tidy();
    const first = this.#rows.size === 0;
    const news = { atEnd: false, own: false };
    let previous: Message | undefined;
    let above: Element | undefined;
    let next = this.#list.first;
    let newDay = false;
    for (const [index, message] of messages.entries()) {
      let row = this.#rows.get(message.id);
      const isNew = !row;
      row ??= new MessageRow(this.#ui, this.#actions);
      row.follow(previous, message, message.id === unreadFrom);
      if (isNew) {
        this.#rows.set(message.id, row);
        newDay ||= row.startsDay;
        const last = index === messages.length - 1;
        if (last) {
          news.atEnd = true;
          news.own = message.own && message.status === 'sending';
          row.element.classList.toggle('arriving', !first);
        }
      }
      if (row.element === next) next = this.#list.after(next);
      else this.#list.insert(row.element, above, next);
      above = row.element;
      previous = message;
    }
    this.#list.tidy();
    if (newDay) for (const row of this.#rows.values()) row.showDay();
    this.#focus.renew();
    return news;
  }

  #removeAllBut(ids: ReadonlySet<string>): void {
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      if (row.element.contains(this.#ui.focused)) this.#actions.focusAway();
      row.element.remove();
      this.#rows.delete(id);
    }
  }

  #showOlder(hasOlder: boolean): void {
    // A person who pressed it for the last page keeps the keyboard's place in the list.
    if (!hasOlder && this.#ui.focused === this.#older) this.#log.focus({ preventScroll: true });
    this.#older.hidden = !hasOlder;
  }

  #scrolled(): void {
    this.#look();
    if (this.#top < NEAR_TOP_PX && !this.#older.hidden && !this.#atEnd && this.#ui.focused !== this.#older)
      this.#actions.loadOlder();
  }

  /** Where the reader is. */
  #look(): void {
    const { scrollTop, clientHeight, scrollHeight } = this.#log;
    // A page that hides it has not read to its end.
    if (clientHeight === 0) return;
    const range = scrollHeight - clientHeight;
    // An event of a scroll before its size changed: as an observer sees that, it stays at its end.
    if (this.#atEnd && range !== this.#range) return;
    this.#range = range;
    this.#top = scrollTop;
    this.#atEnd = range - scrollTop < NEAR_END_PX;
    if (!this.#atEnd) return;
    this.#fresh.hidden = true;
    this.#actions.seenEnd();
  }

  /**
   * Returns the text that the reader's eyes are on: the lines above it (day, author) go when the row gets company.
   */
  #firstVisible(): HTMLElement | undefined {
    const row = this.#rowOf(this.#list.below(topOf(this.#log)) ?? null);
    return row?.text.hidden ? row.element : row?.text;
  }

  #rowOf(target: EventTarget | null): MessageRow | undefined {
    const element = target instanceof Element ? target.closest<HTMLElement>('.message') : null;
    return this.#rows.get(element?.dataset.id ?? '');
  }

  #beQuiet(): void {
    this.#log.setAttribute('aria-live', 'off');
    clearTimeout(this.#hush);
    this.#hush = setTimeout(() => this.#log.setAttribute('aria-live', 'polite'), HUSH_MS);
  }
}

/** To the fraction of a pixel, which `offsetTop` rounds away. */
function topOf(element: HTMLElement): number {
  return element.getBoundingClientRect().top;
}
