import { button, h, icon, isComposing } from './dom.js';
import type { Texts } from './texts/texts.js';

/** A thing that is shown beside the conversation. */
export interface PaneView {
  name: string;
  title: string;
  content: HTMLElement;
  /** Ends what the content uses. */
  close?: (() => void) | undefined;
}

export interface SidePaneHooks {
  /** Tells that the connection is lost, where the pane covers what tells it otherwise. */
  readonly banner: HTMLElement;
  /** Puts the focus where it goes when there is no better place. */
  refocus(): void;
  /** Another view is in sight, by its name, or none. */
  shown(name: string | undefined): void;
  /** The conversation was covered, and is seen again. */
  uncovered(): void;
}

/**
 * The pane beside the conversation: a thread, the people, the pins or a search, one at a time. Another view may lie over it, with
 * a way back. On a phone it covers all.
 */
export class SidePane {
  readonly element = h('aside', { class: 'side', part: 'side', hidden: true });
  readonly #texts: Texts;
  readonly #hooks: SidePaneHooks;
  /** The one in sight is the last. */
  readonly #views: (PaneView & { anchor: Element | null })[] = [];

  constructor(texts: Texts, hooks: SidePaneHooks) {
    this.#texts = texts;
    this.#hooks = hooks;
    this.element.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || event.defaultPrevented || isComposing(event)) return;
      if (this.#views.length > 1) this.back();
      else this.close();
    });
  }

  /** The name of what is in sight. */
  get open(): string | undefined {
    return this.#views.at(-1)?.name;
  }

  /** Whether something is in sight, or comes back into sight. */
  holds(name: string): boolean {
    return this.#views.some((view) => view.name === name);
  }

  /** Whether it is open, and hides the conversation. */
  get covers(): boolean {
    return this.#views.length > 0 && getComputedStyle(this.element).position === 'absolute';
  }

  focus(): void {
    this.element.querySelector('button')?.focus();
  }

  /** Closes what is there. `over`: that stays below, and comes back; one of the same name is replaced. */
  show(view: PaneView, { over = false } = {}): void {
    const focused = this.#focused;
    const within = this.element.contains(focused);
    const again = over && this.open === view.name;
    const inherited = again ? this.#views.at(-1) : this.#views[0];
    const anchor = within && (again || !over) ? (inherited?.anchor ?? null) : focused;
    const closed = again ? this.#views.splice(-1) : over ? [] : this.#views.splice(0);
    for (const { close } of closed) close?.();
    this.#views.push({ ...view, anchor });
    this.#draw();
  }

  back(): void {
    const top = this.#views.pop();
    if (top === undefined) return;
    top.close?.();
    this.#draw();
    if (!this.#focusOn(top.anchor)) this.focus();
  }

  close(): void {
    const within = this.element.contains(this.#focused);
    const { covers } = this;
    const [first, ...over] = this.#views.splice(0);
    if (first === undefined) return;
    for (const { close } of [first, ...over]) close?.();
    this.element.hidden = true;
    this.element.replaceChildren();
    this.#hooks.shown(undefined);
    if (within && !this.#focusOn(first.anchor)) this.#hooks.refocus();
    if (covers) this.#hooks.uncovered();
  }

  get #focused(): Element | null {
    const root = this.element.getRootNode();
    return root instanceof ShadowRoot ? root.activeElement : null;
  }

  /** Focuses a control, or the one of the same `data-key` that came in its place. */
  #focusOn(anchor: Element | null): boolean {
    if (!(anchor instanceof HTMLElement)) return false;
    const { className, dataset, isConnected } = anchor;
    const root = this.element.getRootNode() as ShadowRoot;
    const keyed = [...root.querySelectorAll<HTMLElement>('[data-key]')];
    const again = keyed.find((one) => one.className === className && one.dataset.key === dataset.key);
    const control = isConnected ? anchor : again;
    control?.focus();
    return control !== undefined && control === this.#focused;
  }

  #draw(): void {
    const top = this.#views.at(-1);
    if (top === undefined) return;
    const { back, close } = this.#texts;
    const id = 'side-title';
    this.element.setAttribute('aria-labelledby', id);
    this.element.replaceChildren(
      h(
        'div',
        { class: 'bar' },
        this.#views.length > 1 &&
          button({ class: 'bare', label: back, onclick: () => this.back() }, icon('back')),
        h('h2', { id, class: 'side-title' }, top.title),
        button({ class: 'bare', label: close, onclick: () => this.close() }, icon('close')),
      ),
      this.#hooks.banner,
      top.content,
    );
    this.element.hidden = false;
    this.#hooks.shown(top.name);
  }
}
