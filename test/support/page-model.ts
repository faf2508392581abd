import type { PageState, PageVisibility } from '../../src/shared/page-visibility.js';

/** A page that is hidden, shown and left as a test says. */
export class PageModel implements PageVisibility {
  readonly #listeners = new Set<(state: PageState) => void>();
  #visible = true;

  isVisible(): boolean {
    return this.#visible;
  }

  watch(listener: (state: PageState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the events of a browser, in their order: a page that goes away is hidden then. */
  becomes(state: PageState): void {
    if (state === 'pagehide') this.#tell('pagehide');
    this.#visible = state === 'visible';
    this.#tell(state === 'visible' ? 'visible' : 'hidden');
  }

  #tell(state: PageState): void {
    for (const listener of [...this.#listeners]) listener(state);
  }
}
