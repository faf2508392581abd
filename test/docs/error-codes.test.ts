import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT, textOf } from './support/pages.js';

/** The members of the type `ChatErrorCode`, as its source lists them. */
function codes(): string[] {
  const source = readFileSync(join(ROOT, 'src/shared/errors.ts'), 'utf8');
  const union = /export type ChatErrorCode =(.*?);/s.exec(source)?.[1] ?? '';
  return [...union.matchAll(/'([\w-]+)'/g)].map(([, code = '']) => code);
}

it('docs/troubleshooting.md has a cause and an advice for each error code, and for no other', () => {
  const sections = textOf('docs/troubleshooting.md')
    .split(/^## /m)
    .filter((section) => section.startsWith('`'));
  expect(sections.map((section) => section.slice(1, section.indexOf('`', 1)))).toEqual(codes());
  for (const section of sections) {
    expect(section).toMatch(/\*\*Cause\.\*\* .{20}/s);
    expect(section).toMatch(/\*\*What to do\.\*\* .{10}/s);
  }
  expect(codes().length).toBeGreaterThan(10);
});
