import { ChatError } from '../errors.js';
import type { VendedToken } from '../vended-token.js';

/** What a token is asked for. */
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
 * and same-origin credentials, `room` once per room in its query.
 *
 * A function may throw a {@link ChatError} to say whether trying again makes sense; any other error is taken for
 * a passing one.
 *
 * @example
 * ```ts
 * const token: TokenSource = async ({ rooms, signal }) => {
 *   const query = new URLSearchParams(rooms.map((room) => ['room', room]));
 *   const response = await fetch(`/token?${query}`, { headers: { authorization: session }, signal });
 *   return response.json();
 * };
 * ```
 */
export type TokenSource = string | URL | ((request: TokenRequest) => Promise<VendedToken>);

/** A token vendor that has not answered after this many milliseconds is not going to. */
const TIMEOUT_MS = 10_000;

/** Asks the source once. Rejects with a {@link ChatError}, whatever the source does. */
export async function requestToken(source: TokenSource, request: TokenRequest): Promise<VendedToken> {
  const answer = typeof source === 'function' ? callSource(source, request) : fetchToken(source, request);
  const vended = await answer;
  if (typeof vended?.token !== 'string' || vended.token === '' || !Number.isFinite(vended.exp)) {
    throw new ChatError('token-unavailable', 'unable to get a token; the answer holds none', {
      retryable: false,
    });
  }
  return vended;
}

async function callSource(
  source: (request: TokenRequest) => Promise<VendedToken>,
  request: TokenRequest,
): Promise<VendedToken> {
  try {
    return await source(request);
  } catch (error) {
    if (error instanceof ChatError) throw error;
    throw new ChatError('token-unavailable', 'unable to get a token; the token source failed', {
      cause: error,
    });
  }
}

async function fetchToken(source: string | URL, { rooms, signal }: TokenRequest): Promise<VendedToken> {
  const timeout = new AbortController();
  const giveUp = () => timeout.abort();
  const timer = setTimeout(giveUp, TIMEOUT_MS);
  signal.addEventListener('abort', giveUp);
  try {
    const response = await fetch(withRooms(source, rooms), {
      credentials: 'same-origin',
      headers: { accept: 'application/json' },
      signal: timeout.signal,
    });
    if (!response.ok) throw refusal(response.status);
    return await response.json();
  } catch (error) {
    if (error instanceof ChatError) throw error;
    const why = timeout.signal.aborted
      ? 'no answer in time'
      : 'the token source cannot be reached or gave no JSON';
    throw new ChatError('token-unavailable', `unable to get a token; ${why}`, { cause: error });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

function withRooms(source: string | URL, rooms: readonly string[]): string {
  const base = typeof location === 'undefined' ? undefined : location.href;
  let url: URL;
  try {
    url = new URL(source, base);
  } catch (cause) {
    throw new ChatError('invalid-argument', 'unable to get a token; the token URL is not a valid URL', {
      cause,
    });
  }
  for (const room of rooms) url.searchParams.append('room', room);
  return url.href;
}

function refusal(status: number): ChatError {
  if (status === 401)
    return new ChatError('unauthenticated', 'unable to get a token; the token source answered 401');
  if (status === 403)
    return new ChatError('permission-denied', 'unable to get a token; the token source answered 403');
  if (status === 429)
    return new ChatError('rate-limited', 'unable to get a token; the token source answered 429');
  return new ChatError('token-unavailable', `unable to get a token; the token source answered ${status}`, {
    retryable: status >= 500,
  });
}
