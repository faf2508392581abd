import { hasPage, listen } from './browser-events.js';

/** `pagehide`: the page goes away, or into the browser's cache of pages. */
export type PageState = 'visible' | 'hidden' | 'pagehide';

/** The one door to what the browser tells about the page being seen. */
export interface PageVisibility {
  /** True where there is no page. */
  isVisible(): boolean;
  /** Calls `listener` on each change; the returned function removes every listener that was added. */
  watch(listener: (state: PageState) => void): () => void;
}

/** The page's own visibility where there is a page. */
export const systemVisibility: PageVisibility = {
  isVisible: () => typeof document === 'undefined' || document.visibilityState !== 'hidden',
  watch(listener) {
    if (!hasPage()) return () => {};
    return listen([
      [document, 'visibilitychange', () => listener(systemVisibility.isVisible() ? 'visible' : 'hidden')],
      [window, 'pagehide', () => listener('pagehide')],
    ]);
  },
};
