import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { assertText } from '../../src/messages/assert-text.js';
import { compose } from '../../src/messages/compose.js';
import type { ChatUser, JsonObject } from '../../src/messages/message.js';

const give = (meta: unknown, user: unknown = { name: 'Ada' }) =>
  compose(
    'hi',
    { meta: meta as JsonObject | undefined },
    {
      id: '01890000-0000-7000-8000-000000000000',
      room: 'lobby',
      user: user as ChatUser,
      now: 0,
      maxBytes: 4096,
    },
  );

it.each([
  ['a `meta` that becomes a text', { toJSON: () => 'text' }, undefined],
  ['a `meta` that refers to itself', loop(), undefined],
  ['a `meta` with a key that would change prototypes', JSON.parse('{"a":{"__proto__":1}}'), undefined],
  ['a `meta` with a Map', { deep: [new Map([['a', 1]])] }, undefined],
  ['a `meta` that is a Set', new Set([1]), undefined],
  ['a `meta` with bytes', { bytes: new Uint8Array(2) }, undefined],
  ['a `meta` with undefined in an array, which JSON makes null', { seats: ['a', undefined] }, undefined],
  ['a `meta` with a hole in an array', { seats: Array(2) }, undefined],
  ['a `meta` with an Error', { why: new Error('no') }, undefined],
  ['a user id of a token source that is a number', undefined, { id: 7, name: 'Ada' }],
])('refuses what others could not read: %s', (_, meta, user) => {
  expect(() => give(meta, user)).toThrowError(expect.objectContaining({ code: 'invalid-argument' }));
});

it('takes objects of a class, of another frame and without a prototype', () => {
  class Place {
    x = 1;
  }
  const foreign = runInNewContext('({ a: [1, { b: null }] })');
  const bare = Object.assign(Object.create(null), { c: true });
  const { message } = give({ place: new Place(), foreign, bare });
  expect(message.meta).toEqual({ place: { x: 1 }, foreign: { a: [1, { b: null }] }, bare: { c: true } });
});

it.each([
  '',
  ' \n',
  '\u200b',
  '\ufeff\u2060 \u00ad',
  '\u3164',
  '\u200d\ufe0f',
  '\0',
  '\u2800',
  '\ufffa',
  '\u{1d159}',
])('takes %j for blank', (text) => {
  expect(() => assertText(text)).toThrowError(expect.objectContaining({ code: 'invalid-argument' }));
});

it.each(['.', '👩\u200d🚀', 'a\u200b', '\u2764\ufe0f'])('takes %j for a text', (text) => {
  expect(() => assertText(text)).not.toThrow();
});

function loop(): object {
  const meta = {};
  return Object.assign(meta, { meta });
}

it('refuses a mention that would be left out where it arrives', () => {
  const mention = (id: string) =>
    compose(
      'hi',
      { mentions: [id] },
      {
        id: '01890000-0000-7000-8000-000000000000',
        room: 'lobby',
        user: { name: 'Ada' },
        now: 0,
        maxBytes: 4096,
      },
    );
  expect(mention('x'.repeat(256)).message.mentions).toHaveLength(1);
  expect(() => mention('x'.repeat(257))).toThrowError(/`mentions` must hold/);
});
