import { expect, it } from 'vitest';
import { compose } from '../../src/room/compose.js';
import type { ChatUser, JsonObject } from '../../src/room/message.js';

const give = (meta: unknown, user: unknown = { name: 'Ada' }) =>
  compose('hi', meta as JsonObject | undefined, {
    id: '01890000-0000-7000-8000-000000000000',
    room: 'lobby',
    user: user as ChatUser,
    now: 0,
    maxBytes: 4096,
  });

it.each([
  ['a `meta` that becomes a text', { toJSON: () => 'text' }, undefined],
  ['a `meta` that refers to itself', loop(), undefined],
  ['a `meta` with a key that would change prototypes', JSON.parse('{"a":{"__proto__":1}}'), undefined],
  ['a user id of a token source that is a number', undefined, { id: 7, name: 'Ada' }],
])('refuses what others could not read: %s', (_, meta, user) => {
  expect(() => give(meta, user)).toThrowError(expect.objectContaining({ code: 'invalid-argument' }));
});

function loop(): object {
  const meta = {};
  return Object.assign(meta, { meta });
}
