import type { VendedToken } from '../../shared/vended-token.js';
import type { ResolvedOptions } from '../options.js';
import { callOwn } from '../own-function.js';
import type { TokenIssuer } from '../token-issuer.js';
import type { Identity } from '../types.js';
import { badRequest, VendorError } from '../vendor-error.js';
import { addressKey } from './client-address.js';
import { corsPreflight } from './cors.js';
import type { Answer, Exchange } from './exchange.js';

/** Longest query string that is read, in characters. */
const MAX_QUERY_LENGTH = 16 * 1024;

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'OPTIONS'];
const ALLOW = METHODS.join(', ');

/** HTTP around {@link TokenIssuer}: methods, CORS, who asks for what, and errors as JSON. Never rejects. */
export class HttpHandler {
  readonly #issuer: TokenIssuer;
  readonly #options: ResolvedOptions;

  constructor(issuer: TokenIssuer, options: ResolvedOptions) {
    this.#issuer = issuer;
    this.#options = options;
  }

  async answer(exchange: Exchange): Promise<Answer> {
    const cors = this.#options.cors.headers(exchange.header('origin'));
    let address: string | undefined;
    try {
      if (exchange.method === 'OPTIONS') return corsPreflight(this.#options.cors, exchange, ALLOW);
      // The peer stands for a client whose address cannot be read, and is told and counted in its place.
      address = addressKey(exchange.peer);
      let unknown: unknown;
      try {
        address = this.#options.address(exchange.peer, exchange.header('x-forwarded-for'));
      } catch (error) {
        unknown = error;
      }
      // Before it is counted: a page of another site must not use up what its visitors may ask for.
      this.#refuseForeignPage(exchange);
      const counted = address === undefined ? undefined : this.#issuer.admit(address);
      if (counted !== undefined) await counted;
      if (unknown !== undefined || address === undefined) throw unknown;
      if (!METHODS.includes(exchange.method)) throw methodRefused();
      if (exchange.query.length > MAX_QUERY_LENGTH) {
        throw new VendorError('invalid-argument', 'the query is too long', { status: 414 });
      }
      // Read before anybody else looks at the request, so that nobody holds what is too long or never ends.
      const body = exchange.method === 'POST' ? await exchange.body() : undefined;
      const { authenticate } = this.#options;
      const identity = authenticate === undefined ? undefined : await this.#identity(authenticate, exchange);
      const query = exchange.query === '' ? undefined : paramsOf(exchange.query);
      const asked = query?.getAll('room') ?? [];
      const rooms = [...asked, ...roomsInBody(body, exchange.header('content-type'))];
      const rejected = query?.get('reason') === 'rejected';
      const token = await this.#issuer.vend({ address, rooms, identity, rejected });
      return answerWith(200, token, cors, exchange.method);
    } catch (thrown) {
      const error = asVendorError(thrown);
      this.#issuer.report(error, address);
      return errorAnswer(error, cors, exchange.method);
    }
  }

  /**
   * Browsers say themselves when a request comes from a page of another site or origin. Only those that CORS allows may
   * ask: no other could read the answer. Clients that are no browser send no such header.
   */
  #refuseForeignPage(exchange: Exchange): void {
    const site = exchange.header('sec-fetch-site');
    if (site === undefined || site === 'same-origin' || site === 'none') return;
    if (this.#options.cors.allows(exchange.header('origin'))) return;
    throw new VendorError('permission-denied', 'pages of this origin may not ask; see the option cors', {
      status: 403,
    });
  }

  async #identity(
    authenticate: NonNullable<ResolvedOptions['authenticate']>,
    exchange: Exchange,
  ): Promise<Identity> {
    const identity = await callOwn('authenticate', () => authenticate(exchange.toRequest()));
    if (identity === null || identity === undefined) throw unauthenticated();
    return identity;
  }
}

/**
 * As `authenticate` finds them in the URL of its request. A query that is given alone loses a question mark at its
 * beginning, and Node decodes what is not ASCII in another way.
 */
function paramsOf(query: string): URLSearchParams {
  return new URL(`http://localhost/?${query}`).searchParams;
}

/** The query of a URL or of a path. The text that follows a # is none, not even behind a question mark. */
export function queryOf(url: string): string {
  const mark = url.indexOf('?');
  const hash = url.indexOf('#');
  if (mark === -1 || (hash !== -1 && hash < mark)) return '';
  return url.slice(mark + 1, hash === -1 ? undefined : hash);
}

/** The answer to what its platform could make no `Request` of, which is all that a vendor can be given. */
export function unreadableAnswer(method: string): Answer {
  const error = METHODS.includes(method)
    ? badRequest('the URL, a header or the body cannot be read')
    : methodRefused();
  return errorAnswer(error, undefined, method);
}

function methodRefused(): VendorError {
  return new VendorError('invalid-argument', `the method must be one of ${ALLOW}`, { status: 405 });
}

function errorAnswer(error: VendorError, cors: Record<string, string> | undefined, method: string): Answer {
  const { status, code, message, retryAfterSeconds } = error;
  const headers: Record<string, string> = { ...cors };
  if (retryAfterSeconds !== undefined) headers['retry-after'] = String(retryAfterSeconds);
  if (status === 405) headers.allow = ALLOW;
  return answerWith(status, { error: { code, message } }, headers, method);
}

/** 401: nobody that is known. */
export function unauthenticated(): VendorError {
  return new VendorError('unauthenticated', 'sign in first', { status: 401, step: 'authenticate' });
}

/** Returns the thrown error, if it is meant for the client; otherwise a 500 that says nothing. */
export function asVendorError(thrown: unknown): VendorError {
  if (thrown instanceof VendorError) return thrown;
  return new VendorError('server', 'the server failed', { status: 500, detail: 'unexpected' });
}

const utf8 = new TextEncoder();

function answerWith(
  status: number,
  content: VendedToken | { error: { code: string; message: string } },
  extra: Record<string, string> | undefined,
  method: string,
): Answer {
  const body = JSON.stringify(content);
  // One shape for every answer: engines and Node's header writer are several times faster with it.
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-length': String(utf8.encode(body).length),
  };
  return {
    status,
    headers: extra === undefined ? headers : { ...headers, ...extra },
    body: method === 'HEAD' ? undefined : body,
  };
}

function roomsInBody(content: unknown, type: string | undefined): string[] {
  if (content === undefined || content === null || content === '') return [];
  if (type !== undefined && !/^application\/(?:[\w.+-]+\+)?json\b/i.test(type)) {
    throw new VendorError('invalid-argument', 'the body must be JSON', { status: 415 });
  }
  let parsed = content;
  if (typeof content === 'string') {
    try {
      parsed = JSON.parse(content);
    } catch {
      throw badRequest('the body is not JSON');
    }
  }
  const rooms =
    typeof parsed === 'object' && parsed !== null ? (parsed as { rooms?: unknown }).rooms : undefined;
  if (rooms === undefined) return [];
  if (!Array.isArray(rooms) || !rooms.every((room) => typeof room === 'string')) {
    throw badRequest('rooms in the body must be an array of strings');
  }
  return rooms;
}
