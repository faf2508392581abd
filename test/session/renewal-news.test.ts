import { expect, it } from 'vitest';
import { RenewalTrouble } from '../../src/session/renewal-trouble.js';
import { VirtualTime } from '../support/virtual-time.js';

/** The trouble that is news when each of these comes, so many milliseconds after the one before it. */
async function newsOf(...coming: readonly (readonly [text: string, afterMs: number])[]): Promise<string[]> {
  const time = new VirtualTime(1, 0);
  const trouble = new RenewalTrouble(time);
  const news: string[] = [];
  for (const [text, afterMs] of coming) {
    await time.advance(afterMs);
    if (text === 'renewed') trouble.clear();
    else if (trouble.isNews(text)) news.push(`${time.monotonic()} ${text}`);
  }
  return news;
}

it('G4: a failure of renewals is news at once and once a minute, each kind for itself', async () => {
  expect(
    await newsOf(['answered 500', 0], ['answered 500', 59_999], ['answered 502', 0], ['answered 500', 1]),
  ).toEqual(['0 answered 500', '59999 answered 502', '60000 answered 500']);
});

it('G4: after a renewal that succeeded every failure is news again', async () => {
  expect(await newsOf(['answered 500', 0], ['renewed', 10], ['answered 500', 10])).toEqual([
    '0 answered 500',
    '20 answered 500',
  ]);
});

it('five kinds are news in a minute: a token function may word each failure anew', async () => {
  const many = Array.from({ length: 100 }, (_, index) => [`failure ${index}`, 100] as const);
  expect(await newsOf(...many)).toHaveLength(5);
});
