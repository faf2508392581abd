import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { readable } from './page-coverage.js';

const source = (file: string) => fileURLToPath(new URL(`../../src/${file}`, import.meta.url));

/**
 * Bundles a script for a page as an app would, with the library from its sources.
 *
 * @param options.name Default `app`.
 * @param options.preload Whether what a chunk imports is fetched beside it, as Vite does by default. A worker has no `document` for
 *   that. Default false.
 * @param options.oneFile Whether nothing is loaded later, as in a service worker, where nothing can be. Default false.
 * @returns The files by their paths on the server; that of the entry is `/app.js`, or has the other name.
 */
export async function buildPage(
  entry: string,
  { name = 'app', preload = false, oneFile = false } = {},
): Promise<ReadonlyMap<string, string>> {
  const result = await build({
    root: dirname(entry),
    configFile: false,
    envFile: false,
    logLevel: 'error',
    resolve: {
      alias: [
        { find: /^momento-chat$/, replacement: source('index.ts') },
        { find: /^momento-chat\/lite$/, replacement: source('lite.ts') },
        { find: /^momento-chat\/storage$/, replacement: source('storage/index.ts') },
      ],
    },
    build: {
      write: false,
      target: 'es2022',
      ...(readable && { minify: false, sourcemap: 'inline' }),
      modulePreload: preload,
      chunkSizeWarningLimit: 2000,
      rollupOptions: {
        input: { [name]: entry },
        output: { entryFileNames: '[name].js', inlineDynamicImports: oneFile },
        // Dead code inside google-protobuf uses eval.
        onwarn: () => {},
      },
    },
  });
  const files = new Map<string, string>();
  for (const { output } of [result].flat().filter((one) => 'output' in one)) {
    for (const file of output) if (file.type === 'chunk') files.set(`/${file.fileName}`, file.code);
  }
  return files;
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
