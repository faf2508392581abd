import { h } from './dom.js';

/** So many rows stand in a block at most, but for those that come in between. */
const BLOCK = 32;
/** The height that a row is given until it was laid out once, in pixels. */
const ROW_PX = 56;

/**
 * The rows of a list, in blocks. A browser looks at each thing that it may leave undrawn whenever the list scrolls or
 * changes: at a block for many rows.
 */
export class RowBlocks {
  readonly element = h('div', { class: 'messages', part: 'messages' });

  get first(): Element | undefined {
    return this.element.firstElementChild?.firstElementChild ?? undefined;
  }

  get last(): Element | undefined {
    return this.element.lastElementChild?.lastElementChild ?? undefined;
  }

  *[Symbol.iterator](): Iterator<Element> {
    for (const block of this.element.children) yield* block.children;
  }

  after(row: Element): Element | undefined {
    if (row.nextElementSibling) return row.nextElementSibling;
    let block = row.parentElement?.nextElementSibling;
    while (block && block.childElementCount === 0) block = block.nextElementSibling;
    return block?.firstElementChild ?? undefined;
  }

  /** Puts a row between two that follow each other. */
  insert(row: HTMLElement, previous: Element | undefined, next: Element | undefined): void {
    if (next?.previousElementSibling) {
      next.before(row);
      return;
    }
    let block = previous?.parentElement ?? undefined;
    if (block === undefined || block.childElementCount >= BLOCK) {
      const fresh = h('ol');
      if (block) block.after(fresh);
      else this.element.prepend(fresh);
      block = fresh;
    }
    block.append(row);
    block.style.setProperty('contain-intrinsic-block-size', `auto ${block.childElementCount * ROW_PX}px`);
  }

  /** Takes away what was left without rows. */
  tidy(): void {
    for (const block of [...this.element.children]) if (block.childElementCount === 0) block.remove();
  }

  /** Returns the first row that ends below a place, in pixels from the top of the window. */
  below(top: number): Element | undefined {
    for (const block of this.element.children) {
      if (!endsBelow(block, top)) continue;
      for (const row of block.children) if (endsBelow(row, top)) return row;
    }
    return undefined;
  }
}

function endsBelow(element: Element, top: number): boolean {
  return element.getBoundingClientRect().bottom > top;
}
