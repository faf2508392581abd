import { expect, test } from 'vitest';
import { consumer, htmlOf } from './support/consumer.js';

/** Prints what a page of Vite loads, in bytes of gzip: of itself, and with what a room loads when it is joined. */
const MEASURE = `import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const { output } = await build({ logLevel: 'error', build: { write: false, rollupOptions: { external: ['@gomomento/sdk-web'] } } });
const chunks = new Map(output.filter(({ type }) => type === 'chunk').map((chunk) => [chunk.fileName, chunk]));
const found = (fits) => [...chunks.values()].find(fits).fileName;
function weight(...names) {
  const all = new Set(names);
  for (const name of all) for (const other of chunks.get(name)?.imports ?? []) if (chunks.has(other)) all.add(other);
  return [...all].reduce((sum, name) => sum + gzipSync(chunks.get(name).code, { level: 9 }).length, 0);
}
const entry = found(({ isEntry }) => isEntry);
const page = weight(entry);
const joined = weight(entry, found(({ fileName }) => /-runtime-/.test(fileName)));
console.log(JSON.stringify({ page, joined }));
`;

/**
 * `npm run size` measures one file, from which esbuild leaves out every function that is not called. A bundler that splits an app keeps
 * a module whole where any part of the app needs any of it, and adds its own loader (0.9 kB of Vite).
 */
test.each([
  ['momento-chat', { page: 6700, joined: 45_900 }],
  ['momento-chat/lite', { page: 6600, joined: 46_050 }],
])('%s: what Vite splits off is not loaded with the page, nor with a join', async (library, most) => {
  const app = await consumer(['vite@7.3.8'], {
    'index.html': htmlOf('/main.js'),
    'main.js': `import { ChatRoom } from '${library}';\nObject.assign(globalThis, { ChatRoom });\n`,
    'measure.mjs': MEASURE,
  });
  const weighed: typeof most = JSON.parse(await app.run('node', 'measure.mjs'));
  expect(weighed.page).toBeLessThanOrEqual(most.page);
  expect(weighed.joined).toBeLessThanOrEqual(most.joined);
});
