import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { build, type Rollup } from 'vite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { packedPackage } from '../support/packed-package.js';

// The packed server entry, bundled as for an edge runtime, and run in a realm that has what such a runtime
// has and nothing of Node.

// Building the package takes minutes on a busy machine.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 900_000 });

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
let folder: string;
let bundle: Rollup.OutputChunk;
let momento: LocalMomento;

beforeAll(async () => {
  momento = await startLocalMomento({ caches: ['chat'] });
  folder = await mkdtemp(join(tmpdir(), 'momento-chat-edge-'));
  await run('tar', ['-xzf', (await packedPackage()).tarball, '-C', folder]);
  const entry = join(folder, 'entry.js');
  await writeFile(entry, `export * from './package/dist/server.js';`);
  const output = await build({
    root,
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['workerd', 'worker', 'browser', 'module', 'import', 'default'] },
    plugins: [
      {
        // The packed files lie outside of the repository; what they import is installed inside of it.
        name: 'resolve-from-repository',
        enforce: 'pre',
        async resolveId(source, importer) {
          if (!importer?.startsWith(folder) || source.startsWith('.') || source.startsWith('/')) return null;
          return this.resolve(source, join(root, 'src/token-vendor.ts'), { skipSelf: true });
        },
      },
    ],
    build: {
      write: false,
      minify: false,
      target: 'es2022',
      lib: { entry, formats: ['iife'], name: 'server' },
    },
  });
  const [first] = output as Rollup.RollupOutput[];
  bundle = first?.output[0] as Rollup.OutputChunk;
});

afterAll(async () => {
  await momento?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

describe('the server entry', () => {
  it('imports nothing of Node', async () => {
    expect(bundle.imports).toEqual([]);
    const server = await readFile(join(folder, 'package/dist/server.js'), 'utf8');
    const imports = [...server.matchAll(/\b(?:from|import)\s*\(?["']([^"']+)["']/g)].map(([, name]) => name);
    expect([...new Set(imports)].filter((name) => !name?.startsWith('.')).sort()).toEqual([
      'ipaddr.js',
      'lru-cache',
      'proxy-addr',
    ]);
  });

  it('vends by fetch in a realm without Node', async () => {
    const names = [
      'AbortController',
      'AbortSignal',
      'Headers',
      'Request',
      'Response',
      'TextDecoder',
      'TextEncoder',
      'URL',
      'URLSearchParams',
      'Uint8Array',
      'atob',
      'btoa',
      'clearTimeout',
      'crypto',
      'fetch',
      'performance',
      'setTimeout',
    ] as const;
    const realm = createContext(Object.fromEntries(names.map((name) => [name, globalThis[name]])));
    runInContext(`${bundle.code}\nglobalThis.server = server;`, realm);
    expect(runInContext('typeof process + typeof Buffer + typeof require', realm)).toBe(
      'undefined'.repeat(3),
    );
    const answers = await runInContext(
      `(async () => {
        const vendor = server.createTokenVendor({
          auth: { apiKey: ${JSON.stringify(momento.apiKey)}, endpoint: ${JSON.stringify(momento.url)} },
          rooms: ['lobby'],
          tokenCache: server.sealedTokenCache(server.memoryTokenCache(), 'a secret of some length'),
          trustProxy: 1,
        });
        const ask = async (init) => (await vendor.fetch(new Request('https://x/?room=lobby', init))).json();
        const headers = { 'x-forwarded-for': '203.0.113.7' };
        return [
          await ask({ headers }),
          await ask({ headers, method: 'POST' }),
          await ask({ headers: { 'x-forwarded-for': '2001:db8::1' } }),
          await ask({}),
        ];
      })()`,
      realm,
    );
    expect(answers[0].token).toMatch(/^ey/);
    expect(answers[1].token).toBe(answers[0].token);
    expect(answers[2].token).not.toBe(answers[0].token);
    expect(answers[3].error.code).toBe('server');
  });
});
