import { describe, expect, it } from 'vitest';
import { snippetOf } from '../../src/element/snippet.js';

describe('the part of a message that a search shows', () => {
  it.each([
    ['Is the Café open?', 'cafe', { before: 'Is the ', found: 'Café', after: ' open?' }],
    ['Is the Cafe\u0301 open?', 'CAFÉ', { before: 'Is the ', found: 'Cafe\u0301', after: ' open?' }],
    ['Die Straße', 'strasse', { before: 'Die ', found: 'Straße', after: '' }],
    ['👍🏽 ﬁne', ' fine ', { before: '👍🏽 ', found: 'ﬁne', after: '' }],
    ['Nothing of it', 'else', { before: '', found: '', after: 'Nothing of it' }],
  ])('marks in %j what %j found, as it was written', (text, query, expected) => {
    expect(snippetOf(text, query)).toEqual(expected);
  });

  it('is of bounded length, and begins with a whole word', () => {
    const { before, found, after } = snippetOf(
      `${'word '.repeat(500)}needle${' more'.repeat(500)}`,
      'needle',
    );
    expect(before).toMatch(/^…word( word)* $/);
    expect(found).toBe('needle');
    expect(after).toMatch(/more…$|mor…$|mo…$|m…$| …$/);
    expect([...before, ...after].length).toBeLessThan(210);
  });
});
