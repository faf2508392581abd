import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';
import { pages, proseOf, ROOT, textOf } from './support/pages.js';

interface Link {
  readonly page: string;
  readonly target: string;
}

/** Links that a reader follows or sees: `[text](target)`, `![text](target)`, `src="…"`, `href="…"`, but not in code. */
function linksOf(page: string): Link[] {
  const prose = proseOf(page);
  const markdown = [...prose.matchAll(/\]\(<?([^)\s>]+)>?(?:\s"[^"]*")?\)/g)];
  const html = [...prose.matchAll(/\s(?:src|href)="([^"]+)"/g)];
  return [...markdown, ...html].map(([, target = '']) => ({ page, target }));
}

/** The anchors of a page, as GitHub and the site make them from its headings. */
function anchorsOf(page: string): Set<string> {
  const prose = textOf(page).replace(/^```.*?^```$/gms, '');
  const seen = new Map<string, number>();
  return new Set(
    [...prose.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
      const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, '');
      const anchor = text
        .trim()
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-');
      const before = seen.get(anchor) ?? 0;
      seen.set(anchor, before + 1);
      return before === 0 ? anchor : `${anchor}-${before}`;
    }),
  );
}

/** Why a link leads nowhere; undefined for one that does not. */
function problemOf({ page, target }: Link): string | undefined {
  if (/^[a-z]+:/.test(target)) return target.startsWith('https://') ? undefined : 'is not https';
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path);
  if (!existsSync(file)) return 'is missing';
  if (anchor === undefined) return undefined;
  if (statSync(file).isDirectory() || !file.endsWith('.md')) return 'has no headings';
  return anchorsOf(relative(ROOT, file)).has(anchor) ? undefined : 'has no such heading';
}

it('every link of every page leads to a file, and to a heading where it names one', () => {
  const links = pages().flatMap(linksOf);
  const broken = links.flatMap((link) => {
    const problem = problemOf(link);
    return problem === undefined ? [] : [`${link.page}: ${link.target} ${problem}`];
  });
  expect(broken).toEqual([]);
  console.log(`${pages().length} pages, ${links.length} links checked`);
  expect(links.length).toBeGreaterThan(130);
});

it('the package has every diagram that its pages show; the screenshots, which weigh thirty times as much, are seen on the web', () => {
  const { files }: { files: string[] } = JSON.parse(textOf('package.json'));
  const patterns = [...files, 'README.md'].map((path) =>
    path.replaceAll('.', '\\.').replaceAll('*', '[^/]*'),
  );
  const isPacked = (path: string) => patterns.some((pattern) => new RegExp(`^${pattern}$`).test(path));
  const pictures = pages()
    .filter(isPacked)
    .flatMap(linksOf)
    .filter(({ target }) => /\.(svg|png|jpe?g|gif|webp)$/.test(target))
    .map(({ page, target }) => join(dirname(page), target));
  expect(pictures.length).toBeGreaterThan(5);
  expect(pictures.filter((path) => !isPacked(path)).sort()).toEqual(
    ['demo-phone-dark', 'demo-reactions', 'demo'].map((name) => `docs/images/${name}.png`),
  );
});

it('every picture has a text that says what it shows', () => {
  const silent = pages().flatMap((page) => {
    const prose = proseOf(page);
    const markdown = [...prose.matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)];
    const html = [...prose.matchAll(/<img\b[^>]*>/g)].map(([tag]) => [
      tag,
      /\salt="([^"]*)"/.exec(tag)?.[1],
      tag,
    ]);
    return [...markdown, ...html]
      .filter(([, alt]) => (alt ?? '').length < 10)
      .map(([, , what]) => `${page}: ${what}`);
  });
  expect(silent).toEqual([]);
});

it('every page of the documentation is linked from another one', () => {
  const reached = new Set(
    pages().flatMap((page) =>
      linksOf(page).map(({ target }) =>
        relative(ROOT, join(ROOT, dirname(page), target.split('#')[0] ?? '')),
      ),
    ),
  );
  expect(pages().filter((page) => page.startsWith('docs/') && !reached.has(page))).toEqual([]);
});
