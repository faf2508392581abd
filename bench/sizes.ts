import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/**
 * The bytes that a page loads for a chat, of this library and of others, side by side in one run: each package's documented client,
 * bundled with esbuild for browsers, minified and gzipped. Needs `npm run build` before, and the registry.
 *
 * `npx tsx bench/sizes.ts`
 */
const dist = fileURLToPath(new URL('../dist', import.meta.url));

interface Contender {
  name: string;
  /** The packages to install, with exact versions. */
  packages: string[];
  /** The imports of an app, kept in the bundle. */
  code: string;
  /** Chunks, by the beginnings of their names, that are not loaded. */
  later?: string[];
}

/** The way to Momento's SDK, which `momento-chat/lite` takes only with `clients`. */
const SDK = ['./sdk-'];
const FEATURES =
  'room-log room-storage image-size signals typing presence read reaction-writer revision-writer pins files message-search threads'
    .split(' ')
    .map((name) => `./${name}-`);

const keep = (names: string, from: string) =>
  `import { ${names} } from '${from}'; globalThis.kept = [${names}];`;

const CONTENDERS: Contender[] = [
  {
    name: 'momento-chat/lite, a room joined',
    packages: [],
    code: keep('ChatRoom', join(dist, 'lite.js')),
    later: [...SDK, ...FEATURES],
  },
  {
    name: 'momento-chat/lite, every feature and the directory in use',
    packages: [],
    code: keep('ChatRoom, ChatSession', join(dist, 'lite.js')),
    later: SDK,
  },
  {
    name: "momento-chat, every feature, Momento's SDK included",
    packages: [],
    code: keep('ChatRoom, ChatSession', join(dist, 'index.js')),
  },
  {
    name: '@ably/chat + ably',
    packages: ['@ably/chat@1.4.0', 'ably@2.28.0'],
    code: `import { Realtime } from 'ably'; ${keep('ChatClient', '@ably/chat')} globalThis.kept.push(Realtime);`,
  },
  { name: '@pubnub/chat', packages: ['@pubnub/chat@1.0.2'], code: keep('Chat', '@pubnub/chat') },
  { name: 'stream-chat', packages: ['stream-chat@9.53.0'], code: keep('StreamChat', 'stream-chat') },
  {
    name: '@sendbird/chat, open and group channels',
    packages: ['@sendbird/chat@4.22.12'],
    code: `import { GroupChannelModule } from '@sendbird/chat/groupChannel'; import { OpenChannelModule } from '@sendbird/chat/openChannel'; import SendbirdChat from '@sendbird/chat'; globalThis.kept = [SendbirdChat, GroupChannelModule, OpenChannelModule];`,
  },
  { name: '@talkjs/core', packages: ['@talkjs/core@1.12.0'], code: keep('getTalkSession', '@talkjs/core') },
  {
    name: '@liveblocks/client',
    packages: ['@liveblocks/client@3.24.2'],
    code: keep('createClient', '@liveblocks/client'),
  },
];

const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), 'chat-sizes-'));
try {
  await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  const packages = CONTENDERS.flatMap((contender) => contender.packages);
  await run(
    'npm',
    ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--legacy-peer-deps', ...packages],
    {
      cwd: folder,
    },
  );
  const sizes: { name: string; gzipped: number; minified: number }[] = [];
  for (const { name, code, later = [] } of CONTENDERS) sizes.push({ name, ...(await bundle(code, later)) });
  const lite = sizes[0]?.gzipped ?? 1;
  console.log('| client | minified, kB | gzipped, kB | / a room joined |\n| --- | --: | --: | --: |');
  for (const { name, minified, gzipped } of sizes.sort((a, b) => a.gzipped - b.gzipped))
    console.log(`| ${name} | ${kB(minified)} | ${kB(gzipped)} | ${(gzipped / lite).toFixed(2)} |`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** All in one file, with what is loaded on first use. */
async function bundle(code: string, later: string[]): Promise<{ minified: number; gzipped: number }> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: folder },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'error',
    nodePaths: [join(folder, 'node_modules')],
    define: { 'process.env.NODE_ENV': '"production"', global: 'globalThis' },
    plugins: [
      {
        name: 'later',
        setup({ onResolve }) {
          onResolve({ filter: /^\.\// }, ({ kind, path }) =>
            kind === 'dynamic-import' && later.some((name) => path.startsWith(name))
              ? { path, external: true }
              : undefined,
          );
        },
      },
    ],
  });
  const contents = outputFiles[0]?.contents ?? new Uint8Array();
  return { minified: contents.length, gzipped: gzipSync(contents, { level: 9 }).length };
}

function kB(bytes: number): string {
  return (bytes / 1000).toFixed(1);
}
