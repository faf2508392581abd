import { type Scheduler, TIMED_OUT, withTimeout } from '../shared/clock.js';
import { ChatError, type ChatErrorCode, unable } from '../shared/errors.js';
import type { VendedToken } from '../shared/vended-token.js';
import { bareUrl } from './bare-url.js';
import { tokenProblem } from './token-problem.js';

/** The request for a token. */
export interface TokenRequest {
  /** The rooms that the token must cover. */
  rooms: readonly string[];
  /** `join`: a room is new; `refresh`: the token nears its end; `rejected`: Momento refused it. */
  reason: 'join' | 'refresh' | 'rejected';
  /** Aborts when nobody waits for the token any more. */
  signal: AbortSignal;
}

/**
 * Where tokens come from: the URL of a token vendor, or a function for anything else. A URL is fetched with GET
 * and same-origin credentials, `room` once per room in its query, and `reason=rejected` when Momento refused the
 * token before. Either has ten seconds to answer; then `signal` aborts and another attempt follows.
 *
 * A URL's answer of 401 is `unauthenticated`, 403 `permission-denied`, 429 `rate-limited`, anything else
 * `token-unavailable`; 429 and 5xx are tried again, after `Retry-After` where 429 or 503 carries one (60 seconds at most;
 * across origins only where it is exposed). Any other unusable answer, such as 404, fails a `join` at once; a renewal
 * is tried again, since it passes where it is due to a deployment, until the token ends: then the room is `failed`. 401
 * and 403 are the app's own decision: the room goes on until its token ends and is `failed` then, unless the answer is
 * another by that time. A renewal for several rooms of a session that is answered 403 asks once more for each of them: a
 * room that is refused again is `failed` then, and the others go on. While a renewal fails, the rooms emit `error` with
 * the endpoint and its status: each kind at once, and again every minute. A function may throw a {@link ChatError} to say
 * the like; any other error is taken for a passing one. One that asks a token vendor passes `reason=rejected` on: the
 * vendor would give the token that Momento refused out of its cache.
 *
 * @example
 * ```ts
 * const token: TokenSource = async ({ rooms, reason, signal }) => {
 *   const query = new URLSearchParams(rooms.map((room) => ['room', room]));
 *   if (reason === 'rejected') query.set('reason', reason);
 *   const response = await fetch(`/token?${query}`, { headers: { authorization: session }, signal });
 *   if (response.status === 401) throw new ChatError('unauthenticated', 'unable to get a token; sign in first');
 *   if (response.status === 403) throw new ChatError('permission-denied', 'unable to get a token; not your room');
 *   if (!response.ok) throw new Error(`unable to get a token; the server answered ${response.status}`);
 *   return response.json();
 * };
 * ```
 */
export type TokenSource = string | URL | ((request: TokenRequest) => Promise<VendedToken>);

/** A source that has not answered after this many milliseconds is not going to. */
const TIMEOUT_MS = 10_000;

/** A `Retry-After` is kept for at most this long (milliseconds). */
const MAX_RETRY_AFTER_MS = 60_000;

/** Asks the source once. Rejects with a {@link ChatError}, whatever the source does. */
export async function requestToken(
  source: TokenSource,
  request: TokenRequest,
  scheduler: Scheduler,
): Promise<VendedToken> {
  const limit = new AbortController();
  const ask = typeof source === 'function' ? callSource : fetchToken;
  const asking = ask(source as never, { ...request, signal: limit.signal });
  try {
    const { signal } = request;
    const vended = await withTimeout(asking, { ms: TIMEOUT_MS, scheduler, signal, late: TIMED_OUT });
    if (vended === TIMED_OUT) throw unavailable(`${nameOf(source)} gave no answer in time`);
    const problem = tokenProblem(vended);
    if (problem === undefined) return vended;
    throw unavailable(`${nameOf(source)} gave an answer in which ${problem}`, { retryable: false });
  } finally {
    limit.abort();
  }
}

async function callSource(
  source: (request: TokenRequest) => Promise<VendedToken>,
  request: TokenRequest,
): Promise<VendedToken> {
  try {
    return await source(request);
  } catch (error) {
    if (error instanceof ChatError) throw error;
    throw unavailable(`${nameOf(source)} failed`, { cause: error });
  }
}

async function fetchToken(source: string | URL, request: TokenRequest): Promise<VendedToken> {
  const name = nameOf(source);
  const url = urlFor(source, request);
  if (typeof fetch !== 'function') {
    throw unavailable(`${name} needs fetch, which is missing here; pass a function as token`, {
      retryable: false,
    });
  }
  const response = await fetch(url, {
    credentials: 'same-origin',
    headers: { accept: 'application/json' },
    signal: request.signal,
  }).catch((cause: unknown) => {
    throw unavailable(`${name} cannot be reached`, { cause });
  });
  if (!response.ok) throw refusal(response, name, request.rooms);
  // The error does not quote the answer: it may be half a token.
  return response.json().catch(() => {
    const type = /^[\w.+-]{1,40}\/[\w.+-]{1,60}/.exec(response.headers.get('content-type') ?? '')?.[0];
    // A wrong URL is found when joining; later it is a passing fault of what used to answer.
    const retryable = request.reason !== 'join';
    throw unavailable(`${name} answered something that is not JSON${type ? ` (${type})` : ''}`, {
      retryable,
    });
  });
}

function urlFor(source: string | URL, { rooms, reason }: TokenRequest): string {
  // As `fetch` does: a <base>, or a frame without an address of its own, has another base than its location.
  const address = typeof location === 'undefined' ? undefined : location.href;
  const base = typeof document === 'undefined' ? address : document.baseURI;
  let url: URL;
  try {
    url = new URL(source, base);
    // No engine fetches one with credentials, and the error of each quotes them.
    if (url.username || url.password) throw url;
  } catch {
    // The engine's own error quotes the whole URL.
    throw failed('invalid-argument', `${nameOf(source)} is no URL that can be fetched here`);
  }
  for (const room of rooms) url.searchParams.append('room', room);
  // The vendor would give the same token out of its cache.
  if (reason === 'rejected') url.searchParams.append('reason', reason);
  return url.href;
}

function refusal({ status, headers }: Response, name: string, rooms: readonly string[]): ChatError {
  const why = `${name} answered ${status}`;
  if (status === 401) return failed('unauthenticated', why);
  if (status === 403) return failed('permission-denied', `${why} for "${rooms.join('", "')}"`);
  const error = status === 429 ? failed('rate-limited', why) : unavailable(why, { retryable: status >= 500 });
  if (status === 429 || status === 503) waits.set(error, parseRetryAfter(headers));
  return error;
}

/** How long the source asks to be left alone after an error (milliseconds). */
const waits = new WeakMap<ChatError, number>();

/** Milliseconds that the source said to wait for after this error; 0 when it said nothing. */
export function retryAfterMs(error: ChatError): number {
  return waits.get(error) ?? 0;
}

/** A date is taken against the server's own: our clock may be another. */
function parseRetryAfter(headers: Headers): number {
  const value = headers.get('retry-after')?.trim() ?? '';
  const ms = /^\d{1,9}$/.test(value)
    ? Number(value) * 1000
    : Date.parse(value) - Date.parse(headers.get('date') ?? '');
  return Number.isFinite(ms) ? Math.min(MAX_RETRY_AFTER_MS, Math.max(0, ms)) : 0;
}

/** How messages name the source: without its query, which may hold secrets. */
function nameOf(source: TokenSource): string {
  if (typeof source === 'function') return 'the token source';
  return `the token endpoint ${bareUrl(source)}`;
}

function unavailable(why: string, options?: { cause?: unknown; retryable?: boolean }): ChatError {
  return failed('token-unavailable', why, options);
}

function failed(
  code: ChatErrorCode,
  why: string,
  options?: { cause?: unknown; retryable?: boolean },
): ChatError {
  return unable(code, 'get a token', why, options);
}
