// Runs an example on a local Momento: npm run example presence
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setUp, stop } from './setup.mjs';

setUp();
const { buildLibrary, buildPage, EXAMPLES, freePort, HEAVY_EXAMPLES, LIBRARY, runExample } = await import(
  './run-example.mjs'
);

const name = process.argv[2];
const names = [...EXAMPLES, ...HEAVY_EXAMPLES];
const list = `The examples are: ${names.join(', ')}.`;
if (name === undefined) {
  console.log(`\nnpm run example <name>\n\n${list}\nexamples/README.md says what each of them shows.\n`);
  process.exit(0);
}
if (!names.includes(name)) stop(`There is no example "${name}". ${list}`);

buildLibrary();
await buildPage(name);
const { startLocalMomento } = await import(pathToFileURL(join(LIBRARY, 'dist', 'local.js')).href);
const local = await startLocalMomento({ caches: ['chat'] });
const port = await freePort(Number(process.env.PORT ?? 3000));
const momento = { MOMENTO_API_KEY: local.apiKey, MOMENTO_ENDPOINT: local.url };
const example = await runExample(name, { momento, port, inherit: true }).catch((error) =>
  stop(error.message),
);

console.log(`
  ${name}: ${example.url}

  Open it in two windows. It runs on a local Momento, in memory. Ctrl-C stops it.
`);

const end = async (code) => {
  await example.close();
  await local.close();
  process.exit(code);
};
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => end(0));
example.ended.then(([code]) => end(code ?? 0));

// `kill` of npm ends npm and its shell, which tell nobody: without this the example would go on, and keep its port.
if (process.env.npm_lifecycle_event === 'example') {
  const shell = process.ppid;
  setInterval(() => process.ppid === shell || process.kill(process.pid, 'SIGTERM'), 500).unref();
}
