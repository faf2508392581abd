import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export interface PageFile {
  type: string;
  body: string | Uint8Array;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/**
 * The page as it would be deployed, by path: built in memory, from the library's source, so that it runs under the
 * Content-Security-Policy that a real page should have.
 *
 * @param options.readable With names and source maps, for a debugger. Default false.
 */
export async function buildPage({ readable = false } = {}): Promise<ReadonlyMap<string, PageFile>> {
  const root = here('.');
  const names = 'assets/[name]-[hash]';
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['src/main.ts', 'src/styles.css', 'src/icon.svg'],
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: !readable,
    sourcemap: readable && 'inline',
    logLevel: 'warning',
    loader: { '.svg': 'copy' },
    entryNames: names,
    chunkNames: names,
    outdir: 'page',
    write: false,
    metafile: true,
    alias: {
      'momento-chat': here('../../src/index.ts'),
      'momento-chat/element': here('../../src/element/index.ts'),
      'momento-chat/storage': here('../../src/storage/index.ts'),
    },
  });
  const files = new Map<string, PageFile>();
  for (const { path, contents } of outputFiles) {
    const name = relative(here('page'), path).replaceAll('\\', '/');
    files.set(`/${name}`, {
      type: TYPES[name.split('.').pop() ?? ''] ?? 'application/octet-stream',
      body: contents,
    });
  }
  let html = await readFile(here('index.html'), 'utf8');
  for (const [output, { entryPoint }] of Object.entries(metafile.outputs))
    if (entryPoint !== undefined)
      html = html.replaceAll(`"./${entryPoint}"`, `"/${output.slice('page/'.length)}"`);
  files.set('/index.html', { type: TYPES.html ?? '', body: html });
  return files;
}
