// Checks the site that typedoc built: every link and picture of every page leads to a file of the site, and to an anchor in it
// where it names one. Typedoc itself checks only the links that it made of other pages and of the API.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from './setup.mjs';

const site = join(root, 'site');
const pages = readdirSync(site, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.html'),
);
const contents = new Map();
const anchors = new Map();

const contentOf = (path) => {
  if (!contents.has(path)) contents.set(path, readFileSync(path, 'utf8'));
  return contents.get(path);
};

const anchorsOf = (path) => {
  if (!anchors.has(path))
    anchors.set(path, new Set([...contentOf(path).matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id)));
  return anchors.get(path);
};

/** Why a link leads nowhere; undefined for one that does not. */
function problemOf(page, target) {
  const [path, anchor] = target.replaceAll('&amp;', '&').split('#');
  const file = path === '' ? page : join(dirname(page), decodeURIComponent(path.split('?')[0]));
  if (!existsSync(file) || statSync(file).isDirectory()) return 'is missing';
  if (!anchor || !file.endsWith('.html')) return undefined;
  return anchorsOf(file).has(decodeURIComponent(anchor)) ? undefined : 'has no such anchor';
}

let checked = 0;
const broken = pages.flatMap((name) => {
  const page = join(site, name);
  const targets = [...contentOf(page).matchAll(/<(?:a|img|script|link)\b[^>]*?\s(?:href|src)="([^"]+)"/g)]
    .map(([, target]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
  checked += targets.length;
  return targets.flatMap((target) => {
    const problem = problemOf(page, target);
    return problem === undefined ? [] : [`${relative(site, page)}: ${target} ${problem}`];
  });
});

console.log(`${pages.length} pages of the site, ${checked} links checked`);
if (broken.length > 0) {
  console.error([...new Set(broken)].join('\n'));
  process.exitCode = 1;
}
