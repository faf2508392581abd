import { fileURLToPath } from 'node:url';
import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { compileComponents } from './test/ui/compile-components.js';

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));

const project = (name: string, include: string[], extra: Record<string, unknown> = {}) => ({
  extends: true as const,
  test: { name, include, ...extra },
});

/**
 * Files that leave their process as they found it share it, and what it has loaded: loading the two SDKs and jsdom
 * anew for every file takes longer than most files.
 */
const SHARING = { isolate: false };

/** What counts the timers, the memory or the processor time of its process, or is hard work for it, has one of its own. */
const ALONE = [
  'delivery',
  'feature-matrix',
  'hostile-lists',
  'leave',
  'local-permissions',
  'many-rooms',
  'outbox',
  'session-outage',
  'subscription-storm',
  'vendor-chaos',
  'vendor-minting',
].map((name) => `test/integration/${name}.test.ts`);

const asked = (name: string) => process.argv.some((argument) => argument.replace('--project=', '') === name);

/**
 * In CI what runs on sockets is tried once more when it fails, and is named in the summary: a machine that stood still
 * for a moment is told from a fault. On a developer's machine nothing is tried again.
 */
const retry = process.env.CI ? 1 : 0;

const SOAK = ['test/soak/**/*.test.ts', 'test/integration/vendor-chaos.test.ts'];

/** What takes minutes runs only when asked for: `npm run test:soak`. */
const soak = asked('soak')
  ? [
      project('soak', [...SOAK, 'test/properties/**/*.test.ts'], {
        testTimeout: 1_200_000,
        hookTimeout: 240_000,
        env: {
          PROPERTY_RUNS: process.env.PROPERTY_RUNS ?? '10000',
          VENDOR_CHAOS_REQUESTS: process.env.VENDOR_CHAOS_REQUESTS ?? '100000',
        },
      }),
    ]
  : [];

/** What installs the packed package beside other people's tools runs only when asked for: `npm run test:consumers`. */
const consumers = asked('consumers')
  ? [
      project('consumers', ['test/consumers/**/*.test.ts', 'test/package/**/*.test.ts'], {
        testTimeout: 600_000,
        hookTimeout: 300_000,
      }),
    ]
  : [];

/** What the tests that run in this process reach of `src/`; `npm run coverage` adds what pages in Chromium ran. */
const coverage: NonNullable<NonNullable<ViteUserConfig['test']>['coverage']> = {
  provider: 'v8',
  include: ['src/**/*.{ts,tsx}'],
  exclude: [
    // Run in Chromium only.
    'src/element/**',
    'src/storage/{indexed-db,owner-locks}.ts',
    // Runs as a process of its own (`test/integration/local-cli.test.ts`).
    'src/local/cli/cli.ts',
  ],
  reporter: ['json'],
  reportOnFailure: true,
};

/** What leaves rooms on sockets behind, which would set timers in the virtual time of the next file, or fills the memory. */
const PAGES_ALONE = [
  'react/renders.test.tsx',
  'ui/pages.test.tsx',
  'ui/recipes.test.ts',
  'ui/typescript-page.test.ts',
].map((name) => `test/${name}`);

/** In the conditions of a browser: Svelte has another `createSubscriber` for servers. */
const pages = (name: string, include: string[], extra: Record<string, unknown> = {}) => ({
  ...project(name, include, {
    testTimeout: 60_000,
    environment: 'jsdom',
    setupFiles: ['test/ui/one-realm.ts', 'test/ui/empty-page.ts'],
    server: { deps: { inline: ['svelte', 'solid-js'] } },
    ...extra,
  }),
  plugins: [compileComponents],
  resolve: { conditions: ['browser'] },
});

export default defineConfig({
  resolve: {
    alias: [
      { find: /^momento-chat$/, replacement: path('./src/index.ts') },
      { find: /^momento-chat\/lite$/, replacement: path('./src/lite.ts') },
      { find: /^momento-chat\/react$/, replacement: path('./src/react/index.ts') },
      { find: /^momento-chat\/react\/suspense$/, replacement: path('./src/react/suspense.ts') },
      { find: /^momento-chat\/vue$/, replacement: path('./src/vue/index.ts') },
      { find: /^momento-chat\/svelte$/, replacement: path('./src/svelte/index.ts') },
      { find: /^momento-chat\/element$/, replacement: path('./src/element/index.ts') },
      { find: /^momento-chat\/storage$/, replacement: path('./src/storage/index.ts') },
      { find: /^momento-chat\/server$/, replacement: path('./src/token-vendor.ts') },
      { find: /^momento-chat\/local$/, replacement: path('./src/local/index.ts') },
      { find: /^momento-chat\/testing$/, replacement: path('./src/testing/index.ts') },
    ],
  },
  test: {
    // One more than the two cores of a small machine: most tests of sockets and pages wait for half of their time.
    maxWorkers: 3,
    hookTimeout: 60_000,
    coverage,
    projects: [
      project(
        'unit',
        [
          'test/{shared,grpc-web,transport,messages,features,session,delivery,sync,room,storage,server,local,testing}/**/*.test.ts',
          'test/*.test.ts',
        ],
        { testTimeout: 60_000, ...SHARING },
      ),
      project('properties', ['test/properties/**/*.test.ts'], {
        testTimeout: 60_000,
        setupFiles: ['test/properties/long-sequences.ts'],
        ...SHARING,
      }),
      pages('ui', ['test/{react,vue,svelte,element,ui}/**/*.test.{ts,tsx}'], {
        exclude: PAGES_ALONE,
        ...SHARING,
      }),
      pages('ui-alone', PAGES_ALONE),
      project('docs', ['test/docs/**/*.test.ts'], { testTimeout: 60_000, ...SHARING }),
      project('integration', ['test/integration/**/*.test.ts'], {
        testTimeout: 60_000,
        retry,
        exclude: ALONE,
        ...SHARING,
      }),
      project('integration-alone', ALONE, { testTimeout: 60_000, retry }),
      project('browser', ['test/browser/**/*.test.ts'], {
        testTimeout: 90_000,
        hookTimeout: 90_000,
        retry,
        ...SHARING,
      }),
      ...soak,
      ...consumers,
    ],
  },
});
