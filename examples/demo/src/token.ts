import { ChatError, type TokenRequest, type VendedToken } from 'momento-chat';

/**
 * Where this page gets its tokens. Against the Momento service `token: '/token'` says all of it; the rest here is
 * for a local Momento: browsers open at most six HTTP/1.1 connections to one host name, over all their tabs, and
 * every open room holds one. So each page load talks to the local Momento under a host name of its own.
 */
export function tokenSource(): (request: TokenRequest) => Promise<VendedToken> {
  let own: Promise<string> | undefined;
  return async ({ rooms, reason, signal }) => {
    const url = new URL('/token', location.href);
    for (const room of rooms) url.searchParams.append('room', room);
    if (reason === 'rejected') url.searchParams.set('reason', reason);
    const response = await fetch(url, { signal });
    if (!response.ok) throw refused(response.status, rooms);
    const vended: VendedToken = await response.json();
    if (vended.endpoint === undefined) return vended;
    own ??= ownOrigin(vended.endpoint);
    return { ...vended, endpoint: await own };
  };
}

/**
 * The same origin under a name that no other tab uses. Chromium and Firefox take every `*.localhost` for the
 * loopback address without asking a name server; Safari leaves it to the system, which on older ones knows no such
 * name: there the given origin is used, and five tabs are the limit: their calls need the sixth connection.
 */
async function ownOrigin(given: string): Promise<string> {
  const url = new URL(given);
  if (url.hostname !== '127.0.0.1' && url.hostname !== 'localhost') return given;
  url.hostname = `tab-${crypto.randomUUID().slice(0, 8)}.localhost`;
  try {
    await fetch(url, { mode: 'no-cors' });
    return url.origin;
  } catch {
    return given;
  }
}

function refused(status: number, rooms: readonly string[]): ChatError {
  const why = `unable to get a token; the server answered ${status}`;
  if (status === 401) return new ChatError('unauthenticated', why);
  if (status === 403) return new ChatError('permission-denied', `${why} for "${rooms.join('", "')}"`);
  if (status === 429) return new ChatError('rate-limited', why);
  return new ChatError('token-unavailable', why);
}
