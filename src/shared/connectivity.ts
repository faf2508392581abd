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

interface Source {
  target: EventTarget;
  type: string;
  hint: ConnectivityHint;
  when?: () => boolean;
}

function browserSources(): Source[] {
  if (typeof window === 'undefined' || typeof document === 'undefined') return [];
  const visible = () => document.visibilityState === 'visible';
  return [
    { target: window, type: 'online', hint: 'online' },
    { target: window, type: 'offline', hint: 'offline' },
    { target: window, type: 'pageshow', hint: 'resumed' },
    { target: document, type: 'resume', hint: 'resumed' },
    { target: document, type: 'visibilitychange', hint: 'visible', when: visible },
  ];
}

/** Browser events where there is a browser; silence in Node. */
export const systemConnectivity: Connectivity = {
  watch(listener) {
    const removers = browserSources().map(({ target, type, hint, when }) => {
      const handler = () => {
        if (when === undefined || when()) listener(hint);
      };
      target.addEventListener(type, handler);
      return () => target.removeEventListener(type, handler);
    });
    return () => {
      for (const remove of removers) remove();
    };
  },
};
