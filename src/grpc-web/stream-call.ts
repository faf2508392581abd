import { call, type GrpcWebRequest } from './call.js';
import { GrpcError, INTERNAL } from './status.js';

export interface StreamRequest extends GrpcWebRequest {
  /** How long to wait for the first message, in milliseconds. Default 10,000. */
  openTimeoutMs?: number | undefined;
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
  const { openTimeoutMs = OPEN_TIMEOUT_MS } = request;
  await call(request, {
    timeoutMs: openTimeoutMs,
    maxMessageBytes: MAX_MESSAGE_BYTES,
    isStream: true,
    keepalive: false,
    onMessage(message) {
      try {
        request.onMessage(message);
      } catch {
        throw new GrpcError(INTERNAL, 'a message of the stream cannot be understood', 'format');
      }
    },
  });
}
