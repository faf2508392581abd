import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { ROOT, textOf } from './support/pages.js';

const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));
const sources = Object.entries(config.compilerOptions.paths as Record<string, [string]>);

it('the entries of the package are those of tsconfig.json, which site and reports are made of', () => {
  const { exports } = JSON.parse(textOf('package.json')) as { exports: Record<string, unknown> };
  const published = Object.keys(exports)
    .filter((path) => path !== './package.json')
    .map((path) => path.replace(/^\./, 'momento-chat'));
  expect(sources.map(([name]) => name).sort()).toEqual(published.sort());
});

it.each(sources)('%s has a source and a report', (name, [source]) => {
  expect(existsSync(join(ROOT, source))).toBe(true);
  const file = name.replace(/^momento-chat\/?/, '').replaceAll('/', '-') || 'index';
  expect(textOf(`etc/${file}.api.md`)).toContain(`# ${name}\n`);
});
