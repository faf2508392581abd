interface Waiting {
  readonly acts: Set<() => void>;
  readonly tell: () => void;
}

const waiting = /* @__PURE__ */ new WeakMap<AbortSignal, Waiting>();

/**
 * Calls `act` when `signal` aborts. However many wait, the signal has one listener: Node warns of a leak at eleven. The
 * returned function ends the wait, and the last one to do so takes the listener along.
 */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  let entry = waiting.get(signal);
  if (entry === undefined) {
    const acts = new Set<() => void>();
    const tell = () => {
      for (const waiter of [...acts]) waiter();
    };
    entry = { acts, tell };
    waiting.set(signal, entry);
    signal.addEventListener('abort', entry.tell);
  }
  const { acts, tell } = entry;
  // One for each call, also of the same function.
  const waiter = () => act();
  acts.add(waiter);
  return () => {
    if (!acts.delete(waiter) || acts.size > 0) return;
    signal.removeEventListener('abort', tell);
    waiting.delete(signal);
  };
}
