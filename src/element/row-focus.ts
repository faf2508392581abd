import type { MessageRow } from './message-row.js';
import type { RowBlocks } from './row-blocks.js';

/** The Tab key reaches the menu of one row; from there the arrow keys go to those of the rows above and below. */
export class RowFocus {
  readonly #rows: RowBlocks;
  readonly #rowOf: (target: EventTarget | null) => MessageRow | undefined;
  #active: MessageRow | undefined;

  constructor(rows: RowBlocks, rowOf: (target: EventTarget | null) => MessageRow | undefined) {
    this.#rows = rows;
    this.#rowOf = rowOf;
    rows.element.addEventListener('keydown', (event) => this.#typed(event));
    rows.element.addEventListener('focusin', ({ target }) => this.#activate(rowOf(target)));
  }

  /** Rows came and went: the newest is reached first, unless the focus was on another. */
  renew(): void {
    const kept = this.#active?.element.isConnected && !this.#active.more.hidden && this.#wasUsed;
    this.#activate(kept ? this.#active : this.#last());
  }

  get #wasUsed(): boolean {
    const { element } = this.#rows;
    const root = element.getRootNode();
    return root instanceof ShadowRoot && element.contains(root.activeElement);
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
    return [...this.#rows]
      .map((element) => this.#rowOf(element))
      .filter((row) => row !== undefined && !row.more.hidden) as MessageRow[];
  }

  /** The newest that has a menu; not every row is asked, as this is done with each message that comes. */
  #last(): MessageRow | undefined {
    const newest = this.#rowOf(this.#rows.last ?? null);
    return newest === undefined || newest.more.hidden ? this.#all().at(-1) : newest;
  }
}
