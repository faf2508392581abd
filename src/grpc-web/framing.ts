import { Base64Decoder } from './base64.js';
import { decodeText } from './protobuf.js';
import { GrpcError, RESOURCE_EXHAUSTED, UNKNOWN } from './status.js';

/**
 * gRPC-Web's framing (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-WEB.md): each message behind five bytes, a
 * flag and a length, and the trailers as a last frame. In the text format all of it is base64.
 */

const HEADER_BYTES = 5;
const TRAILERS_FLAG = 0x80;

export type Frame =
  | { readonly message: Uint8Array; readonly trailers?: undefined }
  | { readonly message?: undefined; readonly trailers: Readonly<Record<string, string>> };

/** Returns the message as a frame. */
export function messageFrame(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER_BYTES + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, HEADER_BYTES);
  return frame;
}

/**
 * Cuts a body into frames, chunk by chunk, however it was cut before. Keeps no more than the frame that is not whole
 * yet. A message may share memory with the chunk it came in.
 */
export class FrameReader {
  readonly #base64: Base64Decoder | undefined;
  readonly #maxFrameBytes: number;
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerLength = 0;
  /** Length of the current body; undefined until its header is whole. */
  #size: number | undefined;
  /** Where a body is put together that came in pieces. */
  #pieces: Uint8Array | undefined;
  #piecesLength = 0;

  /** `text` says that the body is base64. A larger frame than `maxFrameBytes` is not read. */
  constructor(options: { text: boolean; maxFrameBytes: number }) {
    this.#base64 = options.text ? new Base64Decoder() : undefined;
    this.#maxFrameBytes = options.maxFrameBytes;
  }

  /** Whether the body so far ends with a whole frame. */
  get complete(): boolean {
    return this.#headerLength === 0 && this.#base64?.complete !== false;
  }

  /**
   * Yields the frames that this chunk completes.
   *
   * @throws GrpcError with the origin `format` when the body is not gRPC-Web.
   */
  *read(chunk: Uint8Array): Generator<Frame, void, undefined> {
    const bytes = this.#decode(chunk);
    let at = 0;
    for (;;) {
      if (this.#size === undefined) at = this.#readHeader(bytes, at);
      if (this.#size === undefined) return;
      const wanted = this.#size - this.#piecesLength;
      const part = bytes.subarray(at, at + wanted);
      at += part.length;
      const body = this.#join(part, this.#size);
      if (body === undefined) return;
      const trailers = this.#header[0] === TRAILERS_FLAG;
      this.#headerLength = this.#piecesLength = 0;
      this.#size = this.#pieces = undefined;
      yield trailers ? { trailers: parseTrailers(body) } : { message: body };
    }
  }

  /** Returns the body if this part completes it. A body that came in one piece is not copied. */
  #join(part: Uint8Array, size: number): Uint8Array | undefined {
    if (part.length === size) return part;
    this.#pieces ??= new Uint8Array(size);
    this.#pieces.set(part, this.#piecesLength);
    this.#piecesLength += part.length;
    return this.#piecesLength === size ? this.#pieces : undefined;
  }

  #decode(chunk: Uint8Array): Uint8Array {
    try {
      return this.#base64 === undefined ? chunk : this.#base64.decode(chunk);
    } catch {
      throw malformed('it is not base64');
    }
  }

  /** Reads what is missing of the header. Returns where the body begins. */
  #readHeader(bytes: Uint8Array, from: number): number {
    let at = from;
    while (this.#headerLength < HEADER_BYTES && at < bytes.length) {
      this.#header[this.#headerLength++] = bytes[at++] as number;
    }
    if (this.#headerLength < HEADER_BYTES) return at;
    if (((this.#header[0] as number) & ~TRAILERS_FLAG) !== 0) throw malformed('a frame has an unknown flag');
    const length = new DataView(this.#header.buffer).getUint32(1);
    if (length > this.#maxFrameBytes) {
      throw new GrpcError(RESOURCE_EXHAUSTED, `the answer exceeds ${this.#maxFrameBytes} bytes`, 'format');
    }
    this.#size = length;
    return at;
  }
}

/** Returns the failure of an answer that cannot be understood. */
export function malformed(why: string): GrpcError {
  return new GrpcError(UNKNOWN, `the answer is not valid gRPC-Web: ${why}`, 'format');
}

function parseTrailers(bytes: Uint8Array): Record<string, string> {
  const trailers: Record<string, string> = {};
  for (const line of decodeText(bytes).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return trailers;
}
