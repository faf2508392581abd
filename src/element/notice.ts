import { button, h, setText } from './dom.js';
import { inWords } from './texts/language.js';
import type { Ui } from './ui.js';

/** The last failure, in words, until it is put right or away. */
export class Notice {
  readonly element: HTMLElement;
  readonly #text = h('p', { class: 'notice-text', role: 'alert' });
  readonly #again: HTMLButtonElement;
  readonly #ui: Ui;
  readonly #refocus: () => void;

  constructor(ui: Ui, { again, refocus }: { again: () => void; refocus: () => void }) {
    this.#ui = ui;
    this.#refocus = refocus;
    this.#again = button({ class: 'quiet', hidden: true, onclick: again }, ui.texts.tryAgain);
    this.element = h(
      'div',
      { class: 'notice', part: 'notice', id: 'notice', hidden: true },
      this.#text,
      this.#again,
      button(
        {
          class: 'quiet',
          onclick: () => {
            this.hide();
            refocus();
          },
        },
        ui.texts.dismiss,
      ),
    );
  }

  show(error: unknown, { canTryAgain }: { canTryAgain: boolean }): void {
    this.element.hidden = false;
    // Set again, the same words would be read out again.
    setText(this.#text, inWords(error, this.#ui.texts));
    this.#again.hidden = !canTryAgain;
  }

  hide(): void {
    if (this.element.contains(this.#ui.focused)) this.#refocus();
    this.element.hidden = true;
    this.#text.textContent = '';
  }
}
