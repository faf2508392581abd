// @vitest-environment jsdom
import '../ui/one-realm.js';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLocalMomento } from 'momento-chat/testing';
import { describe, expect, it } from 'vitest';
import { allSnippets, COMPILED, placeOf, ROOT, type Snippet } from './support/pages.js';
import { run } from './support/running.js';

const code = allSnippets().filter(({ language }) => COMPILED.includes(language));

/** A part of a page that is no program of its own, and that a test knows by no name. */
const isFragment = ({ language, marker, file }: Snippet) =>
  /^[tj]s$/.test(language) && marker === undefined && file === undefined;
const fragments = code.filter((snippet) => isFragment(snippet) && snippet.exempt.run === undefined);

describe('a fragment runs on a local Momento', () => {
  it.each(fragments.map((snippet) => [placeOf(snippet), snippet] as const))(
    '%s',
    async (_, snippet) => {
      await withLocalMomento((fixture) => run(snippet, fixture))();
    },
    30_000,
  );
});

/** The tests that run whole programs and files, by the pages that show them. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'README.md': 'test/package/newcomer.test.ts',
  'docs/getting-started.md': 'test/consumers/getting-started.test.ts',
  'docs/start/': 'test/consumers/getting-started.test.ts',
  'docs/lite.md': 'test/package/lite-bots.test.ts',
  'docs/token-vendor.md': 'test/package/vendor-snippets.test.ts',
  'docs/testing.md': 'test/testing/snippets',
  'docs/recipes.md': 'test/ui/recipes.test.ts',
};

it('every snippet runs: here, in the test of its page, or not and says why', () => {
  const programs = code.filter((snippet) => !isFragment(snippet) && snippet.exempt.run === undefined);
  const test = ({ page }: Snippet) => Object.entries(PROGRAMS).find(([start]) => page.startsWith(start))?.[1];
  expect(programs.filter((program) => test(program) === undefined).map(placeOf)).toEqual([]);
  // The tests of the package run programs by their names.
  const tests = readdirSync(join(ROOT, 'test/package')).filter((file) => file.endsWith('.test.ts'));
  const text = tests.map((file) => readFileSync(join(ROOT, 'test/package', file), 'utf8')).join();
  const named = programs.filter(
    ({ page, marker }) => !page.includes('testing') && /^[\w-]+$/.test(marker ?? ''),
  );
  expect(
    named.filter(({ marker }) => !text.includes(`'${marker}'`) && !text.includes(`: ${marker} `)),
  ).toEqual([]);
  const exempt = code.length - fragments.length - programs.length;
  console.log(
    `${fragments.length} fragments and ${programs.length} programs run, ${exempt} exempt with a reason`,
  );
  expect(exempt).toBeLessThan(6);
});
