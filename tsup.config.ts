import { readFile } from 'node:fs/promises';
import { defineConfig, type Options } from 'tsup';

const shared = {
  format: ['esm', 'cjs'] as ('esm' | 'cjs')[],
  target: 'es2022',
  sourcemap: true,
};

/** The adapters share the rooms' classes and types with the entries that make rooms. */
const FRAMEWORKS = {
  react: 'src/react/index.ts',
  'react-suspense': 'src/react/suspense.ts',
  vue: 'src/vue/index.ts',
  svelte: 'src/svelte/index.ts',
};

/** Leaves the local Momento's bundle where it is, instead of carrying it once more. */
const overLocalBundle = (filter: RegExp, bundle: string): NonNullable<Options['esbuildPlugins']>[number] => ({
  name: 'over-the-local-bundle',
  setup(build) {
    build.onResolve({ filter }, () => ({ path: bundle, external: true }));
  },
});

/** In CommonJS nothing is fetched, and a bundler warns of a `require` whose module it cannot know. */
const nothingToImportAgain: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'nothing-to-import-again',
  setup(build) {
    if (build.initialOptions.define?.TSUP_FORMAT !== '"cjs"') return;
    const contents =
      "export const importAgain = () => Promise.reject(new Error('nothing is fetched in CommonJS'));";
    build.onLoad({ filter: /[\\/]shared[\\/]import-again\.ts$/ }, () => ({ contents, loader: 'js' }));
  },
};

/** Has esbuild make the styles of the element smaller, which it does not look into while they are strings. */
const smallStyles: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'small-styles',
  setup({ esbuild, onLoad }) {
    onLoad({ filter: /[\\/]element[\\/]styles[\\/][a-z]+\.ts$/ }, async ({ path }) => {
      const { code } = await esbuild.transform(await readFile(path, 'utf8'), { loader: 'ts', format: 'esm' });
      const styles: Record<string, string> = await import(`data:text/javascript,${encodeURIComponent(code)}`);
      const small = Object.entries(styles).map(async ([name, css]) => {
        const { code } = await esbuild.transform(css, { loader: 'css', minify: true });
        return `export const ${name} = ${JSON.stringify(code)};`;
      });
      return { contents: (await Promise.all(small)).join('\n') };
    });
  },
};

/** `import.meta`, which CommonJS has not, is only looked at where there is no `__filename`. */
const expectImportMeta: NonNullable<Options['esbuildOptions']> = (options) => {
  options.logOverride = { 'empty-import-meta': 'silent' };
};

/**
 * Stands before the only import: who does not use msw does not have it, and gets an unknown type for its handlers
 * instead of an error where libraries are checked as well (`skipLibCheck: false`).
 */
const MSW_IS_OPTIONAL = '// @ts-ignore: msw is optional';

export default defineConfig([
  {
    ...shared,
    // Classes that extend others have files of their own, so that a bundler leaves them out for who imports but ChatError.
    entry: {
      index: 'src/index.ts',
      lite: 'src/lite.ts',
      room: 'src/chat-room.ts',
      'web-room': 'src/web-room.ts',
      'web-session': 'src/web-session.ts',
      'lite-room': 'src/lite-room.ts',
      'lite-session': 'src/lite-session.ts',
      element: 'src/element/index.ts',
      storage: 'src/storage/index.ts',
      server: 'src/token-vendor.ts',
      ...FRAMEWORKS,
    },
    dts: {
      entry: {
        index: 'src/index.ts',
        lite: 'src/lite.ts',
        element: 'src/element/index.ts',
        storage: 'src/storage/index.ts',
        server: 'src/token-vendor.ts',
        ...FRAMEWORKS,
      },
    },
    platform: 'neutral',
    // One class of errors for all entries of a format. In CommonJS it also makes `require` of each `import()`, which
    // Jest refuses.
    splitting: true,
    // Twice is smaller than once: an app's bundler does the same again, over several files. What tsup makes CommonJS of afterwards
    // it would not understand.
    esbuildOptions(options, { format }) {
      options.minifySyntax = format === 'esm';
    },
    esbuildPlugins: [nothingToImportAgain, smallStyles],
  },
  {
    // The local Momento carries its gRPC stack inside: a browser app that installs the package gets no
    // gRPC dependency, and `npx momento-chat local` works in an empty folder.
    ...shared,
    entry: { local: 'src/local/index.ts' },
    dts: { entry: { local: 'src/local/index.ts' } },
    platform: 'node',
    sourcemap: false,
    noExternal: ['@grpc/grpc-js', '@gomomento/generated-types', 'google-protobuf'],
    esbuildOptions(options, { format }) {
      options.legalComments = 'linked';
      if (format === 'esm') {
        options.banner = {
          js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
        };
      }
    },
  },
  {
    // The command is a few lines over the local Momento's own bundle, which is not to be carried twice.
    ...shared,
    entry: { cli: 'src/local/cli/cli.ts' },
    format: ['esm'],
    platform: 'node',
    sourcemap: false,
    esbuildPlugins: [overLocalBundle(/^\.\.\/index\.js$/, './local.js')],
  },
  // So are the helpers for tests, and they share its engine with whoever imports both.
  ...(['esm', 'cjs'] as const).map((format) => ({
    ...shared,
    entry: { testing: 'src/testing/index.ts' },
    format: [format],
    dts: { entry: { testing: 'src/testing/index.ts' }, banner: MSW_IS_OPTIONAL },
    platform: 'node' as const,
    sourcemap: false,
    esbuildOptions: expectImportMeta,
    esbuildPlugins: [
      overLocalBundle(/^\.\.\/local\/index\.js$/, format === 'esm' ? './local.js' : './local.cjs'),
    ],
  })),
]);
