import { invalidArgument } from '../shared/errors.js';
import { isHttpUrl } from '../shared/http-url.js';

/** The options that a room and a session have in common; see there. */
interface CommonOptions {
  cache?: unknown;
  logger?: unknown;
  storage?: unknown;
}

/** Throws a ChatError `invalid-argument` for the first that is wrong; `action` completes "unable to …". */
export function assertCommonOptions({ cache, logger, storage }: CommonOptions, action: string): void {
  // Calls name it in a header, in which nothing else may stand.
  if (cache !== undefined && (typeof cache !== 'string' || /^ *$|[^ -~]/.test(cache)))
    throw invalidArgument(action, '`cache` must be a name in ASCII');
  if (logger !== undefined && typeof (logger as { warn?: unknown } | null)?.warn !== 'function')
    throw invalidArgument(action, '`logger` must be like `console`');
  if (storage !== undefined && typeof (storage as { open?: unknown } | null)?.open !== 'function')
    throw invalidArgument(action, '`storage` must be like `indexedDb()`');
}

/**
 * Throws a ChatError `invalid-argument` unless `source` is a URL that can be fetched, or a function. The error does not name it:
 * it may be a secret.
 */
export function assertTokenSource(source: unknown, action: string): void {
  if (typeof source !== 'function' && !isTokenUrl(source))
    throw invalidArgument(action, '`token` must be a function or an HTTP URL');
}

function isTokenUrl(source: unknown): boolean {
  const url = source instanceof URL ? source.href : source;
  // A long text without a slash is a token that was given in place of its URL. The page's own address is not known when a server
  // renders the page.
  return typeof url === 'string' && !/^([\w+=.-]{100,})?$/.test(url) && isHttpUrl(url, 'http://page');
}
