import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const file = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Builds the page of parts.test.ts by Vite, as which no other bundler loads the parts of a library: what a part imports is
 * fetched beside it.
 *
 * @returns The files by their paths on the server.
 */
export async function buildParts(): Promise<ReadonlyMap<string, string>> {
  const result = await build({
    root: file('.'),
    configFile: false,
    envFile: false,
    logLevel: 'error',
    resolve: {
      alias: [
        { find: /^momento-chat$/, replacement: file('../../src/index.ts') },
        { find: /^momento-chat\/lite$/, replacement: file('../../src/lite.ts') },
        { find: /^momento-chat\/storage$/, replacement: file('../../src/storage/index.ts') },
      ],
    },
    build: {
      write: false,
      target: 'es2022',
      chunkSizeWarningLimit: 2000,
      rollupOptions: {
        input: { app: file('parts-app.ts') },
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
