import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { build, type Rollup } from 'vite';
import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import { packedPackage } from '../support/packed-package.js';

// The snippet for Cloudflare Workers of docs/token-vendor.md, to the letter, in workerd itself.

// Building the package takes minutes on a busy machine.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 900_000 });

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
let momento: LocalMomento;
const running: ChildProcess[] = [];

beforeAll(async () => {
  momento = await startLocalMomento({ caches: ['chat'] });
  folder = await mkdtemp(join(tmpdir(), 'momento-chat-workerd-'));
  const doc = await readFile(join(root, 'docs/token-vendor.md'), 'utf8');
  const snippet = /<!-- snippet: workers -->\s*```js\n(.*?)```/s.exec(doc)?.[1];
  if (snippet === undefined) throw new Error('docs/token-vendor.md has no snippet "workers"');
  const entry = join(folder, 'entry.js');
  await writeFile(entry, snippet);
  const server = join((await packedPackage()).folder, 'dist/server.js');
  const output = await build({
    root,
    configFile: false,
    logLevel: 'silent',
    resolve: {
      alias: { 'momento-chat/server': server },
      conditions: ['workerd', 'worker', 'browser', 'module', 'import', 'default'],
    },
    build: { write: false, minify: false, target: 'es2022', lib: { entry, formats: ['es'] } },
  });
  for (const bundle of output as Rollup.RollupOutput[])
    await writeFile(join(folder, 'worker.js'), bundle.output[0].code);
});

afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await momento?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Resolves with the port that workerd tells it listens on. */
async function portOf(child: ChildProcess): Promise<number> {
  const [control] = child.stdio.slice(3) as [Readable];
  let told = '';
  for await (const chunk of control) {
    told += chunk;
    const port = /"port":\s*(\d+)/.exec(told)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error('workerd ended before it listened');
}

/** Runs the worker with the behaviour of that date; resolves with how to ask it as a visitor with an address. */
async function worker(compatibilityDate: string) {
  const binding = (name: string, text: string) => `(name = "${name}", text = ${JSON.stringify(text)})`;
  const config = `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "${compatibilityDate}",
  bindings = [${binding('MOMENTO_API_KEY', momento.apiKey)}, ${binding('MOMENTO_ENDPOINT', momento.url)}],
);`;
  const file = join(folder, `${compatibilityDate}.capnp`);
  await writeFile(file, config);
  const child = spawn(
    createRequire(import.meta.url).resolve('workerd/bin/workerd'),
    ['serve', '--control-fd=3', file],
    {
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    },
  );
  running.push(child);
  const port = await portOf(child);
  const ask = (visitor: string, signal?: AbortSignal) =>
    fetch(`http://127.0.0.1:${port}/token?room=lobby`, {
      headers: { 'cf-connecting-ip': visitor },
      ...(signal === undefined ? {} : { signal }),
    });
  return ask;
}

// From before and after Cloudflare changed where promises of another request go on.
describe.concurrent.each(['2024-09-01', '2025-09-01'])('in workerd, with its behaviour of %s', (date) => {
  it('two hundred cold visitors at once are served at the pace or told to wait, and minting goes on', async ({
    expect,
  }) => {
    const ask = await worker(date);
    const start = performance.now();
    const statuses = await Promise.all(
      Array.from({ length: 200 }, async (_, visitor) => (await ask(`198.51.${visitor}.1`)).status),
    );
    const seconds = (performance.now() - start) / 1000;
    const served = statuses.filter((status) => status === 200).length;
    expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([]);
    // The first at once, then a queue of forty at four a second.
    expect(served).toBeGreaterThanOrEqual(41);
    expect(served / seconds).toBeLessThanOrEqual(4.5);
    expect((await ask('203.0.113.1')).status).toBe(200);
  });

  it('visitors who go away while they wait hold nobody up', async ({ expect }) => {
    const ask = await worker(date);
    const gone = new AbortController();
    const waiting = Array.from({ length: 8 }, (_, visitor) =>
      ask(`198.51.${visitor}.1`, gone.signal).then(
        ({ status }) => status,
        () => 'gone',
      ),
    );
    await Promise.race(waiting);
    // One of the same address shares the work of somebody who goes away.
    const same = Array.from({ length: 8 }, (_, visitor) => ask(`198.51.${visitor}.1`));
    gone.abort();
    await Promise.all(waiting);
    expect((await Promise.all(same)).map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect((await ask('203.0.113.2')).status).toBe(200);
  });
});
