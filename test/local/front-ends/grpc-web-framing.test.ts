import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeText,
  messageFrame,
  requestMessage,
  trailersFrame,
} from '../../../src/local/front-ends/grpc-web-framing.js';
import { MomentoError } from '../../../src/local/status.js';

const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' });

describe('a request', () => {
  it('gives back the message that was framed, whatever it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (message) => {
        expect(Buffer.compare(requestMessage(messageFrame(message)), message)).toBe(0);
      }),
    );
  });

  it.each([
    ['nothing', []],
    ['half a header', [0, 0, 0]],
    ['less than it announces', [0, 0, 0, 0, 2, 1]],
    ['more than it announces', [0, 0, 0, 0, 1, 1, 2]],
    ['a length far beyond', [0, 255, 255, 255, 255, 1]],
    ['trailers', [0x80, 0, 0, 0, 0]],
    ['an unknown flag', [0x40, 0, 0, 0, 0]],
  ])('of %s is INVALID_ARGUMENT', (_, bytes) => {
    expect(() => requestMessage(Buffer.from(bytes))).toThrow(invalid);
  });

  it('that is compressed is UNIMPLEMENTED', () => {
    expect(() => requestMessage(Buffer.from([1, 0, 0, 0, 0]))).toThrow(
      expect.objectContaining({ code: 'UNIMPLEMENTED' }),
    );
  });

  it('never fails but with a status, whatever bytes come', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          requestMessage(Buffer.from(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(MomentoError);
        }
      }),
    );
  });
});

describe('text', () => {
  it('may be several base64 texts after each other', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 })), (parts) => {
        const text = parts.map((part) => Buffer.from(part).toString('base64')).join('');
        expect(decodeText(text)).toEqual(Buffer.concat(parts));
      }),
    );
  });

  it.each(['A', 'AA', 'AAA', 'A===', '====', '=', 'AA=A', 'AAAA=', 'Ä///', 'AA-_'])(
    'that is not base64, such as %j, is INVALID_ARGUMENT',
    (text) => {
      expect(() => decodeText(text)).toThrow(invalid);
    },
  );

  it('is refused in millions of pieces at once, not after seconds and a gigabyte', () => {
    expect(decodeText('AAA='.repeat(1000))).toHaveLength(2000);
    expect(() => decodeText('AAA='.repeat(5_000_000))).toThrow('too many pieces');
  });
});

describe('trailers', () => {
  const lines = (frame: Buffer) => frame.subarray(5).toString().split('\r\n');

  it('are a frame of their own kind', () => {
    const frame = trailersFrame();
    expect(frame.readUInt8(0)).toBe(0x80);
    expect(frame.readUInt32BE(1)).toBe(frame.length - 5);
    expect(lines(frame)).toEqual(['grpc-status:0', '']);
  });

  it('carry a failure with its metadata, its message percent-encoded', () => {
    const error = new MomentoError('RESOURCE_EXHAUSTED', 'zu groß: 100 %\r\n', { err: 'why' });
    expect(lines(trailersFrame(error))).toEqual([
      'err:why',
      'grpc-status:8',
      'grpc-message:zu%20gro%C3%9F%3A%20100%20%25%0D%0A',
      '',
    ]);
  });

  it('carry even a message that is not well-formed', () => {
    expect(() => trailersFrame(new MomentoError('INTERNAL', 'half a pair: \ud800'))).not.toThrow();
  });
});
