// @vitest-environment jsdom
import '../ui/one-realm.js';
import { withLocalMomento } from 'momento-chat/testing';
import { expect, it } from 'vitest';
import { allSnippets, placeOf } from './support/pages.js';
import { run } from './support/running.js';

/** Whole programs and files of other tests, which run there. */
const fragments = allSnippets().filter(
  ({ language, marker, file }) => language === 'ts' && marker === undefined && file === undefined,
);
const runnable = fragments.filter(({ exempt }) => exempt.run === undefined);

it.each(runnable.map((snippet) => [placeOf(snippet), snippet] as const))(
  '%s runs',
  async (_, snippet) => {
    await withLocalMomento((fixture) => run(snippet, fixture))();
  },
  30_000,
);

it('counts them', () => {
  console.log(`${runnable.length} fragments run, ${fragments.length - runnable.length} exempt with a reason`);
  expect(runnable.length).toBeGreaterThan(25);
});
