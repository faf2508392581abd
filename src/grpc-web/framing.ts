import { Base64Decoder } from './base64.js';
import { concat, decodeText } from './protobuf.js';
import { GrpcError, malformed, RESOURCE_EXHAUSTED } from './status.js';

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
  const header = new Uint8Array(HEADER_BYTES);
  new DataView(header.buffer).setUint32(1, message.length);
  return concat([header, message]);
}

/**
 * Cuts a body into frames, chunk by chunk, however it was cut before. Keeps no more than the frame that is not whole
 * yet. A message may share memory with the chunk it came in.
 */
export class FrameReader {
  readonly #base64: Base64Decoder | undefined;
  readonly #maxFrameBytes: number;
  /** The flag of the frame whose body is read; undefined while its header is. */
  #flag: number | undefined;
  /** Length of the header or body that is read. */
  #size = HEADER_BYTES;
  /** Where it is put together when it comes in pieces, and how much of it is there. */
  #pieces: Uint8Array | undefined;
  #piecesLength = 0;

  /** `text` says that the body is base64. A larger frame than `maxFrameBytes` is not read. */
  constructor(options: { text: boolean; maxFrameBytes: number }) {
    this.#base64 = options.text ? new Base64Decoder() : undefined;
    this.#maxFrameBytes = options.maxFrameBytes;
  }

  /** Whether the body so far ends with a whole frame. */
  get complete(): boolean {
    return this.#flag === undefined && this.#pieces === undefined && this.#base64?.complete !== false;
  }

  /**
   * Yields the frames that this chunk completes.
   *
   * @throws GrpcError with the origin `format` when the body is not gRPC-Web.
   */
  *read(chunk: Uint8Array): Generator<Frame, void, undefined> {
    const bytes = this.#base64?.decode(chunk) ?? chunk;
    for (let at = 0; ; ) {
      const part = bytes.subarray(at, at + this.#size - this.#piecesLength);
      at += part.length;
      const whole = this.#join(part);
      if (whole === undefined) return;
      const flag = this.#flag;
      if (flag === undefined) this.#beginBody(whole);
      else {
        this.#flag = undefined;
        this.#size = HEADER_BYTES;
        yield flag === TRAILERS_FLAG ? { trailers: parseTrailers(whole) } : { message: whole };
      }
    }
  }

  /** Returns the header or body if this part completes it. One that came in one piece is not copied. */
  #join(part: Uint8Array): Uint8Array | undefined {
    if (part.length === this.#size) return part;
    if (part.length === 0) return undefined;
    this.#pieces ??= new Uint8Array(this.#size);
    this.#pieces.set(part, this.#piecesLength);
    this.#piecesLength += part.length;
    if (this.#piecesLength < this.#size) return undefined;
    const whole = this.#pieces;
    this.#pieces = undefined;
    this.#piecesLength = 0;
    return whole;
  }

  #beginBody(header: Uint8Array): void {
    const flag = header[0] as number;
    if ((flag & ~TRAILERS_FLAG) !== 0) throw malformed('a frame has an unknown flag');
    const length = new DataView(header.buffer, header.byteOffset).getUint32(1);
    if (length > this.#maxFrameBytes) {
      throw new GrpcError(RESOURCE_EXHAUSTED, `the answer exceeds ${this.#maxFrameBytes} bytes`, 'format');
    }
    this.#flag = flag;
    this.#size = length;
  }
}

function parseTrailers(bytes: Uint8Array): Record<string, string> {
  const trailers: Record<string, string> = {};
  for (const line of decodeText(bytes).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return trailers;
}
