import type { Message } from 'momento-chat';
import { MessageRow, placeAfter, type RowActions } from './message-row.js';

/** So near to the end, in pixels, a reader counts as being there. */
const NEAR_END_PX = 60;
/** Long enough for a browser to tell screen readers what changed, so that history can stay untold. */
const HUSH_MS = 400;

/**
 * The log of messages. Keyed by message id: a change touches the rows that changed and no others, the reader's
 * place is kept, and pages of history come in without being read aloud.
 */
export class MessageList {
  readonly #log: HTMLElement;
  readonly #list: HTMLElement;
  readonly #older: HTMLElement;
  readonly #fresh: HTMLElement;
  readonly #actions: RowActions;
  readonly #rows = new Map<string, MessageRow>();
  readonly #resizes: ResizeObserver;
  readonly #events = new AbortController();
  #top = 0;
  #atEnd = true;
  #hush: ReturnType<typeof setTimeout> | undefined;

  constructor(elements: Record<'log' | 'list' | 'older' | 'fresh', HTMLElement>, actions: RowActions) {
    this.#log = elements.log;
    this.#list = elements.list;
    this.#older = elements.older;
    this.#fresh = elements.fresh;
    this.#actions = actions;
    const { signal } = this.#events;
    this.#log.addEventListener('scroll', () => this.#look(), { passive: true, signal });
    // A phone's keyboard takes half the height: whoever read the end still does.
    this.#resizes = new ResizeObserver(() => {
      if (this.#atEnd) this.toEnd();
    });
    this.#resizes.observe(this.#log);
  }

  /** Shows these messages. `quiet`: they are history, not news. */
  render(messages: readonly Message[], { quiet, hasOlder }: { quiet: boolean; hasOlder: boolean }): void {
    if (quiet) this.#beQuiet();
    // Scroll events wait for a frame to be drawn, and a tab in the background draws none.
    if (this.#log.scrollTop !== this.#top) this.#look();
    const anchor = this.#atEnd ? undefined : this.#firstVisible();
    const before = anchor ? topOf(anchor) : 0;

    this.#showOlder(hasOlder);
    const news = this.#reconcile(messages);

    if (this.#atEnd || news.own) {
      this.toEnd();
    } else if (anchor?.isConnected) {
      this.#log.scrollTop += topOf(anchor) - before;
      this.#top = this.#log.scrollTop;
    }
    if (news.atEnd && !news.own && !quiet && !this.#atEnd) this.#fresh.hidden = false;
  }

  /** Shows the newest message, and stays with whatever comes. */
  toEnd(): void {
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#top = this.#log.scrollTop;
    this.#atEnd = true;
    this.#fresh.hidden = true;
  }

  close(): void {
    clearTimeout(this.#hush);
    this.#resizes.disconnect();
    this.#events.abort();
    this.#rows.clear();
    this.#list.replaceChildren();
    this.#older.hidden = true;
    this.#fresh.hidden = true;
    this.#log.setAttribute('aria-live', 'polite');
  }

  #reconcile(messages: readonly Message[]): { atEnd: boolean; own: boolean } {
    this.#removeAllBut(new Set(messages.map((message) => message.id)));
    const first = this.#rows.size === 0;
    const news = { atEnd: false, own: false };
    let previous: Message | undefined;
    let next = this.#list.firstElementChild;
    let newDay = false;
    for (const [index, message] of messages.entries()) {
      let row = this.#rows.get(message.id);
      const isNew = !row;
      row ??= new MessageRow(this.#actions);
      row.update(message, placeAfter(previous, message));
      if (isNew) {
        this.#rows.set(message.id, row);
        newDay ||= row.day !== undefined;
        const last = index === messages.length - 1;
        if (last) {
          news.atEnd = true;
          news.own = message.own && message.status === 'sending';
          row.element.classList.toggle('arriving', !first);
        }
      }
      if (row.element === next) next = next.nextElementSibling;
      else this.#list.insertBefore(row.element, next);
      previous = message;
    }
    if (newDay) for (const row of this.#rows.values()) row.showDay();
    return news;
  }

  #removeAllBut(ids: ReadonlySet<string>): void {
    for (const [id, row] of this.#rows) {
      if (ids.has(id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
  }

  #showOlder(hasOlder: boolean): void {
    // Whoever pressed it for the last page keeps the keyboard's place in the list.
    if (!hasOlder && document.activeElement === this.#older) this.#log.focus({ preventScroll: true });
    this.#older.hidden = !hasOlder;
  }

  /** Where the reader is. */
  #look(): void {
    const { scrollTop, clientHeight, scrollHeight } = this.#log;
    this.#top = scrollTop;
    this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (this.#atEnd) this.#fresh.hidden = true;
  }

  /**
   * What the reader's eyes are on: the text, since the lines above it (day, author) go when the row gets company.
   */
  #firstVisible(): HTMLElement | undefined {
    const top = this.#log.scrollTop;
    for (const { element, text } of this.#inOrder()) {
      if (element.offsetTop + element.offsetHeight > top) return text;
    }
    return undefined;
  }

  *#inOrder(): Iterable<MessageRow> {
    for (const element of this.#list.children) {
      const row = this.#rows.get(element instanceof HTMLElement ? (element.dataset.id ?? '') : '');
      if (row) yield row;
    }
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
