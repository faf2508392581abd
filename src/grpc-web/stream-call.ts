import { type GrpcWebRequest, post, readAnswer } from './http.js';
import { Lifeline } from './lifeline.js';
import { GrpcError, INTERNAL } from './status.js';

export interface StreamRequest extends GrpcWebRequest {
  /** How long to wait for the first message, in milliseconds. Default 10,000. */
  openTimeoutMs?: number | undefined;
  /** Closes the connection at once. */
  signal?: AbortSignal | undefined;
  /** Largest message, in bytes. Default 4 MiB. */
  maxMessageBytes?: number | undefined;
  /**
   * Called with each message. The message may share memory with others. If it throws, the stream ends with INTERNAL: the
   * message could not be understood.
   */
  onMessage(message: Uint8Array): void;
}

const OPEN_TIMEOUT_MS = 10_000;
const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

/**
 * Makes a call that is answered with any number of messages. Keeps no more than one message, and reads no faster than
 * `onMessage` takes them. Resolves when the service ends the stream with OK.
 *
 * @throws GrpcError for any other end; its `origin` tells them apart.
 */
export async function streamCall(request: StreamRequest): Promise<void> {
  const { openTimeoutMs = OPEN_TIMEOUT_MS, maxMessageBytes = MAX_MESSAGE_BYTES } = request;
  const lifeline = new Lifeline(openTimeoutMs, request.signal);
  const onMessage = (message: Uint8Array): void => {
    if (lifeline.failure !== undefined) throw lifeline.failure;
    lifeline.disarm();
    try {
      request.onMessage(message);
    } catch {
      throw new GrpcError(INTERNAL, 'a message of the stream cannot be understood', 'format');
    }
  };
  try {
    const response = await post(request, { signal: lifeline.signal });
    await readAnswer(response, { maxFrameBytes: maxMessageBytes, untilEnd: false, onMessage });
  } catch (problem) {
    throw lifeline.failure ?? problem;
  } finally {
    lifeline.close();
  }
  if (lifeline.failure !== undefined) throw lifeline.failure;
}
