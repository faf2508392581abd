import { describe, expect, it } from 'vitest';
import { richText } from '../../src/element/rich-text.js';

/** Links in [ ], mentions in { }. */
function shown(text: string, names: readonly string[] = []): string {
  return richText(text, names)
    .map((node) => {
      const content = node.textContent ?? '';
      if (node instanceof HTMLAnchorElement) return `[${content}]`;
      return node instanceof HTMLElement ? `{${content}}` : content;
    })
    .join('');
}

describe('a text of a message', () => {
  it.each([
    ['See https://a.example.', 'See [https://a.example].'],
    ['(https://a.example/b)', '([https://a.example/b])'],
    ['https://a.example/b_(c)', '[https://a.example/b_(c)]'],
    ['https://a.example/b_(c)), he said', '[https://a.example/b_(c)]), he said'],
    ['https://a.example/b.).].', '[https://a.example/b].).].'],
    ['https://a.example/(((b)', '[https://a.example/(((b)]'],
    ['https://a.example/?x=[1]!?', '[https://a.example/?x=[1]]!?'],
    ['https://user@a.example javascript:alert(1)', 'https://user@a.example javascript:alert(1)'],
    ['https://a.example/\u202egpj.exe', '[https://a.example/]\u202egpj.exe'],
  ])('%j has these links: %j', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it.each([
    ['@Ann and @Ann Lee', ['Ann', 'Ann Lee'], '{@Ann} and {@Ann Lee}'],
    ['@@Ann@Ann', ['Ann'], '@{@Ann}{@Ann}'],
    ['a@b @.* @$&', ['.*', '$&'], 'a@b {@.*} {@$&}'],
    ['@Ann', [], '@Ann'],
    ['@ @', [''], '@ @'],
    ['https://a.example/@Ann', ['Ann'], '[https://a.example/@Ann]'],
  ])('%j mentions of %j: %j', (text, names, expected) => {
    expect(shown(text, names)).toBe(expected);
  });

  it('G6: takes time in proportion to its length, whatever is in it', () => {
    const link = `https://a.example/${')'.repeat(60_000)}`;
    expect(shown(link)).toBe(`[https://a.example/]${')'.repeat(60_000)}`);
    expect(shown(`https://a.example/${'.'.repeat(60_000)}x`)).toMatch(/^\[.*\]$/);
    const names = ['a', ...Array.from({ length: 49 }, (_, index) => `b${index}`)];
    expect(richText('@a'.repeat(20_000), names)).toHaveLength(20_000);
  });
});
