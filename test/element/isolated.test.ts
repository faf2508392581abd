import { expect, it } from 'vitest';
import { isolated } from '../../src/element/dom.js';

it.each([
  ['Ada', 'Ada'],
  [' עדה ', 'עדה'],
  // Would end the isolation, and turn the rest of the sentence around.
  ['\u2069\u202eAda', 'Ada'],
  ['\u2066\u2067\u2068A\u202a\u202b\u202c\u202dda', 'Ada'],
  ['x'.repeat(100), `${'x'.repeat(39)}…`],
])('the name %j in a sentence changes nothing around it', (name, shown) => {
  expect(isolated(name)).toBe(`\u2068${shown}\u2069`);
});
