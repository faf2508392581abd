import { type ChatError, invalidArgument } from '../../shared/errors.js';
import type { TokenVendorOptions } from '../types.js';
import type { Answer, Exchange } from './exchange.js';

// How long a browser may remember the answer to a preflight, in seconds.
const MAX_AGE = '600';

/** Sent by apps, and by the tools that trace their requests: W3C Trace Context and Baggage, Sentry, Datadog, B3. */
const ALLOWED_HEADERS: readonly string[] = [
  'Authorization',
  'Content-Type',
  'traceparent',
  'tracestate',
  'baggage',
  'sentry-trace',
  'b3',
  'x-datadog-origin',
  'x-datadog-parent-id',
  'x-datadog-sampling-priority',
  'x-datadog-trace-id',
];

/** The headers of the answers to a request of an origin; empty for an origin that is not on the list. */
export interface CorsPolicy {
  /** Whether pages of this origin may read the answers though they are of another site. */
  allows(origin: string | undefined): boolean;
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
  if (option === undefined)
    return { allows: () => false, headers: () => undefined, preflight: () => undefined };
  const { origins, credentials = false, headers: more = [] } = option ?? ({} as Partial<typeof option>);
  if (!Array.isArray(origins) || origins.length === 0) throw invalid('origins must be an array of origins');
  const allowed = new Set(origins.map(checkedOrigin));
  const allowedHeaders = [...ALLOWED_HEADERS, ...checkedHeaders(more)].join(', ');
  const allows = (origin: string | undefined): boolean => origin !== undefined && allowed.has(origin);
  const headers = (origin: string | undefined): Record<string, string> => {
    if (origin === undefined || !allows(origin)) return { vary: 'Origin' };
    return {
      vary: 'Origin',
      'access-control-allow-origin': origin,
      'access-control-expose-headers': 'Retry-After',
      ...(credentials ? { 'access-control-allow-credentials': 'true' } : {}),
    };
  };
  return {
    allows,
    headers,
    preflight(origin) {
      if (!allows(origin)) return undefined;
      return {
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': allowedHeaders,
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

function checkedHeaders(headers: unknown): string[] {
  if (!Array.isArray(headers)) throw invalid('headers must be an array of names of headers');
  for (const name of headers) {
    if (typeof name !== 'string' || !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || name === '*')
      throw invalid(`'${String(name)}' is not the name of a header`);
  }
  return headers;
}

/** Where a URL has no origin: of an app (Capacitor, Tauri, Electron) or an extension, with a scheme of its own. */
const OWN_SCHEME = /^(?!file:)[a-z][a-z\d+.-]*:\/\/[\w.-]+(?::\d+)?$/;

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin } = new URL(text);
  return origin === text || (origin === 'null' && OWN_SCHEME.test(text));
}

function checkedOrigin(origin: unknown): string {
  if (typeof origin === 'string' && isOrigin(origin)) return origin;
  if (origin === '*') throw invalid("'*' is not an origin; list the origins that may use the vendor");
  throw invalid(`'${String(origin)}' is not an origin, such as https://app.example.com`);
}

function invalid(why: string): ChatError {
  return invalidArgument('use the option cors', why);
}
