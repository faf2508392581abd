import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** docs/testing.md shows test files of this folder, to the letter: what it shows has run. UPDATE_DOCS=1 writes them in. */
const DOCUMENT = new URL('../../docs/testing.md', import.meta.url);
const SNIPPETS = new URL('./snippets/', import.meta.url);
const BLOCK = /<!-- snippet: (\S+) -->\n```ts\n.*?```\n/gs;

it('docs/testing.md shows every snippet as it runs', () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  const shown: string[] = [];
  const wanted = text.replace(BLOCK, (_, name: string) => {
    shown.push(name);
    const code = readFileSync(new URL(`${name}.test.ts`, SNIPPETS), 'utf8');
    return `<!-- snippet: ${name} -->\n\`\`\`ts\n${code}\`\`\`\n`;
  });
  expect(shown.sort()).toEqual(
    readdirSync(SNIPPETS)
      .map((file) => file.replace('.test.ts', ''))
      .sort(),
  );
  if (process.env.UPDATE_DOCS) writeFileSync(DOCUMENT, wanted);
  else expect(text).toBe(wanted);
});
