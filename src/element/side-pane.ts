import { button, h, icon } from './dom.js';

/** The pane beside the conversation: a thread, the people, or the pins, one at a time. On a phone it covers all. */
export class SidePane {
  readonly element = h('aside', { class: 'side', part: 'side', hidden: true });
  readonly #closeLabel: string;
  /** Where the focus goes when there is no better place. */
  readonly #refocus: () => void;
  #open: { name: string; close: (() => void) | undefined; anchor: Element | null } | undefined;

  constructor(closeLabel: string, refocus: () => void) {
    this.#closeLabel = closeLabel;
    this.#refocus = refocus;
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && !event.defaultPrevented) this.close();
    });
  }

  get open(): string | undefined {
    return this.#open?.name;
  }

  /** `onClose` ends what the content uses. */
  show(name: string, title: string, content: HTMLElement, onClose?: () => void): void {
    const root = this.element.getRootNode();
    const before = this.#open?.anchor ?? (root instanceof ShadowRoot ? root.activeElement : null);
    this.#open?.close?.();
    this.#open = { name, close: onClose, anchor: before };
    const id = 'side-title';
    this.element.setAttribute('aria-labelledby', id);
    this.element.replaceChildren(
      h(
        'div',
        { class: 'bar' },
        h('h2', { id, class: 'side-title' }, title),
        button({ class: 'bare', label: this.#closeLabel, onclick: () => this.close() }, icon('close')),
      ),
      content,
    );
    this.element.hidden = false;
  }

  close(): void {
    if (this.#open === undefined) return;
    const { close, anchor } = this.#open;
    this.#open = undefined;
    close?.();
    const root = this.element.getRootNode();
    const focused = root instanceof ShadowRoot && this.element.contains(root.activeElement);
    this.element.hidden = true;
    this.element.replaceChildren();
    if (!focused) return;
    if (anchor instanceof HTMLElement && anchor.isConnected && anchor.tabIndex >= 0) anchor.focus();
    else this.#refocus();
  }
}
