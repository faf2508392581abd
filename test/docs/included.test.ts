import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { pages, ROOT, textOf } from './support/pages.js';

/** A comment that names a file below `test/`, and the block that shows it. UPDATE_DOCS=1 writes the blocks. */
const BLOCK = /<!-- snippet: (\S+\.\w+) -->\n(?:```(\w+[^\n]*)\n.*?\n```\n)?/gs;

it.each(pages().filter((page) => textOf(page).match(BLOCK)))(
  '%s shows files of the tests as they run',
  (page) => {
    const text = textOf(page);
    const wanted = text.replace(BLOCK, (_, file: string, info: string | undefined) => {
      const code = readFileSync(join(ROOT, 'test', file), 'utf8');
      const language = file.split('.').at(-1)?.replace('mjs', 'js');
      const exemption = info?.replace(/^\w+/, '') ?? '';
      return `<!-- snippet: ${file} -->\n\`\`\`${language}${exemption}\n${code}\`\`\`\n`;
    });
    if (process.env.UPDATE_DOCS) writeFileSync(join(ROOT, page), wanted);
    else expect(text).toBe(wanted);
  },
);
