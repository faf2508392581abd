import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startLocalMomento } from 'momento-chat/local';
import { expect, onTestFinished, test } from 'vitest';
import { packedPackage } from '../support/packed-package.js';

const run = promisify(execFile);

/** The script that docs/lite.md shows, to the letter. */
async function documented(): Promise<string> {
  const page = await readFile(fileURLToPath(new URL('../../docs/lite.md', import.meta.url)), 'utf8');
  const code = /<!-- snippet: bots -->\s*```js\n(.*?)```/s.exec(page)?.[1];
  if (code === undefined) throw new Error('docs/lite.md has no snippet "bots"');
  return code;
}

test('two bots of docs/lite.md chat from an empty folder: fifteen lines, no SDK, no jsdom', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'momento-chat-bots-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const momento = await startLocalMomento({ caches: ['chat'] });
  onTestFinished(() => momento.close());
  const { tarball } = await packedPackage();
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_|^VITEST/i.test(name)),
  );
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], { cwd: folder, env });
  // The web SDK comes along for `momento-chat`; lite must not miss it.
  await rm(join(folder, 'node_modules/@gomomento'), { recursive: true });

  const script = await documented();
  expect(script.split('\n').filter((line) => line !== '')).toHaveLength(15);
  await writeFile(join(folder, 'bots.mjs'), script);
  const bots = await run(process.execPath, ['bots.mjs', momento.url, momento.apiKey], {
    cwd: folder,
    timeout: 30_000,
  });
  expect(bots).toEqual({ stdout: 'You said: Hello!\n', stderr: '' });
});
