const forks = /* @__PURE__ */ new WeakMap<AbortSignal, Set<AbortController>>();

/** Does the work with a signal of its own, which ends with `parent`: Node warns of the eleventh listener of a signal. */
export async function withOwnSignal<T>(
  parent: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  if (parent.aborted) own.abort(parent.reason);
  const known = forks.get(parent);
  const all = known ?? new Set();
  if (known === undefined) {
    forks.set(parent, all);
    parent.addEventListener('abort', () => {
      for (const fork of all) fork.abort(parent.reason);
    });
  }
  all.add(own);
  try {
    return await work(own.signal);
  } finally {
    all.delete(own);
  }
}
