/**
 * The protocol buffers wire format (https://protobuf.dev/programming-guides/encoding/), as far as Momento's messages
 * need it. Numbers of 64 bits are exact up to 2^53.
 */

const VARINT = 0;
const FIXED_64 = 1;
const BYTES = 2;
const FIXED_32 = 5;
const TWO_32 = 2 ** 32;

// Made on first use: importing this file looks at nothing of the platform.
let encoder: TextEncoder | undefined;
let decoder: TextDecoder | undefined;

/** Encodes text as UTF-8; a lone surrogate becomes U+FFFD. */
function encodeText(text: string): Uint8Array {
  encoder ??= new TextEncoder();
  return encoder.encode(text);
}

/** Decodes UTF-8; bytes that are not UTF-8 become U+FFFD, and a leading byte order mark stays. */
export function decodeText(bytes: Uint8Array): string {
  decoder ??= new TextDecoder('utf-8', { ignoreBOM: true });
  return decoder.decode(bytes);
}

/** Returns the bytes of a value that may be text. */
function toBytes(value: string | Uint8Array): Uint8Array {
  return typeof value === 'string' ? encodeText(value) : value;
}

/**
 * Builds a message. Fields are written in the order of the calls. As proto3 asks, a scalar that has its default (0,
 * false, empty) is left out; `element`, `sint` and `message` always write, for repeated fields and members of a oneof.
 */
export class ProtobufWriter {
  #bytes = new Uint8Array(64);
  #length = 0;

  /** Writes a uint32, uint64, int64, bool or enum. */
  uint(field: number, value: number | boolean | undefined): this {
    return value ? this.#tag(field, VARINT).#varint(Number(value)) : this;
  }

  /** Writes a sint32, even 0. */
  sint(field: number, value: number): this {
    return this.#tag(field, VARINT).#varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  double(field: number, value: number): this {
    if (value === 0) return this;
    this.#tag(field, FIXED_64);
    const at = this.#grow(8);
    new DataView(this.#bytes.buffer).setFloat64(at, value, true);
    return this;
  }

  /** Writes a string or bytes field. */
  bytes(field: number, value: string | Uint8Array): this {
    return value.length === 0 ? this : this.element(field, value);
  }

  /** Writes a string or bytes field, even an empty one. */
  element(field: number, value: string | Uint8Array): this {
    const bytes = toBytes(value);
    this.#tag(field, BYTES).#varint(bytes.length);
    // Growing may replace the buffer, so it comes first.
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** Writes a message; without `build` an empty one. */
  message(field: number, build?: (writer: ProtobufWriter) => void): this {
    const inner = new ProtobufWriter();
    build?.(inner);
    return this.element(field, inner.finish());
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #tag(field: number, wireType: number): this {
    return this.#varint(field * 8 + wireType);
  }

  /** Negative values take the two's complement of 64 bits, as protocol buffers have it. */
  #varint(value: number): this {
    let low = value >>> 0;
    let high = Math.floor(value / TWO_32) >>> 0;
    let at = this.#grow(10);
    while (high > 0 || low > 127) {
      this.#bytes[at++] = (low & 127) | 128;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.#bytes[at++] = low;
    this.#length = at;
    return this;
  }

  /** Makes room for so many bytes more and counts them as written; returns where they begin. */
  #grow(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(this.#length * 2);
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
    }
    return at;
  }
}

/**
 * Reads a message field by field. To skip an unknown field, call `next` again without reading the value.
 *
 * @throws RangeError when the bytes are not a message, or a field has another type than the one that is read.
 *
 * @example
 * ```ts
 * const reader = new ProtobufReader(bytes);
 * while (reader.next()) if (reader.field === 1) name = reader.text();
 * ```
 */
export class ProtobufReader {
  /** The number of the field that `next` arrived at. */
  field = 0;
  readonly #bytes: Uint8Array;
  #at = 0;
  #wireType = 0;
  #unread = false;
  #low = 0;
  #high = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Goes on to the next field; false at the end. */
  next(): boolean {
    if (this.#unread) this.#skip();
    if (this.#at >= this.#bytes.length) return false;
    this.#varint();
    this.#wireType = this.#low & 7;
    this.field = (this.#low >>> 3) + this.#high * 2 ** 29;
    if (this.field === 0) throw new RangeError('invalid field number');
    this.#unread = true;
    return true;
  }

  /** Reads a uint32, uint64 or enum. */
  uint(): number {
    this.#expect(VARINT);
    this.#varint();
    return this.#high * TWO_32 + this.#low;
  }

  /** Reads an int64. */
  int(): number {
    this.#expect(VARINT);
    this.#varint();
    return (this.#high | 0) * TWO_32 + this.#low;
  }

  double(): number {
    this.#expect(FIXED_64);
    const { buffer, byteOffset } = this.#bytes;
    const at = this.#advance(8);
    return new DataView(buffer, byteOffset + at, 8).getFloat64(0, true);
  }

  /** Reads a bytes field or a message; the result shares memory with the message it stands in. */
  bytes(): Uint8Array {
    this.#expect(BYTES);
    this.#varint();
    const length = this.#high * TWO_32 + this.#low;
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  text(): string {
    return decodeText(this.bytes());
  }

  #expect(wireType: number): void {
    if (this.#wireType !== wireType) throw new RangeError(`unexpected type of field ${this.field}`);
    this.#unread = false;
  }

  #skip(): void {
    if (this.#wireType === VARINT) this.uint();
    else if (this.#wireType === BYTES) this.bytes();
    else if (this.#wireType === FIXED_64) this.#advance(8);
    else if (this.#wireType === FIXED_32) this.#advance(4);
    else throw new RangeError('unknown wire type');
    this.#unread = false;
  }

  #advance(count: number): number {
    const at = this.#at;
    if (at + count > this.#bytes.length) throw new RangeError('truncated message');
    this.#at = at + count;
    return at;
  }

  #varint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError('truncated message');
      const bits = byte & 127;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 128) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    throw new RangeError('varint too long');
  }
}
