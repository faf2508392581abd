import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText, ProtobufReader, ProtobufWriter } from '../../src/grpc-web/protobuf.js';

describe('protocol buffers', () => {
  it('gives back what was written', () => {
    const safe = fc.maxSafeInteger();
    fc.assert(
      fc.property(
        fc.maxSafeNat(),
        safe,
        fc.integer(),
        fc.double({ noNaN: true }),
        fc.string({ unit: 'binary' }),
        fc.uint8Array({ maxLength: 300 }),
        (uint, int, sint, double, text, bytes) => {
          const message = new ProtobufWriter()
            .uint(1, uint)
            .uint(2, int)
            .sint(3, sint)
            .double(4, double)
            .element(5, text)
            .element(600_000, bytes)
            .finish();
          const seen: unknown[] = [];
          const reader = new ProtobufReader(message);
          while (reader.next()) {
            if (reader.field === 1) seen.push(reader.uint());
            else if (reader.field === 2) seen.push(reader.int());
            else if (reader.field === 3) {
              const zigzag = reader.uint();
              seen.push(zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2);
            } else if (reader.field === 4) seen.push(reader.double());
            else if (reader.field === 5) seen.push(reader.text());
            else seen.push(reader.field, Buffer.from(reader.bytes()).toString('hex'));
          }
          const scalars = [uint, int].filter((value) => value !== 0);
          const doubles = double === 0 ? [] : [double];
          const hex = Buffer.from(bytes).toString('hex');
          expect(seen).toEqual([...scalars, sint, ...doubles, text, 600_000, hex]);
        },
      ),
    );
  });

  it('skips fields that nobody reads, of every type', () => {
    const bytes = Uint8Array.of(
      ...[0x08, 0x96, 0x01], // 1: varint
      ...[0x11, 1, 2, 3, 4, 5, 6, 7, 8], // 2: 64 bits
      ...[0x1a, 2, 9, 9], // 3: bytes
      ...[0x25, 1, 2, 3, 4], // 4: 32 bits
      ...[0x28, 7], // 5: varint
    );
    const reader = new ProtobufReader(bytes);
    const fields: number[] = [];
    while (reader.next()) {
      fields.push(reader.field);
      if (reader.field === 5) expect(reader.uint()).toBe(7);
    }
    expect(fields).toEqual([1, 2, 3, 4, 5]);
  });

  it.each([
    ['a varint that does not end', [0x08, 0x80]],
    ['a varint of eleven bytes', [0x08, ...new Array<number>(11).fill(0x80), 0]],
    ['bytes that are cut off', [0x0a, 5, 1]],
    ['64 bits that are cut off', [0x09, 1]],
    ['a group', [0x0b]],
    ['field 0', [0x00]],
  ])('throws a RangeError at %s', (_, bytes) => {
    const reader = new ProtobufReader(Uint8Array.from(bytes));
    expect(() => {
      while (reader.next());
    }).toThrow(RangeError);
  });

  it('throws only RangeErrors at rubbish', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        const reader = new ProtobufReader(bytes);
        try {
          while (reader.next());
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });

  it('throws when a field has another type than the one that is read', () => {
    const reader = new ProtobufReader(Uint8Array.of(0x08, 1));
    reader.next();
    expect(() => reader.bytes()).toThrow(RangeError);
  });

  it('keeps a byte order mark', () => {
    expect(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\uFEFFa');
  });
});
