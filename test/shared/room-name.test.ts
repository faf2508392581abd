import { describe, expect, it } from 'vitest';
import { roomNameProblem } from '../../src/shared/room-name.js';

describe('a room name', () => {
  it.each(['a', 'lobby', 'a-b', '日本語', '🎉', '__proto__', 'a b', 'x'.repeat(128)])('may be %j', (name) => {
    expect(roomNameProblem(name)).toBeUndefined();
  });

  it.each([
    ['', 'empty'],
    [' ', 'blank'],
    ['\u3000\u00a0', 'blank'],
    ['x'.repeat(129), 'at most 128'],
    ['a:b', "':'"],
    ['a\nb', 'control'],
    ['a\u0000', 'control'],
    ['a\u0085', 'control'],
    ['a\u007f', 'control'],
    ['\ud800', 'well-formed'],
    [undefined, 'string'],
    [42, 'string'],
    [['a'], 'string'],
  ])('may not be %j', (name, why) => {
    expect(roomNameProblem(name)).toContain(why);
  });
});
