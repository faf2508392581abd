import { h } from './dom.js';

/** So much of what is observed is seen before it counts: what touches the screen from outside intersects with it, too. */
const SEEN = 0.5;

/** Tells whether the end of a log can be seen. The page may hide it, scroll it away or move it out of its window. */
export class Sight {
  /** Put below the log, it lies over its last pixels and takes no room. */
  readonly element: HTMLElement = h('div', { class: 'end' });
  /** Where a browser cannot tell, it is taken to be. */
  #onScreen = typeof IntersectionObserver === 'undefined';

  constructor(onChange: () => void, signal: AbortSignal) {
    document.addEventListener('visibilitychange', onChange, { signal });
    if (this.#onScreen) return;
    const observer = new IntersectionObserver(
      (entries) => {
        this.#onScreen = (entries.at(-1)?.intersectionRatio ?? 0) >= SEEN;
        onChange();
      },
      { threshold: SEEN },
    );
    observer.observe(this.element);
    signal.addEventListener('abort', () => observer.disconnect());
  }

  get isClear(): boolean {
    return (
      this.#onScreen &&
      !document.hidden &&
      this.element.offsetHeight > 0 &&
      getComputedStyle(this.element).visibility === 'visible'
    );
  }
}
