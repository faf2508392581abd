import { defineConfig } from 'tsup';

const shared = {
  format: ['esm', 'cjs'] as ('esm' | 'cjs')[],
  target: 'es2022',
  sourcemap: true,
};

export default defineConfig([
  {
    ...shared,
    entry: { index: 'src/index.ts', server: 'src/token-vendor.ts' },
    dts: true,
    platform: 'neutral',
    // It has no CommonJS of its own, and Node 20 before 20.19 cannot require anything else.
    noExternal: ['uuid'],
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
    entry: { cli: 'src/local/cli.ts' },
    format: ['esm'],
    platform: 'node',
    sourcemap: false,
    esbuildPlugins: [
      {
        name: 'import-the-local-bundle',
        setup(build) {
          build.onResolve({ filter: /^\.\/index\.js$/ }, () => ({ path: './local.js', external: true }));
        },
      },
    ],
  },
]);
