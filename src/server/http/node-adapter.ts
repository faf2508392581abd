import type { Answer, Exchange } from './exchange.js';
import { type HttpHandler, queryOf } from './http-handler.js';
import { alreadyRead, type BodySource, readBody } from './request-body.js';

/** The part of Node's `IncomingMessage` that is used; `body` and `originalUrl` are what Express adds. */
export interface NodeRequest {
  method?: string | undefined;
  url?: string | undefined;
  headers: Record<string, string | string[] | undefined>;
  httpVersionMajor?: number;
  socket?: { remoteAddress?: string | undefined; destroyed?: boolean } | null;
  originalUrl?: string | undefined;
  body?: unknown;
  readableDidRead?: boolean;
  [Symbol.asyncIterator](): AsyncIterator<unknown>;
}

/** The part of Node's `ServerResponse` that is used. */
export interface NodeResponse {
  writeHead(status: number, headers: Record<string, string>): unknown;
  // Two, as HTTP/2's response has it.
  end(): unknown;
  end(body: string): unknown;
  readonly headersSent?: boolean;
  destroy?(): unknown;
}

/** HTTP/2's code for a stream that ends well. */
const NO_ERROR = 0;

const utf8 = new TextEncoder();

/** Answers on Node's `http` (and Express, Connect, Fastify's raw request). Never throws, never rejects. */
export async function answerNode(http: HttpHandler, req: NodeRequest, res: NodeResponse): Promise<void> {
  // The client has gone, and its address with it.
  if (req.socket?.destroyed) return;
  const answer = await http.answer(nodeExchange(req));
  try {
    res.writeHead(answer.status, nodeHeaders(answer, req));
    if (answer.body === undefined) res.end();
    else res.end(answer.body);
    // Node ends a stream whose request was not read by itself, but only after an answer that has a body.
    if (leavesUnread(answer) || answer.body === undefined) endStream(res);
  } catch {
    // Somebody else has answered already, or the client has gone; nobody is to wait for the rest.
    if (res.headersSent !== true) res.destroy?.();
  }
}

/** Whether the body was too long, or did not end: the rest of it is not read. */
function leavesUnread({ status }: Answer): boolean {
  return status === 413 || status === 408;
}

/** The connection ends with a body that is not read. HTTP/2 has no such header; see {@link endStream}. */
function nodeHeaders(answer: Answer, req: NodeRequest): Record<string, string> {
  const closes = leavesUnread(answer) && req.httpVersionMajor !== 2;
  return closes ? { ...answer.headers, connection: 'close' } : answer.headers;
}

/** Ends an HTTP/2 stream once the answer is sent: Node holds it until the client ends its body, which it may never do. */
function endStream(res: NodeResponse): void {
  const { stream } = res as { stream?: { close?(code: number): void } };
  stream?.close?.(NO_ERROR);
}

function nodeExchange(req: NodeRequest): Exchange {
  const query = queryOf(req.url ?? '/');
  return {
    method: req.method ?? 'GET',
    query,
    header: (name) => headerOf(req, name),
    peer: req.socket?.remoteAddress ?? undefined,
    body: () => nodeBody(req),
    toRequest: () => nodeToRequest(req, query),
  };
}

function headerOf(req: NodeRequest, name: string): string | undefined {
  const value = req.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

// A name, an IPv4 address or one of IPv6 in brackets, and a port: nothing that could end the authority early.
const PLAIN_AUTHORITY = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/**
 * The URL as it was asked for, with the query that is vended for: rooms that only one of vendor and `authenticate` sees
 * would be vended without having been looked at.
 */
function nodeUrl(req: NodeRequest, query: string): URL {
  const scheme = (req.socket as { encrypted?: unknown } | null | undefined)?.encrypted ? 'https' : 'http';
  const host = headerOf(req, 'host') ?? headerOf(req, ':authority') ?? '';
  const named = `${scheme}://${host}`;
  const origin = PLAIN_AUTHORITY.test(host) && URL.canParse(named) ? named : `${scheme}://localhost`;
  // Express takes the path of a mount off `url`; but whoever rewrites the query does so in `url`.
  const path = req.originalUrl ?? req.url ?? '/';
  // Joined, not resolved: a path that starts with // would be taken for a host.
  const url = new URL(`${origin}${path.startsWith('/') ? path : `/${path}`}`);
  url.search = query && `?${query}`;
  url.hash = '';
  return url;
}

function nodeToRequest(req: NodeRequest, query: string): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(req.headers)) {
    // HTTP/2's pseudo headers start with a colon.
    if (value === undefined || name.startsWith(':')) continue;
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, one);
  }
  return new Request(nodeUrl(req, query), { method: req.method ?? 'GET', headers });
}

async function nodeBody(req: NodeRequest): Promise<unknown> {
  if (req.body !== undefined && !isUnread(req))
    return req.body instanceof Uint8Array ? decode(req.body) : req.body;
  // Data came, and is not in `req.body`: an empty body would grant all rooms instead of those that it named.
  if (req.readableDidRead) throw alreadyRead('put what it held into req.body');
  return decode(await readBody(sourceOf(req), headerOf(req, 'content-length')));
}

/** Express 4's parsers put an empty object in place of a body whose type is not theirs, and leave the body as it came. */
function isUnread({ body, readableDidRead }: NodeRequest): boolean {
  return (
    readableDidRead === false && typeof body === 'object' && body !== null && Object.keys(body).length === 0
  );
}

/** Read chunk by chunk: what ends the reading must not end the connection, which the answer still takes. */
function sourceOf(req: NodeRequest): BodySource {
  const chunks = req[Symbol.asyncIterator]();
  return {
    async read() {
      const { done = false, value } = await chunks.next();
      if (done) return { done };
      return { done, chunk: typeof value === 'string' ? utf8.encode(value) : (value as Uint8Array) };
    },
    stop: () => {},
  };
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
