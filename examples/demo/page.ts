import { fileURLToPath } from 'node:url';
import { build } from 'vite';

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
 * The page as it would be deployed, by path: built in memory, from the library's source. A build and not Vite's dev
 * server, so that it runs under the Content-Security-Policy that a real page should have.
 *
 * @param options.readable With names and source maps, for a debugger. Default false.
 */
export async function buildPage({ readable = false } = {}): Promise<ReadonlyMap<string, PageFile>> {
  const result = await build({
    root: here('.'),
    configFile: false,
    envFile: false,
    logLevel: 'warn',
    resolve: {
      alias: [
        { find: /^momento-chat$/, replacement: here('../../src/index.ts') },
        { find: /^momento-chat\/element$/, replacement: here('../../src/element/index.ts') },
        { find: /^momento-chat\/storage$/, replacement: here('../../src/storage/index.ts') },
      ],
    },
    build: {
      write: false,
      target: 'es2022',
      ...(readable && { minify: false, sourcemap: 'inline' }),
      // A data: URL would need a hole in the policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // sdk-web alone is more than the default allows.
      chunkSizeWarningLimit: 2000,
      rollupOptions: {
        onwarn: (warning, warn) => {
          // Dead code inside google-protobuf; the policy allows no eval, and nothing misses it.
          if (warning.code !== 'EVAL') warn(warning);
        },
      },
    },
  });
  const files = new Map<string, PageFile>();
  for (const { output } of [result].flat().filter((one) => 'output' in one)) {
    for (const file of output) {
      const type = TYPES[file.fileName.split('.').pop() ?? ''] ?? 'application/octet-stream';
      files.set(`/${file.fileName}`, { type, body: file.type === 'chunk' ? file.code : file.source });
    }
  }
  return files;
}
