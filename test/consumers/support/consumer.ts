import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished, vi } from 'vitest';
import { packedPackage } from '../../support/packed-package.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** An app in a folder of its own, with the packed package installed. It goes when the test ends. */
export interface Consumer {
  readonly folder: string;
  /** Runs a command of an installed package, or `node`; resolves with its output, rejects when it fails. */
  run(command: string, ...args: string[]): Promise<string>;
  /** Starts one that goes on until the test ends; resolves when it answers at `url`. */
  serve(url: string, command: string, ...args: string[]): Promise<void>;
}

/**
 * @param packages - Installed beside the packed package, each with an exact version.
 * @param files - The app's files by their paths.
 */
export async function consumer(
  packages: readonly string[],
  files: Readonly<Record<string, string>>,
  { type = 'module' }: { type?: 'module' | 'commonjs' } = {},
): Promise<Consumer> {
  const { tarball } = await packedPackage();
  const folder = await mkdtemp(join(tmpdir(), 'momento-chat-consumer-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const manifest = JSON.stringify({ name: 'consumer', version: '1.0.0', private: true, type });
  for (const [path, content] of Object.entries({ 'package.json': manifest, ...files })) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  await finish('npm', start(folder, 'npm', [...INSTALL, tarball, ...packages]));
  return {
    folder,
    run: (command, ...args) => finish(command, start(folder, ...commandIn(folder, command, args))),
    serve: async (url, command, ...args) => {
      const server = start(folder, ...commandIn(folder, command, args));
      onTestFinished(() => end(server.child));
      await answers(url, server);
    },
  };
}

const INSTALL = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--save-exact'];

export interface Running {
  readonly child: ChildProcess;
  readonly output: () => string;
}

/** A process group of its own, so that what it starts ends with it; nothing of the npm above comes along. */
export function start(cwd: string, command: string, args: readonly string[]): Running {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(?!config_)|^NODE_ENV$|^VITEST/i.test(name)),
  );
  const child = spawn(command, args, {
    cwd,
    // A newcomer says yes when npm asks whether to install what creates a project.
    env: { ...env, NG_CLI_ANALYTICS: 'false', CI: '1', npm_config_yes: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  return { child, output: () => output };
}

function commandIn(folder: string, command: string, args: readonly string[]): [string, readonly string[]] {
  if (command === 'node') return [process.execPath, args];
  return [process.execPath, [join(folder, 'node_modules', command), ...args]];
}

export async function finish(name: string, { child, output }: Running): Promise<string> {
  onTestFinished(() => end(child));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${name} ended with ${code}:\n${output()}`);
  return output();
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const closed = once(child, 'close');
  if (process.platform === 'win32') child.kill();
  else process.kill(-child.pid, 'SIGKILL');
  await closed;
}

export async function answers(url: string, { child, output }: Running): Promise<void> {
  const answered = () =>
    fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
  await vi.waitUntil(async () => child.exitCode !== null || (await answered()), {
    timeout: 300_000,
    interval: 100,
  });
  if (child.exitCode !== null) throw new Error(`the server ended:\n${output()}`);
}

/** The page that README.md shows, to the letter. */
export async function readmePage(): Promise<string> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const code = /<!-- snippet: browser -->\s*```\w+\n(.*?)```/s.exec(readme)?.[1];
  if (code === undefined) throw new Error('README.md has no snippet "browser"');
  return code;
}

/** A page that does nothing but run a script. */
export const htmlOf = (script: string): string =>
  `<!doctype html><html lang="en"><link rel="icon" href="data:," /><body><script type="module" src="${script}"></script></body></html>\n`;
