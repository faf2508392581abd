const acts = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `act` when `signal` aborts. However many wait, the signal has one listener: Node warns of a leak at eleven. The
 * returned function ends the wait.
 */
export function onAbort(signal: AbortSignal, act: () => void): () => void {
  const waiting = acts.get(signal) ?? new Set();
  if (!acts.has(signal)) {
    acts.set(signal, waiting);
    signal.addEventListener('abort', () => {
      for (const waiter of waiting) waiter();
    });
  }
  // One entry for each call, also of the same function.
  const entry = () => act();
  waiting.add(entry);
  return () => waiting.delete(entry);
}
