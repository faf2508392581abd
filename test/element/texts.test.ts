import { describe, expect, it } from 'vitest';
import { ENGLISH } from '../../src/element/texts/english.js';
import { GERMAN } from '../../src/element/texts/german.js';
import { inWords, textsIn } from '../../src/element/texts/language.js';
import { invalidArgument } from '../../src/shared/errors.js';

describe('the texts of the element', () => {
  it.each([
    ['English', ENGLISH, ['1 reply', '1 older message loaded.', 'Show 1 more reaction', '1 message found.']],
    [
      'German',
      GERMAN,
      ['1 Antwort', '1 ältere Nachricht geladen.', '1 weitere Reaktion anzeigen', '1 Nachricht gefunden.'],
    ],
  ])('count one as one in %s', (_, texts, one) => {
    const { replies, olderLoaded, moreReactions, hits } = texts;
    const of = (count: number) => [replies, olderLoaded, moreReactions, hits].map((text) => text(count));
    expect(of(1)).toEqual(one);
    for (const [index, text] of of(2).entries()) expect(text.replace('2', '1')).not.toBe(one[index]);
  });

  it('say in English what is wrong with what was typed, and in other languages what those say', () => {
    const error = invalidArgument('create the room', 'the name is missing');
    expect(inWords(error, textsIn('en-GB', undefined))).toBe('The name is missing.');
    expect(inWords(error, textsIn('de', undefined))).toBe(GERMAN.errors['invalid-argument']);
    const own = { errors: { ...ENGLISH.errors, 'invalid-argument': 'Impossible ici.' } };
    expect(inWords(error, textsIn('fr', own))).toBe('Impossible ici.');
  });
});
