import type { MessageRow } from './message-row.js';

/** The Tab key reaches the menu of one row; from there the arrow keys go to those of the rows above and below. */
export class RowFocus {
  readonly #list: HTMLElement;
  readonly #rowOf: (target: EventTarget | null) => MessageRow | undefined;
  #active: MessageRow | undefined;

  constructor(list: HTMLElement, rowOf: (target: EventTarget | null) => MessageRow | undefined) {
    this.#list = list;
    this.#rowOf = rowOf;
    list.addEventListener('keydown', (event) => this.#typed(event));
    list.addEventListener('focusin', ({ target }) => this.#activate(rowOf(target)));
  }

  /** Rows came and went: the newest is reached first, unless the focus was on another. */
  renew(): void {
    const kept = this.#active?.element.isConnected && !this.#active.more.hidden && this.#wasUsed;
    this.#activate(kept ? this.#active : this.#all().at(-1));
  }

  get #wasUsed(): boolean {
    const root = this.#list.getRootNode();
    return root instanceof ShadowRoot && this.#list.contains(root.activeElement);
  }

  #activate(row: MessageRow | undefined): void {
    if (row === this.#active) return;
    if (this.#active) this.#active.more.tabIndex = -1;
    if (row) row.more.tabIndex = 0;
    this.#active = row;
  }

  #typed(event: KeyboardEvent): void {
    const row = this.#rowOf(event.target);
    if (row === undefined || event.target !== row.more) return;
    const all = this.#all();
    const at = all.indexOf(row);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    all[to]?.more.focus();
  }

  #all(): MessageRow[] {
    return [...this.#list.children]
      .map((element) => this.#rowOf(element))
      .filter((row) => row !== undefined && !row.more.hidden) as MessageRow[];
  }
}
