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

/** Decodes UTF-8; bytes that are not UTF-8 become U+FFFD, and a leading byte order mark stays. */
export function decodeText(bytes: Uint8Array): string {
  decoder ??= new TextDecoder('utf-8', { ignoreBOM: true });
  return decoder.decode(bytes);
}

/** A value as it stands behind its field's number. */
interface Encoded {
  readonly wireType: number;
  readonly parts: readonly ArrayLike<number>[];
}

/** A field to write: its number and its value. A number is a uint32, uint64, int64 or enum. */
export type Field = readonly [
  number: number,
  value: number | boolean | string | Uint8Array | Encoded | undefined,
];

/**
 * Encodes a message. Fields are written in their order. As proto3 asks, a scalar that has its default (0, false, empty) is
 * left out, as undefined is; `element`, `sint` and `message` always write, for repeated fields and members of a oneof.
 */
export function encode(...fields: readonly Field[]): Uint8Array {
  const parts: ArrayLike<number>[] = [];
  for (const [number, value] of fields) {
    const encoded = encodeValue(value);
    if (encoded !== undefined) parts.push(varint(number * 8 + encoded.wireType), ...encoded.parts);
  }
  return concat(parts);
}

/** Returns the bytes of all parts, one after the other. */
export function concat(parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function encodeValue(value: Field[1]): Encoded | undefined {
  if (!value) return undefined;
  if (typeof value === 'number' || value === true)
    return { wireType: VARINT, parts: [varint(Number(value))] };
  if (typeof value === 'object' && 'wireType' in value) return value;
  return value.length === 0 ? undefined : element(value);
}

/** A string or bytes, even when empty; a lone surrogate becomes U+FFFD. */
export function element(value: string | Uint8Array): Encoded {
  encoder ??= new TextEncoder();
  const bytes = typeof value === 'string' ? encoder.encode(value) : value;
  return { wireType: BYTES, parts: [varint(bytes.length), bytes] };
}

/** A message within a message, even when empty. */
export function message(...fields: readonly Field[]): Encoded {
  return element(encode(...fields));
}

/** A sint32, even 0. */
export function sint(value: number): Encoded {
  return { wireType: VARINT, parts: [varint(value < 0 ? -2 * value - 1 : 2 * value)] };
}

/** A double; 0 is left out. */
export function double(value: number): Encoded | undefined {
  if (value === 0) return undefined;
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return { wireType: FIXED_64, parts: [bytes] };
}

/** Negative values take the two's complement of 64 bits, as protocol buffers have it. */
function varint(value: number): number[] {
  let low = value >>> 0;
  let high = Math.floor(value / TWO_32) >>> 0;
  const bytes: number[] = [];
  while (high > 0 || low > 127) {
    bytes.push((low & 127) | 128);
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  bytes.push(low);
  return bytes;
}

/** The type of a field to read. `int` is a uint32, uint64, int64 or enum; a type in brackets is that of a repeated field. */
type FieldType = 'int' | 'double' | 'text' | 'bytes' | Shape;

/** The fields of a message that are read: the number and the type of each. */
export interface Shape {
  readonly [name: string]: readonly [number: number, type: FieldType | readonly [FieldType]];
}

type Value<Type> = Type extends 'int' | 'double'
  ? number
  : Type extends 'text'
    ? string
    : Type extends 'bytes'
      ? Uint8Array
      : Type extends readonly [infer One]
        ? Value<One>[]
        : Type extends Shape
          ? Decoded<Type>
          : never;

/** A message that was read; a field that it does not have is undefined. */
export type Decoded<S extends Shape> = { [Name in keyof S]?: Value<S[Name][1]> };

/**
 * Decodes a message. Fields that are not in `shape` are skipped; of one that is there twice and not repeated the last
 * counts. `bytes` share memory with the message.
 *
 * @throws RangeError when the bytes are not a message, or a field has another type than the one in `shape`.
 *
 * @example
 * ```ts
 * const { name = '', tags = [] } = decode(bytes, { name: [1, 'text'], tags: [2, ['text']] });
 * ```
 */
export function decode<const S extends Shape>(bytes: Uint8Array, shape: S): Decoded<S> {
  const decoded: Record<string, unknown> = {};
  let at = 0;

  const take = (count: number): Uint8Array => {
    const part = bytes.subarray(at, at + count);
    demand(part.length === count);
    at += count;
    return part;
  };

  const readVarint = (): number => {
    let low = 0;
    let high = 0;
    for (let shift = 0; ; shift += 7) {
      demand(at < bytes.length && shift < 70);
      const byte = bytes[at++] as number;
      const bits = byte & 127;
      if (shift < 28) low |= bits << shift;
      else high += bits * 2 ** (shift - 28);
      // The highest of the 64 bits is the sign.
      if (byte < 128) return (high < 2 ** 35 ? high : high - 2 ** 36) * 2 ** 28 + low;
    }
  };

  while (at < bytes.length) {
    const tag = readVarint();
    const number = Math.floor(tag / 8);
    demand(number > 0);
    const wireType = tag & 7;
    const raw =
      wireType === VARINT ? readVarint() : take(wireType === BYTES ? readVarint() : fixedSize(wireType));
    for (const name in shape) {
      const [known, types] = shape[name] as Shape[string];
      if (known !== number) continue;
      const type = Array.isArray(types) ? (types[0] as FieldType) : (types as FieldType);
      const value = decodeValue(type, wireType, raw);
      const list = decoded[name] as unknown[] | undefined;
      if (type === types) decoded[name] = value;
      else if (list === undefined) decoded[name] = [value];
      else list.push(value);
    }
  }
  return decoded as Decoded<S>;
}

/** The one reason will do: whoever calls says that the answer cannot be understood. */
function demand(holds: boolean): void {
  if (!holds) throw new RangeError('not such a message');
}

function fixedSize(wireType: number): number {
  demand(wireType === FIXED_64 || wireType === FIXED_32);
  return wireType === FIXED_64 ? 8 : 4;
}

function decodeValue(type: FieldType, wireType: number, raw: number | Uint8Array): unknown {
  demand(wireType === (type === 'int' ? VARINT : type === 'double' ? FIXED_64 : BYTES));
  if (typeof raw === 'number' || type === 'bytes') return raw;
  if (type === 'text') return decodeText(raw);
  if (type === 'double') return new DataView(raw.buffer, raw.byteOffset).getFloat64(0, true);
  return decode(raw, type as Shape);
}
