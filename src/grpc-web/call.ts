import { onAbort } from '../shared/on-abort.js';
import { encodeBase64 } from './base64.js';
import { FrameReader, messageFrame } from './framing.js';
import {
  CANCELLED,
  DEADLINE_EXCEEDED,
  GrpcError,
  malformed,
  statusError,
  statusOfHttp,
  UNAVAILABLE,
  UNIMPLEMENTED,
  UNKNOWN,
} from './status.js';

/** The part of `fetch` that calls are made with. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface GrpcWebRequest {
  /** Address of the RPC, such as `https://host/package.Service/Method`. */
  url: string;
  /** Headers besides those of the protocol; names in lower case. */
  headers: Readonly<Record<string, string>>;
  message: Uint8Array;
  /** Ends the call, and closes its connection at once. */
  signal?: AbortSignal | undefined;
  /** Default: the global `fetch` at the time of the call. */
  fetch?: Fetch | undefined;
}

interface CallOptions {
  /** Milliseconds that the whole answer may take, or the first message of a stream. */
  timeoutMs: number;
  maxMessageBytes: number;
  /** Whether any number of messages is to come. What follows the trailers of another answer is read too, so that its
   * connection can be used again. */
  isStream: boolean;
  keepalive: boolean;
  onMessage(message: Uint8Array): void;
}

const CONTENT_TYPE = 'application/grpc-web-text';

/**
 * Makes a call in gRPC-Web's text format. Resolves when the answer ended with the status OK; leaves no timer, listener or
 * connection behind.
 *
 * @throws GrpcError for any other end.
 */
export async function call(
  { url, headers, message, signal, fetch = globalThis.fetch }: GrpcWebRequest,
  { timeoutMs, maxMessageBytes, isStream, keepalive, onMessage }: CallOptions,
): Promise<void> {
  const life = new AbortController();
  const over = life.signal;
  const cancel = () => life.abort(new GrpcError(CANCELLED, 'the call was cancelled', 'cancelled'));
  const deadline = setTimeout(
    () => life.abort(new GrpcError(DEADLINE_EXCEEDED, 'no answer in time', 'deadline')),
    timeoutMs,
  );
  const stopWaiting = signal && onAbort(signal, cancel);
  if (signal?.aborted) cancel();
  let ended = false;
  try {
    if (typeof fetch !== 'function') throw missing('fetch');
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': CONTENT_TYPE, accept: CONTENT_TYPE, 'x-grpc-web': '1' },
      body: encodeBase64(messageFrame(message)),
      // The request holds a token: it goes to this address and to no other.
      redirect: 'manual',
      credentials: 'omit',
      signal: over,
      ...(keepalive ? { keepalive } : {}),
    });
    const { text, status } = inspect(response);
    const frames = new FrameReader({ text, maxFrameBytes: maxMessageBytes });
    for await (const chunk of chunksOf(response, isStream)) {
      if (ended) continue;
      for (const { message, trailers } of frames.read(chunk)) {
        over.throwIfAborted();
        if (message === undefined) {
          const error = statusError(trailers);
          if (error !== undefined) throw error;
          ended = true;
          break;
        }
        if (isStream) clearTimeout(deadline);
        onMessage(message);
      }
      if (ended && isStream) return;
    }
    if (ended) return;
    over.throwIfAborted();
    if (!frames.complete) throw malformed('it ends in the middle of a frame');
    if (status === undefined) throw malformed('it ends without a status');
  } catch (problem) {
    if (ended) return;
    if (over.aborted) throw over.reason;
    if (problem instanceof GrpcError) throw problem;
    // The reason may quote the request, which holds the token: it stays here.
    throw new GrpcError(UNAVAILABLE, 'Momento cannot be reached', 'connection');
  } finally {
    clearTimeout(deadline);
    stopWaiting?.();
    life.abort();
  }
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

async function* chunksOf(response: Response, isStream: boolean): AsyncGenerator<Uint8Array, void, undefined> {
  const { body } = response;
  if (body === null) return;
  if (typeof body?.getReader === 'function') {
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  }
  if (isStream) throw missing('a fetch whose Response.body can be read as a stream');
  yield new Uint8Array(await response.arrayBuffer());
}

function httpError(status: number, message: string, response: Response): GrpcError {
  return new GrpcError(status, message, 'http', { ':status': `${response.status}` });
}

function missing(feature: string): GrpcError {
  return new GrpcError(UNIMPLEMENTED, `this environment has no ${feature}`, 'environment');
}
