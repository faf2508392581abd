import { call, type GrpcWebRequest } from './call.js';
import { malformed } from './status.js';

export interface UnaryRequest extends GrpcWebRequest {
  /** How long to wait for the whole answer, in milliseconds. Default 5000. */
  timeoutMs?: number | undefined;
  /** Lets the request outlive the page. One that browsers would fail is sent without. Default false. */
  keepalive?: boolean | undefined;
  /** Largest answer, in bytes. Default 64 MiB: a list of 500 elements of 128 KB. */
  maxAnswerBytes?: number | undefined;
}

const TIMEOUT_MS = 5000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/**
 * Browsers allow bodies of 64 KiB to be on their way with `keepalive`, all requests of a page together, and fail a request
 * beyond that. A quarter is left to the app.
 */
const KEEPALIVE_BYTES = 49_152;

let keptAlive = 0;

/**
 * Makes a call that is answered with one message, and returns that message.
 *
 * @throws GrpcError when there is none, for whatever reason.
 */
export async function unaryCall(request: UnaryRequest): Promise<Uint8Array> {
  const { timeoutMs = TIMEOUT_MS, maxAnswerBytes = MAX_ANSWER_BYTES } = request;
  const headers = { ...request.headers, 'grpc-timeout': `${Math.ceil(timeoutMs)}m` };
  const size = bodySize(request.message);
  const keepalive = request.keepalive === true && keptAlive + size <= KEEPALIVE_BYTES;
  if (keepalive) keptAlive += size;
  let answer: Uint8Array | undefined;
  try {
    await call(
      { ...request, headers },
      {
        timeoutMs,
        maxMessageBytes: maxAnswerBytes,
        isStream: false,
        keepalive,
        onMessage(message) {
          answer = message;
        },
      },
    );
  } finally {
    if (keepalive) keptAlive -= size;
  }
  if (answer === undefined) throw malformed('it holds no message');
  return answer;
}

/** Returns how long the message is as a frame in base64. */
function bodySize(message: Uint8Array): number {
  return Math.ceil((message.length + 5) / 3) * 4;
}
