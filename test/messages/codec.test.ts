import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage } from '../../src/messages/codec.js';
import { byteLength, exceeds } from '../../src/messages/payload-size.js';

const id = '019b76da-fa08-7095-ad81-003399d470ef';
const sentAt = new Date('2026-01-02T03:04:05.678Z');
const wire = (fields: object) => JSON.stringify({ v: 1, id, username: 'Ada', message: 'hi', ...fields });

describe('the message format', () => {
  it('comes back as it went, for any text, name and meta', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(
        text,
        fc.string({ unit: 'grapheme' }),
        fc.dictionary(fc.string(), fc.jsonValue()).filter((meta) => !/__proto__/.test(JSON.stringify(meta))),
        (body, name, meta) => {
          const payload = encodeMessage({
            id,
            text: body,
            user: { id: 'u', name },
            sentAt,
            meta: JSON.parse(JSON.stringify(meta)),
          });
          expect(decodeMessage(payload, 1e6)).toEqual({
            id,
            text: body,
            user: { id: 'u', name },
            sentAt,
            meta: JSON.parse(JSON.stringify(meta)),
          });
        },
      ),
    );
  });

  it.each([
    ['invoice\u202efdp.exe', 'invoicefdp.exe'],
    ['\u2067a\u200fb\u061c.pdf', 'ab.pdf'],
    ['../../.ssh/config', '.....sshconfig'],
    ['C:\\a\n.txt', 'C:a.txt'],
  ])(
    'names a file %j that somebody sent %j: no name shows another ending, or leads elsewhere',
    (sent, name) => {
      const file = { id: 'f', name: sent, type: 'text/plain', size: 1 };
      const decoded = decodeMessage(wire({ files: [file, { ...file, name: '/\u202e' }] }), 4096);
      expect(decoded).toMatchObject({ files: [{ ...file, name }] });
    },
  );

  it("carries the article's two fields, and nothing that is absent", () => {
    const payload = encodeMessage({ id, text: 'hi', user: { name: 'Ada' }, sentAt });
    expect(JSON.parse(payload)).toEqual({
      v: 1,
      id,
      username: 'Ada',
      message: 'hi',
      sentAt: sentAt.toISOString(),
    });
  });

  it("reads the article's format, which has no id", () => {
    expect(decodeMessage('{"username":"Ada","message":"hi"}', 4096)).toEqual({
      text: 'hi',
      user: { name: 'Ada' },
    });
  });

  it('reads what a later version may add to it', () => {
    expect(decodeMessage(wire({ v: 2, reactions: [] }), 4096)).toMatchObject({ id, text: 'hi' });
  });

  it.each([
    ['binary', new Uint8Array([1, 2])],
    ['not JSON', 'hello'],
    ['an array', '[1]'],
    ['null', 'null'],
    ['without a text', '{"username":"Ada"}'],
    ['with an empty text', '{"username":"Ada","message":""}'],
    ['without a name', '{"message":"hi"}'],
    ['with a wrong id', wire({ id: 'x' })],
    ['with an id of another kind', wire({ id: 7 })],
    ['without an id', '{"v":1,"username":"Ada","message":"hi"}'],
    ['with a wrong version', wire({ v: 'one' })],
    ['with a wrong user id', wire({ userId: {} })],
    ['with a wrong meta', wire({ meta: [1] })],
    ['with a wrong time', wire({ sentAt: 'yesterday' })],
    ['too large', wire({ message: 'x'.repeat(5000) })],
    ['too large in bytes only', wire({ message: '€'.repeat(1500) })],
  ])('G6: a payload that is %s is malformed', (_, payload) => {
    expect(decodeMessage(payload, 4096)).toHaveProperty('malformed');
  });

  it.each(['__proto__', '\\u005f_proto__', '__pr\\u006Fto__'])('G6: leaves out the key %s of meta', (key) => {
    const id = '019b76da-bb88-720b-b043-2d0c169814fa';
    const meta = `{"a":{"${key}":{"isAdmin":true}},"${key}":{"isAdmin":true},"b":"__proto__"}`;
    const payload = `{"v":1,"id":"${id}","username":"x","message":"y","meta":${meta}}`;
    const decoded = decodeMessage(payload, 4096);
    expect(decoded).toMatchObject({ meta: { a: {}, b: '__proto__' } });
    expect(JSON.stringify(decoded)).not.toContain('isAdmin');
  });

  it('counts what TextEncoder encodes, needs none, and mostly need not count for a limit', () => {
    const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 50 });
    fc.assert(
      fc.property(units, fc.integer({ min: -2, max: 2 }), (units, more) => {
        const text = String.fromCharCode(...units);
        const size = new TextEncoder().encode(text).length;
        if (byteLength(text) !== size || exceeds(text, size + more) !== more < 0)
          throw new Error('miscounted');
      }),
    );
    expect(byteLength('a€😀\ud83d')).toBe(11);
  });

  it('G6: never throws and quotes nothing of it, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.string(), fc.json()), (payload) => {
        expect(decodeMessage(payload, 4096)).toBeTypeOf('object');
      }),
    );
  });
});
