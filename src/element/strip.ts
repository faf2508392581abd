import { button, h, icon } from './dom.js';
import type { Ui } from './ui.js';

/** The line above the text that says what it answers or changes. */
export class Strip {
  readonly element = h('div', { class: 'strip', part: 'strip', hidden: true });
  readonly #ui: Ui;
  readonly #text: HTMLTextAreaElement;
  readonly #onCancel: () => void;

  constructor(ui: Ui, text: HTMLTextAreaElement, onCancel: () => void) {
    this.#ui = ui;
    this.#text = text;
    this.#onCancel = onCancel;
  }

  show(title: string, quoted: string): void {
    this.element.replaceChildren(
      h(
        'div',
        { class: 'strip-text', id: `${this.#text.id}-strip` },
        h('span', { class: 'strip-title' }, title),
        quoted !== '' && h('span', { class: 'strip-quote', dir: 'auto' }, quoted),
      ),
      button({ class: 'bare', label: this.#ui.texts.cancel, onclick: this.#onCancel }, icon('close')),
    );
    this.element.hidden = false;
    // A description is read out when the focus comes.
    if (this.#ui.focused === this.#text) this.#ui.announce(title);
  }

  hide(): void {
    if (this.element.contains(this.#ui.focused)) this.#text.focus();
    this.element.hidden = true;
    // The message that it quotes may be deleted.
    this.element.replaceChildren();
  }
}
