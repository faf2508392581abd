import { expect, it } from 'vitest';
import { createLocalEngine } from '../../src/local/index.js';

it('one name in the place of the array of caches is refused, and not taken for a cache for each character', () => {
  expect(() => createLocalEngine({ caches: 'chat' as never })).toThrow(
    'unable to start the local Momento; caches must be an array of names',
  );
});
