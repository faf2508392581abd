// Writes NOTICE: which packages are inside the built momento-chat/local, and the licence of each, in full, as those
// licences ask. With --check it writes nothing and fails when NOTICE is not what it would write.

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { root } from './setup.mjs';

const HEADER = `momento-chat
Licensed under the Apache License, Version 2.0; see LICENSE.

The files dist/local.* and dist/cli.* of the published package contain code of the packages below, bundled. Everything
else of the package contains its own code only. This file is written by scripts/notice.mjs.
`;

const file = join(root, 'NOTICE');
const text = render(await bundledPackages());
if (!process.argv.includes('--check')) {
  writeFileSync(file, text);
} else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
  console.error(
    'NOTICE does not say what is in the bundle of momento-chat/local: run node scripts/notice.mjs',
  );
  process.exitCode = 1;
}

/** The folders of the packages that end up in the bundle: asked of the bundler that builds it. */
async function bundledPackages() {
  const { build } = createRequire(createRequire(import.meta.url).resolve('tsup'))('esbuild');
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { metafile } = await build({
    entryPoints: [join(root, 'src', 'local', 'index.ts')],
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    external: Object.keys(manifest.dependencies),
    logLevel: 'error',
  });
  const inputs = Object.values(metafile.outputs).flatMap((output) =>
    Object.entries(output.inputs)
      .filter(([, input]) => input.bytesInOutput > 0)
      .map(([path]) => path),
  );
  const folders = inputs.map((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  return [...new Set(folders.filter((folder) => folder !== undefined))];
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
