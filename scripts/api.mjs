// Writes etc/*.api.md: for each entry of the package all that it exports, as TypeScript declares it, without comments. A
// change of the public interface is then a change of these files. With --check it writes nothing, and fails when they differ.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reports } from './api/reports.mjs';
import { entries } from './entries.mjs';
import { root } from './setup.mjs';

const folder = join(root, 'etc');
const check = process.argv.includes('--check');
const made = reports(entries);
const isThere = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.api.md')) : [];

const stale = [
  ...isThere.filter((name) => !made.has(name)),
  ...[...made].flatMap(([name, text]) => {
    const path = join(folder, name);
    return existsSync(path) && readFileSync(path, 'utf8') === text ? [] : [name];
  }),
];

if (!check) {
  mkdirSync(folder, { recursive: true });
  for (const name of isThere) if (!made.has(name)) rmSync(join(folder, name));
  for (const [name, text] of made) writeFileSync(join(folder, name), text);
  console.log(`${made.size} reports in etc/, ${stale.length} of them changed`);
} else if (stale.length > 0) {
  console.error(
    `The public interface is not as etc/ says: ${stale.join(', ')}. Run npm run api, and look at the change.`,
  );
  process.exitCode = 1;
} else console.log(`${made.size} reports in etc/ are up to date`);
