import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const OLDEST_NODE = 20;

/** Brings a fresh clone, or one that was just updated, to where its own code runs. Cheap when there is nothing to do. */
export function setUp() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < OLDEST_NODE) {
    stop(`Node ${OLDEST_NODE} or newer is needed; this is ${process.version}. See https://nodejs.org/`);
  }
  if (dependenciesAreCurrent()) return;
  console.log('Installing the locked dependencies (npm ci) …');
  // --include=dev: a machine with NODE_ENV=production would otherwise leave out what builds and tests.
  npm(['ci', '--include=dev', '--no-audit', '--no-fund']);
}

/** Runs Node on a script of this repository and returns its exit code; its output goes to the terminal. */
export function runNode(args, env = {}) {
  const result = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (result.error) throw result.error;
  return result.status ?? 1;
}

export function stop(message) {
  console.error(`\n${message}\n`);
  process.exit(1);
}

function dependenciesAreCurrent() {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  return statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs;
}

/** Runs npm in a folder; its output goes to the terminal. Ends the process when it fails. */
export function npm(args, cwd = root) {
  // Under `npm start` npm names its own script: running that with Node needs no shell, also on Windows.
  const cli = process.env.npm_execpath;
  const [command, first] = cli?.endsWith('npm-cli.js') ? [process.execPath, [cli]] : ['npm', []];
  const result = spawnSync(command, [...first, ...args], {
    cwd,
    stdio: 'inherit',
    shell: command === 'npm' && process.platform === 'win32',
  });
  if (result.status !== 0) stop(`npm ${args[0]} failed; its output above says why.`);
}
