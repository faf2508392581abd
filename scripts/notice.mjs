// Writes NOTICE: which packages are inside the published bundles, and the licence of each, in full, as those
// licences ask. With --check it writes nothing and fails when NOTICE is not what it would write.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { root } from './setup.mjs';

const HEADER = `momento-chat
Licensed under the Apache License, Version 2.0; see LICENSE.

The files in dist/ of the published package contain code of the packages below, bundled; most of it in dist/local.*.
This file is written by scripts/notice.mjs.
`;

const file = join(root, 'NOTICE');
const text = render(await bundledPackages());
if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
  console.error('NOTICE does not say what is in the bundles: run node scripts/notice.mjs');
  process.exitCode = 1;
}

/** The folders of the packages that end up in the bundles: asked of the bundler that builds them, as it is configured. */
async function bundledPackages() {
  const { tsImport } = await import('tsx/esm/api');
  const { default: configs } = await tsImport(join(root, 'tsup.config.ts'), import.meta.url);
  const folders = new Set();
  for (const config of configs) {
    for (const path of await inputsOf(config)) {
      const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
      if (folder !== undefined) folders.add(folder);
    }
  }
  return [...folders];
}

/** The files whose code is in the bundle of one of tsup's configurations. */
async function inputsOf({ entry, noExternal = [], platform }) {
  const { build } = createRequire(createRequire(import.meta.url).resolve('tsup'))('esbuild');
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { metafile } = await build({
    entryPoints: entry,
    absWorkingDir: root,
    outdir: 'dist',
    bundle: true,
    write: false,
    metafile: true,
    platform,
    mainFields: ['module', 'main'],
    format: 'esm',
    external: Object.keys({ ...dependencies, ...peerDependencies }).filter(
      (name) => !noExternal.includes(name),
    ),
    logLevel: 'error',
  });
  return Object.values(metafile.outputs).flatMap((output) =>
    Object.entries(output.inputs)
      .filter(([, input]) => input.bytesInOutput > 0)
      .map(([path]) => path),
  );
}

function render(folders) {
  /** Packages by the text of their licence, since several share one to the letter. */
  const byText = new Map();
  for (const folder of folders) {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const text = licenceText(join(root, folder), name);
    const packages = byText.get(text) ?? [];
    byText.set(text, [...packages, `${name} ${version} (${license})`]);
  }
  const sections = [...byText].map(([text, packages]) => ({ text, title: packages.sort().join('\n') }));
  sections.sort((a, b) => (a.title < b.title ? -1 : 1));
  const rule = '-'.repeat(80);
  return [HEADER, ...sections.map(({ title, text }) => `${rule}\n${title}\n${rule}\n\n${text}\n`)].join('\n');
}

function licenceText(folder, name) {
  const names = readdirSync(folder)
    .filter((entry) => /^(licen[cs]e|notice)/i.test(entry))
    .sort();
  if (names.length === 0) throw new Error(`${name} has no licence file: ${dirname(folder)}`);
  return names
    .map((entry) => readFileSync(join(folder, entry), 'utf8').replaceAll('\r\n', '\n').trim())
    .join('\n\n');
}
