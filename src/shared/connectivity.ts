import { hasPage, listen } from './browser-events.js';

/**
 * Why the connection should be looked at now. They are hints, never proof: `navigator.onLine` is false on a
 * laptop in flight mode whose local Momento works perfectly well.
 */
export type ConnectivityHint = 'online' | 'offline' | 'visible' | 'resumed';

/** The one door to the browser's events about networks and sleep. */
export interface Connectivity {
  /** Calls `listener` on each hint; the returned function removes every listener that was added. */
  watch(listener: (hint: ConnectivityHint) => void): () => void;
}

/** Browser events where there is a browser; silence in Node. */
export const systemConnectivity: Connectivity = {
  watch(listener) {
    if (!hasPage()) return () => {};
    return listen([
      [window, 'online', () => listener('online')],
      [window, 'offline', () => listener('offline')],
      [window, 'pageshow', () => listener('resumed')],
      [document, 'resume', () => listener('resumed')],
      [document, 'visibilitychange', () => document.visibilityState === 'visible' && listener('visible')],
    ]);
  },
};
