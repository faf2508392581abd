import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/**
 * Bundles a script for a page as an app would, with the library from its sources.
 *
 * @returns The files by their paths on the server; that of the entry is `/app.js`.
 */
export async function buildPage(entry: string): Promise<ReadonlyMap<string, string>> {
  const result = await build({
    root: dirname(entry),
    configFile: false,
    envFile: false,
    logLevel: 'error',
    resolve: { alias: { 'momento-chat': fileURLToPath(new URL('../../src/index.ts', import.meta.url)) } },
    build: {
      write: false,
      target: 'es2022',
      modulePreload: { polyfill: false },
      chunkSizeWarningLimit: 2000,
      rollupOptions: {
        input: { app: entry },
        output: { entryFileNames: '[name].js' },
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
