import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ChatRoom } from 'momento-chat';
import { startLocalMomento } from 'momento-chat/local';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { launchChromium } from '../browser/chromium.js';
import { nodeClients } from '../support/chat.js';
import { packedPackage } from '../support/packed-package.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
let tarball: string;
let browser: Browser;
const servers: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'momento-chat-newcomer-'));
  [{ tarball }, browser] = await Promise.all([packedPackage(), launchChromium()]);
});

afterAll(async () => {
  for (const server of servers) server.kill();
  await browser?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** The code that the README shows for this side, to the letter. */
async function snippet(name: 'browser' | 'server' | 'bot'): Promise<string> {
  const readme = await readFile(join(root, 'README.md'), 'utf8');
  const code = new RegExp(`<!-- snippet: ${name} -->\\s*\`\`\`\\w+\\n(.*?)\`\`\``, 's').exec(readme)?.[1];
  if (code === undefined) throw new Error(`README.md has no snippet "${name}"`);
  return code;
}

/** Runs npm as a newcomer would: nothing of the npm that runs the tests comes along. */
async function npm(cwd: string, ...args: string[]): Promise<string> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(?!config_)|^NODE_ENV$|^VITEST/i.test(name)),
  );
  const child = spawn('npm', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`npm ${args.join(' ')} ended with ${code}:\n${output}`);
  return output;
}

async function emptyApp(name: string): Promise<string> {
  const app = join(folder, name);
  await mkdir(app);
  await writeFile(join(app, 'package.json'), JSON.stringify({ name, private: true, type: 'module' }));
  return app;
}

async function installed(app: string): Promise<string[]> {
  const lock = JSON.parse(await readFile(join(app, 'package-lock.json'), 'utf8'));
  return Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, ''));
}

test("a newcomer's Vite app and Express app, with the README's code, chat", async () => {
  const web = await emptyApp('web');
  const said = await npm(web, 'install', '--prefer-offline', tarball, 'vite', 'typescript@5');
  expect(said).not.toMatch(/peer|ERESOLVE|deprecated/i);
  // The page never needs the SDK that is for Node, nor a gRPC stack.
  expect(await installed(web)).not.toContain('@gomomento/sdk');
  expect(await installed(web)).not.toContain('@grpc/grpc-js');
  await writeFile(
    join(web, 'index.html'),
    '<!doctype html><html lang="en"><link rel="icon" href="data:," /><script type="module" src="/main.ts"></script></html>',
  );
  await writeFile(join(web, 'main.ts'), await snippet('browser'));
  await npm(
    web,
    'exec',
    '--',
    'tsc',
    '--noEmit',
    '--strict',
    '--target',
    'es2022',
    '--module',
    'esnext',
    ...resolution,
    'main.ts',
  );
  await npm(web, 'exec', '--', 'vite', 'build');

  const api = await emptyApp('api');
  expect(await npm(api, 'install', '--prefer-offline', tarball, 'express')).not.toMatch(
    /peer|ERESOLVE|deprecated/i,
  );
  expect(await installed(api)).not.toContain('@gomomento/sdk');
  await writeFile(join(api, 'server.js'), await snippet('server'));
  await cp(join(web, 'dist'), join(api, 'dist'), { recursive: true });
  const url = await serve(api);

  const [ada, grace] = await Promise.all([browser.newPage(), browser.newPage()]);
  const errors: string[] = [];
  for (const page of [ada, grace]) {
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() !== 'log') errors.push(message.text());
    });
    await page.goto(url);
  }
  await ada.getByRole('textbox', { name: 'Message' }).fill('Hello from the README');
  await ada.keyboard.press('Enter');
  await ada.locator('li.sent', { hasText: 'Hello from the README' }).waitFor();
  await grace.getByText('Ada: Hello from the README').waitFor();
  await grace.reload();
  await grace.getByText('Ada: Hello from the README').waitFor();
  expect(errors).toEqual([]);
});

test("the README's bot answers in a room", async () => {
  const app = await emptyApp('bot');
  await npm(app, 'install', '--prefer-offline', tarball, '@gomomento/sdk');
  const momento = await startLocalMomento({ caches: ['chat'] });
  onTestFinished(() => momento.close());
  await writeFile(join(app, 'bot.js'), (await snippet('bot')).replace('8080', String(momento.port)));
  servers.push(spawn(process.execPath, ['bot.js'], { cwd: app, stdio: ['ignore', 'ignore', 'inherit'] }));
  const ada = new ChatRoom({ room: 'general', user: { name: 'Ada' }, clients: nodeClients(momento) });
  onTestFinished(() => ada.leave());
  await ada.join();
  const answered = async (): Promise<boolean> => {
    await ada.send('!ping');
    return ada.messages.some(({ user, text }) => user.name === 'Bot' && text === 'pong');
  };
  // It hears what is said once it is there.
  await expect.poll(answered, { timeout: 60_000, interval: 1000 }).toBe(true);
});

const resolution = [
  '--moduleResolution',
  'bundler',
  '--lib',
  'es2022,dom,dom.iterable',
  '--types',
  'vite/client',
];

/** Starts the server of the README on a free port, and waits until it answers. */
async function serve(app: string): Promise<string> {
  const port = await freePort();
  const { MOMENTO_API_KEY: _, ...env } = process.env;
  const server = spawn(process.execPath, ['server.js'], {
    cwd: app,
    env: { ...env, PORT: String(port) },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  servers.push(server);
  const url = `http://localhost:${port}/`;
  await expect
    .poll(
      () =>
        fetch(url).then(
          (response) => response.status,
          () => 0,
        ),
      { timeout: 30_000 },
    )
    .toBe(200);
  return url;
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await promisify((callback: (error?: Error) => void) => probe.listen(0, '127.0.0.1', () => callback()))();
  const address = probe.address();
  await promisify((callback: (error?: Error) => void) => probe.close(callback))();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}
