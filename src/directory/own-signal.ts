import { onAbort } from '../shared/on-abort.js';

/** Does the work with a signal of its own, which ends with `parent`: Node warns of the eleventh listener of a signal. */
export async function withOwnSignal<T>(
  parent: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const end = () => own.abort(parent.reason);
  if (parent.aborted) end();
  const forget = onAbort(parent, end);
  try {
    return await work(own.signal);
  } finally {
    forget();
  }
}
