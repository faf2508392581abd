import { describe, expect, it } from 'vitest';
import { Checkpoint } from '../../src/messages/checkpoint.js';
import type { DecodedMessage } from '../../src/messages/codec.js';
import type { ListWindow } from '../../src/messages/list-window.js';

const MAX_STORED = 1000;

/**
 * A reading of the list's head, newest first: each letter is a message by its id, `?` is no message, and a `|` at the end
 * says that nothing older is stored.
 */
function reading(letters: string, stop?: number): ListWindow {
  const end = letters.endsWith('|');
  const entries = [...letters.replace('|', '')].map((letter) => ({
    payload: letter,
    ...(letter === '?' ? {} : { id: letter, message: { id: letter } as DecodedMessage }),
  }));
  return { start: 0, entries, end, stop: stop ?? entries.length, replaced: false };
}

/** Capital letters are messages that were deleted since. */
const isDeleted = (id: string) => /[A-Z]/.test(id);

describe('the place where the list was last read', () => {
  it.each<[how: string, last: string, now: string, met: boolean]>([
    ['is met where four messages stand in a row as they did', 'abcdefgh', 'zyabcd', true],
    ['is not met where fewer do', 'abcdefgh', 'zyabc', false],
    ['is not met by one message that was pushed again', 'abcdefgh', 'czy', false],
    ['is met behind rubbish that somebody pushed in between', 'abcdefgh', 'za?b?cd', true],
    ['is met though the windows of one of both readings lost an equal entry', 'aaaabbcd', 'zaaabbcd', true],
    ['is met where that one was pushed again and again', 'aaaa', 'aaabbcd', true],
    ['is met though one was pushed again since', 'abcdefgh', 'aabcd', true],
    ['is not met by one message that was pushed again four times', 'zaaaabcdefgh', 'aaaay', false],
    ['that was the whole list is met at its end', 'ab|', 'zyab|', true],
    ['that was the whole list is met at its end, pushed again or not', 'aab|', 'zyab|', true],
    ['that was the whole list is not met before the end', 'ab|', 'zyab', false],
    ['that was an empty list is met at the end of the list', '|', 'a|', true],
    ['that was an empty list is not met before the end', '|', 'a', false],
    [
      'is met where four stand in a row once those that were deleted are left out',
      'aXbcYdef',
      'zabYcd',
      true,
    ],
    ['is not met where deletions left fewer', 'aXXXXXbX', 'zab', false],
    ['is not met where all were deleted', 'XXXXXXXX', 'zab', false],
    ['that was the whole list is met at its end, though some were deleted', 'abX|', 'zyab|', true],
    ['that was the whole list is met at its end, though all were deleted', 'XY|', 'z|', true],
    ['that was the whole list is met at the end of an empty one, when all were deleted', 'XY|', '|', true],
  ])('%s', (_, last, now, met) => {
    expect(new Checkpoint(reading(last), MAX_STORED).metIn(reading(now), isDeleted)).toBe(met);
  });

  it('that was the whole list is not met by one message at the end of a list that was truncated', () => {
    const checkpoint = new Checkpoint(reading('ab|'), MAX_STORED);
    expect(checkpoint.metIn(reading('zya|', MAX_STORED), isDeleted)).toBe(false);
  });
});
