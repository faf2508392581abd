import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { lookUntil } from './look-until.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
const LOCK_MS = 10 * 60_000;
const PRUNE_MS = 60 * 60_000;

/**
 * The package as it would be published: built from the sources as they are, beside `dist/`, and packed. Built
 * once for the same sources, however many tests ask, and kept in `node_modules/.cache`.
 *
 * @returns `tarball`: what `npm install` takes; `folder`: what is in it, whose `dist` can be imported as it is.
 */
export async function packedPackage(): Promise<{ tarball: string; folder: string }> {
  const folder = join(root, 'node_modules/.cache/momento-chat-packed', await fingerprint());
  await mkdir(dirname(folder), { recursive: true });
  // Tests in other processes want the same: one builds, the others wait for it.
  const lock = `${folder}.lock`;
  const found = await lookUntil(
    async () => (await tarballIn(folder)) ?? (await take(lock)),
    (tarballOrTurn) => tarballOrTurn !== false,
    { patienceMs: Number.POSITIVE_INFINITY, everyMs: 500 },
  );
  if (typeof found === 'string') return { tarball: found, folder };
  await prune(dirname(folder));
  const staging = await mkdtemp(`${folder}-`);
  try {
    await pack(staging);
    await rename(staging, folder).catch(() => {});
  } finally {
    await rm(staging, { recursive: true, force: true });
    await rm(lock, { recursive: true, force: true });
  }
  const tarball = await tarballIn(folder);
  if (tarball === undefined) throw new Error('npm pack gave no tarball');
  return { tarball, folder };
}

/** Whether the lock is ours; one that a killed process left behind is taken away. */
async function take(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    return true;
  } catch {
    const made = await stat(lock).catch(() => undefined);
    if (made !== undefined && Date.now() - made.mtimeMs > LOCK_MS)
      await rm(lock, { recursive: true, force: true });
    return false;
  }
}

/** Takes away what older sources have left. */
async function prune(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const { mtimeMs } = await stat(join(cache, name)).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > PRUNE_MS) await rm(join(cache, name), { recursive: true, force: true });
  }
}

async function pack(staging: string): Promise<void> {
  const tsup = join(root, 'node_modules/tsup/dist/cli-default.js');
  await run(process.execPath, [tsup, '--out-dir', join(staging, 'dist')], { cwd: root, maxBuffer: 64e6 });
  for (const file of ['package.json', 'README.md', 'LICENSE', 'NOTICE', 'CHANGELOG.md', 'SECURITY.md']) {
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
