import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, decodeText, double, element, encode, message, sint } from '../../src/grpc-web/protobuf.js';

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
        (uint, int, signed, number, text, bytes) => {
          const encoded = encode(
            [1, uint],
            [2, int],
            [3, sint(signed)],
            [4, double(number)],
            [5, element(text)],
            [6, message([1, text])],
            [600_000, element(bytes)],
          );
          const { zigzag = -1, ...decoded } = decode(encoded, {
            uint: [1, 'int'],
            int: [2, 'int'],
            zigzag: [3, 'int'],
            double: [4, 'double'],
            text: [5, 'text'],
            inner: [6, { text: [1, 'text'] }],
            bytes: [600_000, 'bytes'],
          });
          expect(zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2).toBe(signed);
          expect({ ...decoded, bytes: Buffer.from(decoded.bytes ?? []).toString('hex') }).toEqual({
            ...(uint === 0 ? {} : { uint }),
            ...(int === 0 ? {} : { int }),
            ...(number === 0 ? {} : { double: number }),
            text,
            inner: text === '' ? {} : { text },
            bytes: Buffer.from(bytes).toString('hex'),
          });
        },
      ),
    );
  });

  it('gives back a repeated field in its order, empty elements included, wherever else it stands', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary' })),
        fc.array(fc.maxSafeInteger()),
        (texts, numbers) => {
          const encoded = encode(
            ...texts.map((text) => [1, element(text)] as const),
            ...numbers.map((number) => [2, message([1, number])] as const),
            ...texts.map((text) => [1, element(text)] as const),
          );
          const { all = [], inner = [] } = decode(encoded, {
            all: [1, ['text']],
            inner: [2, [{ n: [1, 'int'] }]],
          });
          expect(all).toEqual([...texts, ...texts]);
          expect(inner.map(({ n = 0 }) => n)).toEqual(numbers);
        },
      ),
    );
  });

  it('leaves out scalars that have their default, and nothing else', () => {
    const left = encode([1, 0], [2, false], [3, ''], [4, new Uint8Array()], [5, double(0)], [6, undefined]);
    expect([...left]).toEqual([]);
    expect([...encode([1, sint(0)], [2, element('')], [3, message()])]).toEqual([8, 0, 18, 0, 26, 0]);
  });

  it('reads a field twice where it is asked for twice, and the last one of two', () => {
    const encoded = encode([1, 'first'], [1, 'last']);
    expect(decode(encoded, { one: [1, 'text'], all: [1, ['text']] })).toEqual({
      one: 'last',
      all: ['first', 'last'],
    });
  });

  it('skips fields that nobody reads, of every type', () => {
    const bytes = Uint8Array.of(
      ...[0x08, 0x96, 0x01], // 1: varint
      ...[0x11, 1, 2, 3, 4, 5, 6, 7, 8], // 2: 64 bits
      ...[0x1a, 2, 9, 9], // 3: bytes
      ...[0x25, 1, 2, 3, 4], // 4: 32 bits
      ...[0x28, 7], // 5: varint
    );
    expect(decode(bytes, { five: [5, 'int'] })).toEqual({ five: 7 });
  });

  it.each([
    ['a varint that does not end', [0x08, 0x80]],
    ['a varint of eleven bytes', [0x08, ...new Array<number>(11).fill(0x80), 0]],
    ['bytes that are cut off', [0x0a, 5, 1]],
    ['bytes of a negative length', [0x0a, ...new Array<number>(9).fill(0xff), 1]],
    ['64 bits that are cut off', [0x09, 1]],
    ['a group', [0x0b]],
    ['field 0', [0x00]],
  ])('throws a RangeError at %s', (_, bytes) => {
    expect(() => decode(Uint8Array.from(bytes), {})).toThrow(RangeError);
  });

  it('throws only RangeErrors at rubbish, read or skipped', () => {
    const inner = { int: [1, 'int'], double: [2, 'double'] } as const;
    const all = { ...inner, texts: [3, ['text']], bytes: [4, 'bytes'], inner: [5, inner] } as const;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.boolean(), (bytes, read) => {
        try {
          decode(bytes, read ? all : {});
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });

  it.each(['double', 'text', 'bytes', ['int']] as const)(
    'throws when a field has another type than %s',
    (type) => {
      const encoded = type === 'double' || typeof type === 'string' ? encode([1, 1]) : encode([1, 'text']);
      expect(() => decode(encoded, { field: [1, type] })).toThrow(RangeError);
    },
  );

  it('keeps a byte order mark', () => {
    expect(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\uFEFFa');
  });
});
