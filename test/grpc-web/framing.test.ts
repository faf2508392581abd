import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBase64 } from '../../src/grpc-web/base64.js';
import { type Frame, FrameReader, messageFrame } from '../../src/grpc-web/framing.js';
import { GrpcError } from '../../src/grpc-web/status.js';

const MAX = 1 << 20;

function trailersFrame(text: string): Uint8Array {
  const frame = messageFrame(new TextEncoder().encode(text));
  frame[0] = 0x80;
  return frame;
}

/** Reads the body cut after each of `cuts`; a message is copied, because it may share memory with its chunk. */
function read(
  body: Uint8Array,
  text: boolean,
  cuts: readonly number[],
): { frames: Frame[]; complete: boolean } {
  const reader = new FrameReader({ text, maxFrameBytes: MAX });
  const frames: Frame[] = [];
  const places = [0, ...[...cuts].sort((a, b) => a - b), body.length];
  for (let index = 1; index < places.length; index++) {
    for (const frame of reader.read(body.slice(places[index - 1], places[index])))
      frames.push(frame.message ? { message: frame.message.slice() } : frame);
  }
  return { frames, complete: reader.complete };
}

const ascii = (text: string) => new TextEncoder().encode(text);
const everyCut = (length: number) => Array.from({ length: length + 1 }, (_, index) => index);

describe('gRPC-Web framing', () => {
  const messages = [Uint8Array.of(), Uint8Array.of(1, 2, 3), new Uint8Array(130).fill(7)];
  const frames = [...messages.map(messageFrame), trailersFrame('grpc-status:0\r\nErr: a:b \r\n')];
  const expected = [
    ...messages.map((message) => ({ message })),
    { trailers: { 'grpc-status': '0', err: 'a:b' } },
  ];
  const binary = new Uint8Array(Buffer.concat(frames));
  // Each frame encoded on its own leaves padding in the middle.
  const padded = ascii(frames.map(encodeBase64).join(''));
  const whole = ascii(encodeBase64(binary));

  it.each([
    ['bytes', binary, false],
    ['base64 as a whole', whole, true],
    ['base64 frame by frame, with padding in the middle', padded, true],
  ] as const)('gives the same frames wherever it is cut: %s', (_, body, text) => {
    for (const cut of everyCut(body.length)) {
      expect(read(body, text, [cut])).toEqual({ frames: expected, complete: true });
    }
    expect(read(body, text, everyCut(body.length))).toEqual({ frames: expected, complete: true });
  });

  it('gives back any messages, cut anywhere', () => {
    const message = fc.uint8Array({ maxLength: 200 });
    const bodies = fc.tuple(fc.array(message, { maxLength: 8 }), fc.boolean(), fc.array(fc.nat(4000)));
    fc.assert(
      fc.property(bodies, ([sent, text, cuts]) => {
        const parts = sent.map(messageFrame);
        const body = text ? ascii(parts.map(encodeBase64).join('')) : new Uint8Array(Buffer.concat(parts));
        const inside = cuts.map((cut) => Math.min(cut, body.length));
        const got = read(body, text, inside);
        expect(got.frames.map((frame) => [...(frame.message ?? [])])).toEqual(sent.map((one) => [...one]));
        expect(got.complete).toBe(true);
      }),
    );
  });

  it('knows at every byte whether the body ends with a whole frame', () => {
    const lengths = frames.map((frame) => frame.length);
    const ends = lengths.map((_, index) => lengths.slice(0, index).reduce((sum, one) => sum + one, 0));
    for (const cut of everyCut(binary.length)) {
      expect(read(binary.slice(0, cut), false, []).complete).toBe(
        ends.includes(cut) || cut === binary.length,
      );
    }
  });

  it.each([
    ['a character outside the alphabet', 'AAA*'],
    ['padding before two characters', 'A==='],
    ['text after padding', 'AA=A'],
  ])('refuses base64 with %s', (_, body) => {
    expect(() => read(ascii(body), true, [])).toThrow(/not base64/);
  });

  it('refuses an unknown flag and a frame that is too large before it has come', () => {
    expect(() => read(Uint8Array.of(1, 0, 0, 0, 0), false, [])).toThrow(/unknown flag/);
    const large = Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff);
    expect(() => read(large, false, [])).toThrow(GrpcError);
    expect(() => read(large, false, [])).toThrow(/exceeds 1048576 bytes/);
  });

  it('encodes base64 as everybody does', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20_000 }), (bytes) => {
        expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      }),
      { numRuns: 50 },
    );
  });
});
