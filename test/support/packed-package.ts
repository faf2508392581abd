import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/**
 * The package as it would be published: built from the sources as they are, beside `dist/`, and packed. Built
 * once for the same sources, however many tests ask, and kept in `node_modules/.cache`.
 *
 * @returns `tarball`: what `npm install` takes; `folder`: what is in it, whose `dist` can be imported as it is.
 */
export async function packedPackage(): Promise<{ tarball: string; folder: string }> {
  const folder = join(root, 'node_modules/.cache/momento-chat-packed', await fingerprint());
  const found = await tarballIn(folder);
  if (found !== undefined) return { tarball: found, folder };
  await mkdir(dirname(folder), { recursive: true });
  const staging = await mkdtemp(`${folder}-`);
  try {
    await pack(staging);
    // Another test may have been faster: then its folder is there, and just as good.
    await rename(staging, folder).catch(() => {});
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  const tarball = await tarballIn(folder);
  if (tarball === undefined) throw new Error('npm pack gave no tarball');
  return { tarball, folder };
}

async function pack(staging: string): Promise<void> {
  const tsup = join(root, 'node_modules/tsup/dist/cli-default.js');
  await run(process.execPath, [tsup, '--out-dir', join(staging, 'dist')], { cwd: root, maxBuffer: 64e6 });
  for (const file of ['package.json', 'README.md', 'LICENSE', 'NOTICE', 'CHANGELOG.md']) {
    await cp(join(root, file), join(staging, file)).catch(() => {});
  }
  await run('npm', ['pack', '--ignore-scripts', '--silent'], { cwd: staging });
}

async function tarballIn(folder: string): Promise<string | undefined> {
  const files = await readdir(folder).catch((): string[] => []);
  const file = files.find((name) => name.endsWith('.tgz'));
  return file === undefined ? undefined : join(folder, file);
}

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256');
  const sources = await readdir(join(root, 'src'), { recursive: true, withFileTypes: true });
  const files = sources.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of [...files, join(root, 'package.json'), join(root, 'tsup.config.ts')].sort()) {
    hash
      .update(file)
      .update('\0')
      .update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}
