import fc from 'fast-check';
import { ChatError } from 'momento-chat/server';
import { describe, expect, it } from 'vitest';
import { defaultScope, grantProblem } from '../../src/server/scopes.js';
import type { Grant } from '../../src/server/types.js';
import { roomNameProblem } from '../../src/shared/room-name.js';

const granting = (prefix: string): Grant => ({ rooms: { prefix }, role: 'member' });

describe('a grant for a prefix', () => {
  it.each([
    ['red-', 'red'],
    ['red-c', 'red'],
    ['red-ch', 'red'],
    ['red-cha', 'red'],
    ['red-chat', 'red'],
    ['red--', 'red-'],
    ['-chat-', '-chat'],
    ['red.-chat', 'red.'],
  ])('of %s is refused, since it would open the live topic of the room %s', (prefix, room) => {
    expect(grantProblem(granting(prefix))).toContain(`would open the live topic of the room '${room}'`);
    expect(grantProblem(granting(prefix))).toContain(`such as '${room}.' or '${room}/'`);
    const scope = () => defaultScope(granting(prefix), 'chat');
    expect(scope).toThrow(ChatError);
    expect(scope).toThrow(/^unable to make a scope; a grant's prefix must not end with '-/);
  });

  it.each(['red', 'red.', 'red/', 'red-1', 'red-cat', 'red-chats', '-', '-chat', 'chat'])(
    'of %s is none that opens a room beside it',
    (prefix) => {
      expect(grantProblem(granting(prefix))).toBeUndefined();
    },
  );

  it('opens nothing of a room that does not start with it, whatever the two are', () => {
    const name = fc
      .array(fc.constantFrom('a', '-', '-c', '-ch', 'c', 'h', 't', '.', '-chat'), {
        minLength: 1,
        maxLength: 6,
      })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(name, name, (prefix, room) => {
        fc.pre(grantProblem(granting(prefix)) === undefined);
        fc.pre(roomNameProblem(room) === undefined && !room.startsWith(prefix));
        for (const opened of [`${room}-chat`, `${room}:events`, room, `${room}:edits`]) {
          expect(opened.startsWith(prefix)).toBe(false);
        }
      }),
      { numRuns: 5000 },
    );
  });
});
