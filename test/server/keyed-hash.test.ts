import { expect, it } from 'vitest';
import { KeyedHash } from '../../src/server/keyed-hash.js';

const MEGABYTE = 1024 * 1024;

it('what a keyed hash remembers is bounded by its size, not only by its number', async () => {
  const hash = new KeyedHash('random');
  const texts = Array.from({ length: 1000 }, (_, i) => `${i} ${'room '.repeat(4000)}`);
  for (const text of texts) await hash.cacheKeys(text);
  const kept = texts.filter((text) => hash.remembered(text) !== undefined);
  // The last ones, at up to two bytes a character.
  expect(kept).toContain(texts.at(-1));
  expect(kept.join('').length * 2).toBeLessThanOrEqual(8 * MEGABYTE);
  expect(kept.join('').length * 2).toBeGreaterThan(7 * MEGABYTE);
});

it('a text that is too long to be remembered is hashed all the same', async () => {
  const hash = new KeyedHash('random');
  const text = 'x'.repeat(5 * MEGABYTE);
  const keys = await hash.cacheKeys(text);
  expect(hash.remembered(text)).toBeUndefined();
  expect(await hash.cacheKeys(text)).toEqual(keys);
});
