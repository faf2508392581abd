import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { readable } from './page-coverage.js';

/** Where the files would be if they were written. */
const outdir = fileURLToPath(new URL('../../page', import.meta.url));
const source = (file: string) => fileURLToPath(new URL(`../../src/${file}`, import.meta.url));

/**
 * Bundles scripts for a page as an app would, with the library from its sources.
 *
 * @param entries The modules, by the names that they get; of only one: `app`.
 * @param options.oneFile Whether nothing is loaded later, as in a service worker, where nothing can be. Default false.
 * @returns The files by their paths on the server, as `/app.js` for an entry `app`.
 */
export async function buildPage(
  entries: string | Readonly<Record<string, string>>,
  { oneFile = false } = {},
): Promise<ReadonlyMap<string, string>> {
  const { outputFiles } = await build({
    entryPoints: typeof entries === 'string' ? { app: entries } : entries,
    bundle: true,
    splitting: !oneFile,
    format: 'esm',
    target: 'es2022',
    minify: !readable,
    sourcemap: readable && 'inline',
    logLevel: 'error',
    outdir,
    write: false,
    alias: {
      'momento-chat': source('index.ts'),
      'momento-chat/lite': source('lite.ts'),
      'momento-chat/storage': source('storage/index.ts'),
    },
  });
  return new Map(
    outputFiles.map(({ path, text }) => [`/${relative(outdir, path).replaceAll('\\', '/')}`, text]),
  );
}

export interface ServedPage {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves an empty page that runs `/app.js` on a free port of localhost.
 *
 * @param answer Sees each request first: may set headers, or answer it and say so with `true`.
 */
export async function serveBuiltPage(
  files: ReadonlyMap<string, string>,
  answer: (request: IncomingMessage, response: ServerResponse) => boolean,
): Promise<ServedPage> {
  const page = '<!doctype html><title>page</title><script type="module" src="/app.js"></script>';
  const server = createServer((request, response) => {
    if (answer(request, response)) return;
    const script = files.get(request.url ?? '/');
    response.setHeader('content-type', script === undefined ? 'text/html' : 'text/javascript');
    response.end(script ?? page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
