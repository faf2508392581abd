/** Just enough of the protocol buffers wire format for two requests of Momento's token and auth services. */

const utf8 = new TextEncoder();

/** Bytes of a message under construction; fields are written in the order of the calls. */
export class ProtobufWriter {
  readonly #bytes: number[] = [];

  uint(field: number, value: number): this {
    if (value === 0) return this;
    return this.#tag(field, 0).#varint(value);
  }

  string(field: number, value: string): this {
    return this.bytes(field, utf8.encode(value));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, 2).#varint(value.length);
    for (const byte of value) this.#bytes.push(byte);
    return this;
  }

  message(field: number, build: (writer: ProtobufWriter) => void): this {
    const inner = new ProtobufWriter();
    build(inner);
    return this.bytes(field, inner.finish());
  }

  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  #tag(field: number, wireType: number): this {
    return this.#varint(field * 8 + wireType);
  }

  #varint(value: number): this {
    let rest = value;
    while (rest > 127) {
      this.#bytes.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.#bytes.push(rest);
    return this;
  }
}

/** The last value of each field of a flat message; unknown fields are kept and ignored. Throws on rubbish. */
export function readProtobuf(bytes: Uint8Array): Map<number, number | Uint8Array> {
  const fields = new Map<number, number | Uint8Array>();
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; factor < 2 ** 70; factor *= 128) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('truncated message');
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
    throw new RangeError('varint too long');
  };
  const skip = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new RangeError('truncated message');
    const part = bytes.subarray(at, at + length);
    at += length;
    return part;
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    const wireType = tag % 8;
    if (wireType === 0) fields.set(field, varint());
    else if (wireType === 2) fields.set(field, skip(varint()));
    else if (wireType === 1) skip(8);
    else if (wireType === 5) skip(4);
    else throw new RangeError('unknown wire type');
  }
  return fields;
}
