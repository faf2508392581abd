import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { complaints } from './support/compile.js';
import { allSnippets, COMPILED, ROOT } from './support/pages.js';

/** Files that a page names and another one shows. */
const BORROWED = {
  'docs/start/next/app/chat-page.tsx': 'react/snippets/chat-page.tsx',
};

it('compiles every snippet of every page', () => {
  const code = allSnippets().filter(({ language }) => COMPILED.includes(language));
  const compiled = code.filter(({ exempt }) => exempt.compile === undefined);
  const borrowed = Object.fromEntries(
    Object.entries(BORROWED).map(([path, file]) => [path, readFileSync(join(ROOT, 'test', file), 'utf8')]),
  );
  expect(complaints(compiled, borrowed).join('\n')).toBe('');
  console.log(`${compiled.length} snippets compiled, ${code.length - compiled.length} exempt with a reason`);
  expect(compiled.length).toBeGreaterThan(70);
}, 120_000);

it('parses every block of JSON', () => {
  for (const { code, page, language } of allSnippets())
    if (language === 'json') expect(() => JSON.parse(code), page).not.toThrow();
});

it('names only npm scripts that there are', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const inApps = ['dev']; // of the templates that "getting started" uses
  const named = allSnippets()
    .filter(({ language }) => language === 'sh')
    .flatMap(({ code }) => [...code.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name));
  expect([...new Set(named)].filter((name) => !(name in scripts) && !inApps.includes(name))).toEqual([]);
});
