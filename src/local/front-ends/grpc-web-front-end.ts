import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttp2Server, type Http2Server, type Http2ServerRequest } from 'node:http2';
import type { Socket } from 'node:net';
import type { Dispatch, IncomingCall } from '../rpc/dispatch.js';
import { asMomentoError, MomentoError } from '../status.js';
import { allowOrigin, answerPreflight, corsHeaders } from './cors.js';
import { LARGEST_REQUEST } from './grpc-front-end.js';
import { WebStream } from './grpc-web-stream.js';
import { type HttpResponse, isGone } from './http-response.js';
import { messageIn, type WebFormat, webFormat } from './web-format.js';

/** A connection on which nothing moves for so long, no stream being open, is closed. */
const IDLE_CONNECTION_MS = 120_000;

/** How long a connection waits for its next call: longer than the pauses of a chat, so that no call meets its end. */
const KEPT_ALIVE_MS = 65_000;

/** Base64 makes three bytes four; the rest is the frame's header and some padding. */
const LARGEST_BODY = Math.ceil((LARGEST_REQUEST / 3) * 4) + 1024;

/** Bytes of a request's headers, as over HTTP/2. The token of five rooms with long names takes more than Node's 16 KiB. */
const LARGEST_HEADERS = 64 * 1024;

type HttpRequest = IncomingMessage | Http2ServerRequest;

/** Serves gRPC-Web, and a word to whoever opens the address in a browser, on HTTP/1 and HTTP/2 connections that somebody else accepted. */
export class GrpcWebFrontEnd {
  readonly #server: Server;
  readonly #http2: Http2Server;
  readonly #sessions = new Set<{ destroy(): void }>();
  readonly #dispatch: Dispatch;

  constructor(dispatch: Dispatch) {
    this.#dispatch = dispatch;
    this.#server = createServer({ maxHeaderSize: LARGEST_HEADERS }, (request, response) =>
      this.#serve(request, response),
    );
    this.#server.timeout = IDLE_CONNECTION_MS;
    this.#server.keepAliveTimeout = KEPT_ALIVE_MS;
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (socket.writable) socket.end(refusal(error));
      else socket.destroy();
    });
    this.#http2 = createHttp2Server((request, response) => this.#serve(request, response));
    this.#http2.on('session', (session) => {
      session.on('error', () => {});
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
    });
    this.#http2.on('sessionError', () => {});
  }

  accept(socket: Socket): void {
    this.#server.emit('connection', socket);
  }

  acceptHttp2(socket: Socket): void {
    this.#http2.emit('connection', socket);
  }

  close(): void {
    for (const session of this.#sessions) session.destroy();
  }

  #serve(request: HttpRequest, response: HttpResponse): void {
    // Neither may reach the process as an unhandled 'error': the client going away is no news.
    request.on('error', () => {});
    response.on('error', () => {});
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const format = webFormat(request.headers['content-type']);
    if (request.method === 'OPTIONS') answerPreflight(request.headers, response);
    else if (request.method === 'GET' || request.method === 'HEAD') greet(path, request, response);
    else if (request.method !== 'POST')
      answerText(405, 'Only POST, GET and OPTIONS are served here.', request, response);
    else if (!format)
      answerText(415, 'Calls must be application/grpc-web or application/grpc-web-text.', request, response);
    else void this.#call(path, format, request, response);
  }

  async #call(path: string, format: WebFormat, request: HttpRequest, response: HttpResponse): Promise<void> {
    const out = new WebStream(request.headers.origin, response, format);
    try {
      const body = await readBody(request, response);
      const call = incomingCall(path, messageIn(body, format), request, response, () => out.cut());
      if (this.#dispatch.kind(path) === 'stream') {
        // A stream may be silent for longer than a connection may be idle.
        request.socket.setTimeout(0);
        await this.#dispatch.stream(call, out);
      } else {
        const answer = await this.#dispatch.unary(call);
        if (answer) out.answer(answer);
      }
    } catch (error) {
      out.end(asMomentoError(error));
    }
  }
}

function incomingCall(
  path: string,
  message: Buffer,
  request: HttpRequest,
  response: HttpResponse,
  cut: () => void,
): IncomingCall {
  const gone = new AbortController();
  if (isGone(response)) gone.abort();
  response.once('close', () => gone.abort());
  return {
    path,
    message,
    transport: 'grpc-web',
    metadata: (name) => [request.headers[name]].flat()[0],
    signal: gone.signal,
    cut,
  };
}

async function readBody(request: HttpRequest, response: HttpResponse): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LARGEST_BODY) {
      // The rest of the body is not worth reading only to keep the connection.
      if ('shouldKeepAlive' in response) response.shouldKeepAlive = false;
      throw new MomentoError('RESOURCE_EXHAUSTED', `the request is larger than ${LARGEST_REQUEST} bytes`, {
        err: 'request_size_limit_exceeded',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The answer to what is no HTTP, or has headers that are too large, as text: Node has no response for it to write on. */
function refusal({ code }: NodeJS.ErrnoException): string {
  const status = code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
  const headers = Object.entries({ ...corsHeaders(undefined), connection: 'close' });
  return `HTTP/1.1 ${status}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

function greet(path: string, request: HttpRequest, response: HttpResponse): void {
  if (path === '/health') answerText(200, 'ok', request, response);
  else if (path === '/') answerText(200, WELCOME, request, response);
  else answerText(404, 'Nothing is here to read. Momento is called by POST.', request, response);
}

const WELCOME = `This is a local Momento, for development and tests.

The official SDKs talk to it on this very port: @gomomento/sdk by gRPC, @gomomento/sdk-web by gRPC-Web.
Without a data file nothing in it outlives the process. GET /health answers while it runs.
`;

function answerText(status: number, text: string, request: HttpRequest, response: HttpResponse): void {
  allowOrigin(request.headers.origin, response);
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(request.method === 'HEAD' ? '' : text);
}
