// The entries of the package, in one list: those that tsconfig.json resolves to their sources.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './setup.mjs';

const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));

/** `name`: what an app imports; `source`: its file, from the root; `file`: a name for a file about it. */
export const entries = Object.entries(config.compilerOptions.paths).map(([name, [source]]) => ({
  name,
  source: source.replace(/^\.\//, ''),
  file: name.replace(/^momento-chat\/?/, '').replaceAll('/', '-') || 'index',
}));
