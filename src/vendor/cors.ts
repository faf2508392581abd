import { ChatError } from '../errors.js';
import type { Answer, Exchange } from './http.js';
import type { TokenVendorOptions } from './types.js';

// How long a browser may remember the answer to a preflight, in seconds.
const MAX_AGE = '600';

/** What the answers to a request of this origin carry; empty for an origin that is not on the list. */
export interface CorsPolicy {
  /** Headers of every answer, if there are any. */
  headers(origin: string | undefined): Record<string, string> | undefined;
  /** Further headers of the answer to a preflight; `undefined` when the origin is not allowed. */
  preflight(origin: string | undefined): Record<string, string> | undefined;
}

/**
 * Only pages of exactly these origins may read the answers. There is no wildcard: tokens are not for
 * everybody's pages.
 *
 * @throws ChatError `invalid-argument` for anything that is not an origin.
 */
export function corsPolicy(option: TokenVendorOptions['cors']): CorsPolicy {
  if (option === undefined) return { headers: () => undefined, preflight: () => undefined };
  const { origins, credentials = false } = option;
  if (!Array.isArray(origins) || origins.length === 0) throw invalid('origins must be an array of origins');
  const allowed = new Set(origins.map(checkedOrigin));
  const headers = (origin: string | undefined): Record<string, string> => {
    if (origin === undefined || !allowed.has(origin)) return { vary: 'Origin' };
    return {
      vary: 'Origin',
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'Retry-After',
      ...(credentials ? { 'access-control-allow-credentials': 'true' } : {}),
    };
  };
  return {
    headers,
    preflight(origin) {
      if (origin === undefined || !allowed.has(origin)) return undefined;
      return {
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'Authorization, Content-Type',
        'access-control-max-age': MAX_AGE,
      };
    },
  };
}

/** The answer to OPTIONS: a preflight of a page that may use the vendor, or of one that may not. */
export function corsPreflight(policy: CorsPolicy, exchange: Exchange, methods: string): Answer {
  const origin = exchange.header('origin');
  const allowed = policy.preflight(origin);
  const headers = { 'cache-control': 'no-store', allow: methods, ...policy.headers(origin), ...allowed };
  return { status: allowed === undefined && origin !== undefined ? 403 : 204, headers, body: undefined };
}

function checkedOrigin(origin: unknown): string {
  if (typeof origin === 'string' && URL.canParse(origin) && new URL(origin).origin === origin) return origin;
  if (origin === '*') throw invalid("'*' is not an origin; list the origins that may use the vendor");
  throw invalid(`'${String(origin)}' is not an origin, such as https://app.example.com`);
}

function invalid(why: string): ChatError {
  return new ChatError('invalid-argument', `unable to use the option cors; ${why}`);
}
