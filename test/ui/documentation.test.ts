import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** The guides show files of the tests, to the letter: what they show has run. UPDATE_DOCS=1 writes them in. */
const BLOCK = /<!-- snippet: (\S+) -->\n(?:\n?```\w+\n.*?\n```\n)?/gs;

it.each(['react', 'vue', 'svelte'])('docs/%s.md shows its page as it runs', (name) => {
  const document = `docs/${name}.md`;
  const text = readFileSync(document, 'utf8');
  const wanted = text.replace(BLOCK, (_, file: string) => {
    const code = readFileSync(`test/${file}`, 'utf8');
    return `<!-- snippet: ${file} -->\n\`\`\`${file.split('.').at(-1)}\n${code}\`\`\`\n`;
  });
  expect(wanted).toContain(`\`\`\`${{ react: 'tsx' }[name] ?? name}\n`);
  if (process.env.UPDATE_DOCS) writeFileSync(document, wanted);
  else expect(text).toBe(wanted);
});
