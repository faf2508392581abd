import { encodeBase64 } from './base64.js';
import { FrameReader, malformed, messageFrame } from './framing.js';
import { GrpcError, statusError, statusOfHttp, UNAVAILABLE, UNIMPLEMENTED, UNKNOWN } from './status.js';

/** The part of `fetch` that calls are made with. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface GrpcWebRequest {
  /** Address of the RPC, such as `https://host/package.Service/Method`. */
  url: string;
  /** Headers besides those of the protocol; names in lower case. */
  headers: Readonly<Record<string, string>>;
  message: Uint8Array;
  /** Default: the global `fetch` at the time of the call. */
  fetch?: Fetch | undefined;
}

const CONTENT_TYPE = 'application/grpc-web-text';

/** Sends a request in gRPC-Web's text format and returns the HTTP response as it is. */
export async function post(
  { url, headers, message, fetch = globalThis.fetch }: GrpcWebRequest,
  options: { signal: AbortSignal; keepalive?: boolean },
): Promise<Response> {
  if (typeof fetch !== 'function') throw missing('fetch');
  try {
    return await fetch(url, {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': CONTENT_TYPE,
        accept: CONTENT_TYPE,
        'x-grpc-web': '1',
      },
      body: encodeBase64(messageFrame(message)),
      // The request holds a token: it goes to this address and to no other.
      redirect: 'manual',
      credentials: 'omit',
      signal: options.signal,
      ...(options.keepalive ? { keepalive: true } : {}),
    });
  } catch {
    // The reason may quote the request, which holds the token: it stays here.
    throw unreachable();
  }
}

/**
 * Reads an answer, message by message. Resolves when it ended with the status OK.
 *
 * @throws GrpcError for any other end.
 */
export async function readAnswer(
  response: Response,
  options: {
    maxFrameBytes: number;
    /** Whether the rest after the trailers is read too, so that the connection can be used again. */
    untilEnd: boolean;
    onMessage: (message: Uint8Array) => void;
  },
): Promise<void> {
  const { text, status } = inspect(response);
  const frames = new FrameReader({ text, maxFrameBytes: options.maxFrameBytes });
  let ended = false;
  for await (const chunk of chunks(response, options.untilEnd, () => ended)) {
    if (ended) continue;
    for (const { message, trailers } of frames.read(chunk)) {
      if (message !== undefined) options.onMessage(message);
      else {
        const error = statusError(trailers);
        if (error !== undefined) throw error;
        ended = true;
        break;
      }
    }
    if (ended && !options.untilEnd) return;
  }
  if (ended) return;
  if (!frames.complete) throw malformed('it ends in the middle of a frame');
  if (status === undefined) throw malformed('it ends without a status');
}

/** Returns the format of the body, and the status if the headers hold one; throws the failure that they tell of. */
function inspect(response: Response): { text: boolean; status: string | undefined } {
  const type = (response.headers.get('content-type') ?? '').toLowerCase();
  if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
    throw httpError(UNKNOWN, 'the request was redirected', response);
  }
  // A page of a proxy says nothing about Momento, whatever its HTTP status is.
  if (type !== '' && !type.startsWith('application/grpc')) {
    throw httpError(UNKNOWN, `the answer is not gRPC-Web; HTTP status ${response.status}`, response);
  }
  if (!response.ok) {
    throw httpError(statusOfHttp(response.status), `HTTP status ${response.status}`, response);
  }
  const metadata = Object.fromEntries(response.headers.entries());
  const error = statusError(metadata);
  if (error !== undefined) throw error;
  return { text: type.startsWith(CONTENT_TYPE), status: metadata['grpc-status'] };
}

async function* chunks(
  response: Response,
  wholeWillDo: boolean,
  ended: () => boolean,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { body } = response;
  if (body === null) return;
  try {
    if (typeof body?.getReader === 'function') {
      const reader = body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        yield value;
      }
    }
    if (wholeWillDo) {
      yield new Uint8Array(await response.arrayBuffer());
      return;
    }
  } catch {
    if (ended()) return;
    throw unreachable();
  }
  throw missing('a fetch whose Response.body can be read as a stream');
}

function httpError(status: number, message: string, response: Response): GrpcError {
  return new GrpcError(status, message, 'http', { ':status': `${response.status}` });
}

function unreachable(): GrpcError {
  return new GrpcError(UNAVAILABLE, 'Momento cannot be reached', 'connection');
}

function missing(feature: string): GrpcError {
  return new GrpcError(UNIMPLEMENTED, `this environment has no ${feature}`, 'environment');
}
