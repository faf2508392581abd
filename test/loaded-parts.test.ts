import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));
const AHEAD = fileURLToPath(new URL('support/loaded-ahead.ts', import.meta.url));
/** Not of the rooms that live in virtual time. */
const NEVER_AHEAD = /^(element\/|room\/web-)/;
/** Run on servers, or in tests: nothing of it is fetched. */
const ELSEWHERE = /^(local|server|testing)\//;
/** The one `import()` that gets a URL; see `load-part.ts`. */
const IMPORTS_AGAIN = 'shared/import-again.ts';

/**
 * Parts that one of the two entries loads later, and the other has in its runtime, which is in other pages: `momento-chat/lite`
 * loads the one for SDK clients of the app's own, `momento-chat` the other for what is too large for the SDK.
 */
const OF_ONE_ENTRY = ['transport/sdk-transport.ts', 'transport/fetch-transport.ts'];

const sources = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !ELSEWHERE.test(file) && file !== IMPORTS_AGAIN)
  .map((file) => ({ file, code: readFileSync(join(SRC, file), 'utf8').replace(/typeof import\(/g, '') }));

/** Each `import()` as it stands when it is given to the helper: a function that is not called yet, and an export. */
const parts = sources.flatMap(({ file, code }) =>
  [
    ...code.matchAll(
      /\bload(?:Part)?\(\s*(?:'[^']*'|action)?,?\s*\(\) => import\('([^']+)'\),\s*'(\w+)',?\s*\)/g,
    ),
  ].map(([, path = '', name = '']) => ({ file, path, name })),
);
const targetOf = ({ file, path }: { file: string; path: string }) =>
  relative(SRC, join(SRC, dirname(file), path)).replace(/\.js$/, '.ts');
const own = parts.filter(({ path }) => path.startsWith('.'));

describe('code that a browser loads later', () => {
  it('is loaded through loadPart(), which tries again what the browser would not', () => {
    for (const { file, code } of sources) {
      const imports = code.match(/\bimport\((?!\))/g)?.length ?? 0;
      expect({ file, imports }).toEqual({ file, imports: parts.filter((part) => part.file === file).length });
    }
    expect(parts.length).toBeGreaterThan(15);
  });

  it.each(own)('$path has the export $name that $file looks for', ({ file, path, name }) => {
    const code = readFileSync(join(SRC, targetOf({ file, path })), 'utf8');
    expect(code).toMatch(new RegExp(`^export (async )?(class|function|const) ${name}\\b`, 'm'));
  });

  it('is no dependency of other code: a browser that could not fetch it would never load that either', () => {
    const later = new Set(own.map(targetOf).filter((target) => !OF_ONE_ENTRY.includes(target)));
    const needed = sources.flatMap(({ file, code }) =>
      [...code.matchAll(/^(?:import|export) (?!type\b)(?:[^;]*? from )?'(\.[^']+)';/gm)]
        .map(([, path = '']) => targetOf({ file, path }))
        .filter((target) => later.has(target))
        .map((target) => `${file} imports ${target}`),
    );
    expect(needed).toEqual([]);
  });

  it('is loaded ahead where time is virtual: that passes, or stands still, while a file is waited for', () => {
    const ahead = [...readFileSync(AHEAD, 'utf8').matchAll(/^import '\.\.\/\.\.\/src\/(.+)\.js';/gm)];
    const missing = new Set(own.map(targetOf).filter((target) => !NEVER_AHEAD.test(target)));
    for (const [, path] of ahead) missing.delete(`${path}.ts`);
    expect([...missing]).toEqual([]);
  });
});
