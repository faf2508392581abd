import { ChatError } from '../shared/errors.js';

/** Throws a {@link ChatError} unless `source` is a URL that can be fetched, or a function. */
export function assertTokenSource(source: unknown): void {
  if (typeof source === 'function' || (source !== '' && isHttpUrl(source))) return;
  throw new ChatError(
    'invalid-argument',
    'unable to get tokens; `token` must be a function or an HTTP URL, which may be relative to the page',
  );
}

function isHttpUrl(source: unknown): boolean {
  if (typeof source !== 'string' && !(source instanceof URL)) return false;
  try {
    // The page's own address is not known when a server renders the page.
    return /^https?:$/.test(new URL(source, 'http://page').protocol);
  } catch {
    return false;
  }
}
