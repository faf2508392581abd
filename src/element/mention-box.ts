import { h } from './dom.js';
import type { Ui } from './ui.js';

const MAX_OFFERED = 6;
/** An "@" that begins a word, and what follows it up to the caret. A blank at its end may stand after a name that was chosen. */
const ASKED = /(?:^|[\s(])@([^\s@]{0,30}(?: [^\s@]{1,20})?)$/u;

/** Offers people to mention while somebody types "@" and a name. The focus stays in the text. */
export class MentionBox {
  readonly #ui: Ui;
  readonly #text: HTMLTextAreaElement;
  readonly #id: string;
  /** The names of the users that were chosen, by user id. Undefined: the text does not name them as they are known here. */
  readonly #chosen = new Map<string, string | undefined>();
  /** Whether the text began with an "@" that belongs to none of the names. */
  #hadOther = false;
  #options: { id: string; name: string; element: HTMLElement }[] = [];
  #at = 0;

  constructor(ui: Ui, text: HTMLTextAreaElement) {
    this.#ui = ui;
    this.#text = text;
    this.#id = `${text.id}-people`;
    text.setAttribute('aria-autocomplete', 'list');
  }

  /** Ids of those who are mentioned in the text as it is. */
  mentioned(text: string): string[] {
    const names = this.#named(text);
    // Which "@" is whose is not known: none of these goes before the last such "@" does.
    if (!this.#hadOther) names.add(undefined);
    return [...this.#chosen].filter(([, name]) => names.has(name)).map(([id]) => id);
  }

  /** Takes these to be chosen already, as when a message is edited, whose text is in the box. */
  begin(ids: readonly string[] = []): void {
    this.#chosen.clear();
    for (const id of ids) this.#chosen.set(id, this.#ui.people.nameOf(id));
    const names = this.#named(this.#text.value);
    for (const [id, name] of this.#chosen) if (!names.has(name)) this.#chosen.set(id, undefined);
    this.#hadOther = names.has(undefined);
  }

  /** Returns the names of those chosen that stand in a text, and undefined where it has another "@". */
  #named(text: string): Set<string | undefined> {
    const names = new Set<string | undefined>();
    let rest = text;
    // "@Annabel", and not the "@Ann" in it.
    for (const name of [...this.#chosen.values()].sort((a = '', b = '') => b.length - a.length)) {
      const left = name ? rest.replaceAll(`@${name}`, ' ') : rest;
      if (left !== rest) names.add(name);
      rest = left;
    }
    return rest.includes('@') ? names.add(undefined) : names;
  }

  /** The text changed. */
  look(): void {
    const asked = this.#asked;
    const people = asked === undefined ? [] : this.#ui.people.matching(asked, MAX_OFFERED);
    if (people.length > 0) this.#open(people);
    else if (this.#options.length > 0) this.close();
  }

  /** Whether the key was for the list. */
  typed(event: KeyboardEvent): boolean {
    if (this.#options.length === 0) return false;
    const { key } = event;
    const chooses = (key === 'Enter' || key === 'Tab') && !event.shiftKey && this.#asked !== undefined;
    if (key === 'Escape') this.close();
    else if (chooses) this.#choose(this.#at);
    else if (key === 'ArrowDown') this.#mark((this.#at + 1) % this.#options.length);
    else if (key === 'ArrowUp') this.#mark((this.#at - 1 + this.#options.length) % this.#options.length);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  close(): void {
    if (this.#options.length > 0) this.#ui.popups.close();
  }

  /** The part of a name that stands before the caret. */
  get #asked(): string | undefined {
    return ASKED.exec(this.#text.value.slice(0, this.#text.selectionStart))?.[1];
  }

  #open(people: readonly { id: string; name: string }[]): void {
    const options = people.map(({ id, name }, index) => ({
      id,
      name,
      element: h(
        'li',
        {
          class: 'option',
          role: 'option',
          id: `${this.#id}-${index}`,
          // Before the text loses the focus.
          onmousedown: (event: MouseEvent) => {
            event.preventDefault();
            this.#choose(index);
          },
        },
        this.#ui.avatar({ id, name }),
        h('span', { class: 'option-name', dir: 'auto' }, name),
      ),
    }));
    const box = h(
      'ul',
      {
        class: 'popup mentions',
        part: 'mentions',
        role: 'listbox',
        id: this.#id,
        'aria-label': this.#ui.texts.mentions,
      },
      ...options.map(({ element }) => element),
    );
    this.#ui.popups.show(box, this.#text, { onClose: () => this.#closed() });
    this.#options = options;
    this.#text.setAttribute('aria-controls', this.#id);
    this.#mark(0);
  }

  #closed(): void {
    this.#options = [];
    this.#text.removeAttribute('aria-controls');
    this.#text.removeAttribute('aria-activedescendant');
  }

  #mark(at: number): void {
    this.#at = at;
    for (const [index, { element }] of this.#options.entries())
      element.setAttribute('aria-selected', String(index === at));
    const marked = this.#options[at]?.element;
    if (marked) this.#text.setAttribute('aria-activedescendant', marked.id);
  }

  #choose(at: number): void {
    const chosen = this.#options[at];
    const asked = this.#asked;
    if (chosen === undefined || asked === undefined) return;
    const { value, selectionStart: caret } = this.#text;
    const start = caret - asked.length - 1;
    const before = `${value.slice(0, start)}@${chosen.name} `;
    this.#chosen.set(chosen.id, chosen.name);
    this.close();
    this.#text.value = before + value.slice(caret);
    this.#text.setSelectionRange(before.length, before.length);
    this.#text.dispatchEvent(new Event('input', { bubbles: true }));
  }
}
