import type { Message } from '../messages/message.js';
import type { SearchResults } from './faces.js';
import type { Latest, PaneKit } from './pane-kit.js';
import { snippetOf } from './snippet.js';
import type { Ui } from './ui.js';

/** So many hits are looked for at a time. */
const PAGE = 20;
/** So long after the last key the search begins (ms). */
const PAUSE_MS = 300;

/** The room's search, where it has one. */
type Search = (query: string, options: { signal: AbortSignal }) => SearchResults | undefined;

interface Run {
  readonly query: string;
  readonly results: SearchResults;
  readonly hits: AsyncIterator<Message>;
  readonly abort: AbortController;
  busy: boolean;
}

/** Searches the room, page by page. Loaded when it is first opened. */
export class SearchPane {
  readonly element: HTMLElement;
  readonly #kit: PaneKit;
  readonly #ui: Ui;
  readonly #search: Search;
  readonly #goTo: (id: string) => void;
  readonly #field: HTMLInputElement;
  readonly #status: HTMLElement;
  readonly #list: HTMLElement;
  readonly #further: HTMLButtonElement;
  #updates: ((latest: Latest) => void)[] = [];
  #latest: Latest = (found) => found;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #run: Run | undefined;

  constructor(kit: PaneKit, ui: Ui, { search, goTo }: { search: Search; goTo: (id: string) => void }) {
    const { h, button } = kit;
    const { texts } = ui;
    this.#kit = kit;
    this.#ui = ui;
    this.#search = search;
    this.#goTo = goTo;
    this.#field = h('input', {
      class: 'field',
      type: 'search',
      part: 'search-input',
      'aria-label': texts.searchMessages,
      placeholder: texts.searchMessages,
      autocomplete: 'off',
      enterkeyhint: 'search',
      dir: 'auto',
      oninput: () => this.#typed(),
    });
    this.#status = h('p', { class: 'muted', role: 'status', dir: 'auto' });
    this.#list = h('ul', { class: 'pins' });
    this.#further = button({ class: 'quiet', hidden: true, onclick: () => this.#goOn() });
    this.element = h(
      'div',
      { class: 'search' },
      h(
        'form',
        {
          role: 'search',
          onsubmit: (event: Event) => {
            event.preventDefault();
            this.#start();
          },
        },
        this.#field,
        this.#status,
      ),
      h('div', { class: 'scroll' }, this.#list, h('div', { class: 'older' }, this.#further)),
    );
  }

  /** Shown, or shown again: a search that was stopped begins anew, and one that was not begun begins. */
  focus(): void {
    this.#field.focus();
    this.#field.select();
    this.#start();
  }

  /** Nobody looks any more. The hits so far stay. */
  stop(): void {
    clearTimeout(this.#timer);
    if (this.#run?.busy) this.#end();
  }

  /** Takes away what was deleted or hidden since it was found, and shows what was edited as it is now. */
  refresh(latest: Latest): void {
    this.#latest = latest;
    for (const update of this.#updates) update(latest);
    if (this.#run?.busy === false) this.#tell(this.#run);
  }

  #end(): void {
    this.#run?.abort.abort();
    this.#run = undefined;
  }

  #typed(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#start(), PAUSE_MS);
  }

  #start(): void {
    clearTimeout(this.#timer);
    const query = this.#field.value.trim();
    if (query !== '' && query === this.#run?.query) return;
    this.#end();
    this.#list.replaceChildren();
    this.#updates = [];
    this.#further.hidden = true;
    this.#kit.setText(this.#status, '');
    if (query === '') return;
    const abort = new AbortController();
    const results = this.#search(query, { signal: abort.signal });
    if (results === undefined) return;
    this.#run = { query, results, hits: results[Symbol.asyncIterator](), abort, busy: false };
    void this.#page(this.#run);
  }

  /** The next page, or the whole again after a failure. */
  #goOn(): void {
    if (this.#run === undefined) this.#start();
    else void this.#page(this.#run, { refocus: true });
  }

  async #page(run: Run, { refocus = false } = {}): Promise<void> {
    if (run.busy) return;
    run.busy = true;
    const { texts } = this.#ui;
    const { setText, inWords } = this.#kit;
    const before = this.#list.childElementCount;
    setText(this.#status, texts.searching);
    this.#further.setAttribute('aria-disabled', 'true');
    try {
      for (let count = 0; count < PAGE; count += 1) {
        const { done, value } = await run.hits.next();
        if (run !== this.#run) return;
        if (done) break;
        this.#list.append(this.#hit(value, run.query));
      }
      this.#tell(run);
    } catch (error) {
      if (run !== this.#run) return;
      this.#end();
      setText(this.#status, inWords(error, texts));
      setText(this.#further, texts.tryAgain);
      this.#further.hidden = false;
    } finally {
      run.busy = false;
      this.#further.removeAttribute('aria-disabled');
    }
    // The button moved down, or went away.
    if (refocus)
      (this.#list.children[before]?.querySelector('button') ?? this.#field).focus({ preventScroll: true });
  }

  /** Says how much was found, and how far the search has come. */
  #tell({ results: { reachedEnd, reached } }: Run): void {
    const { texts, format } = this.#ui;
    const { setText } = this.#kit;
    const words = [texts.hits(this.#list.querySelectorAll('li:not([hidden])').length)];
    if (reached !== undefined) words.push(texts.searchedTo(format.stamp(reached), reachedEnd));
    setText(this.#status, words.join(' '));
    setText(this.#further, texts.searchFurther);
    this.#further.hidden = reachedEnd;
  }

  #hit(found: Message, query: string): HTMLElement {
    const { h, button } = this.#kit;
    const { id, user, sentAt } = found;
    const words = h('span', { class: 'pinned-text', dir: 'auto' });
    const show = ({ text }: Message) => {
      const { before, found, after } = snippetOf(text, query);
      words.replaceChildren(before, h('mark', {}, found), after);
    };
    show(found);
    const line = h(
      'li',
      {},
      button(
        { class: 'pinned hit', part: 'hit', onclick: () => this.#goTo(id) },
        h(
          'span',
          { class: 'hit-head' },
          h('span', { class: 'quote-author', dir: 'auto' }, user.name),
          ' ',
          h(
            'time',
            { class: 'muted', dir: 'auto', datetime: sentAt.toISOString() },
            this.#ui.format.stamp(sentAt),
          ),
        ),
        ' ',
        words,
      ),
    );
    let now = found;
    const update = (latest: Latest) => {
      const next = latest(now);
      const gone = next === undefined || next.deletedAt !== undefined;
      if (gone && line.contains(this.#ui.focused)) this.#field.focus();
      line.hidden = gone;
      if (gone) return;
      if (next.text !== now.text) show(next);
      now = next;
    };
    // Much may have changed since it was read.
    update(this.#latest);
    this.#updates.push(update);
    return line;
  }
}
