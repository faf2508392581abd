import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { npm, root, runNode, stop } from './setup.mjs';

const folder = join(root, 'examples');
/** Where the examples find the library, as if npm had installed it. */
export const LIBRARY = join(folder, 'node_modules', 'momento-chat');

/** Examples with packages of their own, and what starts them. */
const FRAMEWORKS = { nextjs: ['node_modules/next/dist/bin/next', 'start'] };
export const HEAVY_EXAMPLES = Object.keys(FRAMEWORKS);

/** The examples that need nothing but what the repository has installed. */
export const EXAMPLES = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, 'server.mjs')))
  .map(({ name }) => name);

/** Builds the library for the examples where its source is newer than the last build. Takes seconds. */
export function buildLibrary() {
  const built = join(LIBRARY, 'package.json');
  if (isNewer(built, join(root, 'src'))) return;
  console.log('Building the library for the examples …');
  rmSync(LIBRARY, { recursive: true, force: true });
  const tsup = join(root, 'node_modules', 'tsup', 'dist', 'cli-default.js');
  const args = ['--no-dts', '--format', 'esm', '--silent', '--out-dir', join(LIBRARY, 'dist')];
  if (runNode([tsup, ...args]) !== 0) stop('unable to build the library; the output above says why.');
  copyFileSync(join(root, 'package.json'), built);
}

/** Builds the page of an example into its `dist/`; of one with packages of its own, installs them first. */
export async function buildPage(name) {
  if (name in FRAMEWORKS) return buildFramework(join(folder, name));
  const { build } = await import('vite');
  await build({
    root: join(folder, name),
    // Its warnings would be about the size of Momento's SDK.
    logLevel: 'error',
    // Nothing is taken out or made small: that takes half of the time, and who looks at the page is to understand it.
    build: { emptyOutDir: true, minify: false, rollupOptions: { treeshake: false } },
  });
}

/** The package is built where its source is newer, and copied into the folder anew, as a dependency of its own. */
function buildFramework(place) {
  if (!isNewer(join(root, 'dist', 'index.d.ts'), join(root, 'src'))) npm(['run', 'build']);
  rmSync(join(place, 'node_modules', 'momento-chat'), { recursive: true, force: true });
  rmSync(join(place, 'node_modules', '.package-lock.json'), { force: true });
  npm(['install', '--no-audit', '--no-fund'], place);
  npm(['run', 'build'], place);
}

/**
 * Runs an example whose page is built: each `.mjs` file of its folder is a process, and gets what it needs as variables
 * of its environment.
 *
 * @returns `url`: where it answers; `output()`: what its processes said; `ended`: settles when one of them ends by itself;
 * `close()`: ends all.
 */
export async function runExample(name, { momento, port, inherit = false }) {
  const env = { ...process.env, ...momento, PORT: String(port) };
  const own = readdirSync(join(folder, name)).filter((file) => file.endsWith('.mjs'));
  const programs = FRAMEWORKS[name] ? [FRAMEWORKS[name]] : own.map((file) => [file]);
  let output = '';
  const children = programs.map((program) => {
    const child = spawn(process.execPath, program, {
      cwd: join(folder, name),
      env,
      stdio: ['ignore', inherit ? 'inherit' : 'pipe', inherit ? 'inherit' : 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        output += chunk;
      });
    }
    return child;
  });
  const ends = children.map((child) => once(child, 'close'));
  const ended = Promise.race(ends);
  const url = `http://localhost:${port}/`;
  const close = async () => {
    for (const child of children) child.kill();
    await Promise.all(ends);
  };
  if (!(await answers(url, children))) {
    await close();
    throw new Error(`unable to start ${name}; ${output || 'the output above says why'}`);
  }
  return { url, output: () => output, ended, close };
}

/** The port, when nobody listens on it; otherwise any free one. */
export async function freePort(port = 0) {
  const probe = createServer();
  try {
    await once(probe.listen(port), 'listening');
  } catch {
    return freePort();
  }
  const free = probe.address().port;
  await once(probe.close(), 'close');
  return free;
}

/** Whether it answers at last; false when one of its processes ended. */
async function answers(url, children) {
  while (children.every(({ exitCode, signalCode }) => exitCode === null && signalCode === null)) {
    const ok = await fetch(url).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

/** Whether a file is there, and not older than anything in a folder. */
function isNewer(file, place) {
  if (!existsSync(file)) return false;
  const entries = readdirSync(place, { recursive: true, withFileTypes: true });
  const { mtimeMs } = statSync(file);
  return entries.every((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs <= mtimeMs);
}
