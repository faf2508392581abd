import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startRedis } from '../server/redis-server.js';
import { cacheClientOf } from '../server/support.js';
import { packedPackage } from '../support/packed-package.js';

// Every program of docs/token-vendor.md, to the letter, from the packed package.

// Building the package takes minutes on a busy machine.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 900_000 });

const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
const SECRET = 'a secret of some length';

let app: string;
let doc: string;
let momento: LocalMomento;
const children: ChildProcess[] = [];

beforeAll(async () => {
  app = await mkdtemp(join(tmpdir(), 'momento-chat-snippets-'));
  doc = await readFile(join(root, 'docs/token-vendor.md'), 'utf8');
  momento = await startLocalMomento({ caches: ['chat', 'user'] });
  const { tarball } = await packedPackage();
  await writeFile(join(app, 'package.json'), JSON.stringify({ name: 'app', private: true, type: 'module' }));
  // From the registry comes only what the package itself needs; the frameworks are the ones of this repository.
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball], { cwd: app });
  for (const name of ['express', 'fastify', 'hono', '@hono/node-server', 'ioredis', '@gomomento/sdk']) {
    await mkdir(join(app, 'node_modules', name, '..'), { recursive: true });
    await symlink(join(root, 'node_modules', name), join(app, 'node_modules', name));
  }
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill();
});

afterAll(async () => {
  await momento?.close();
  if (app) await rm(app, { recursive: true, force: true });
});

function snippet(name: string): string {
  const code = new RegExp(`<!-- snippet: ${name} -->\\s*\`\`\`js\\n(.*?)\`\`\``, 's').exec(doc)?.[1];
  if (code === undefined) throw new Error(`docs/token-vendor.md has no snippet "${name}"`);
  return code;
}

const environment = (more: Record<string, string> = {}) => ({
  ...process.env,
  MOMENTO_API_KEY: momento.apiKey,
  MOMENTO_ENDPOINT: momento.url,
  TOKEN_CACHE_SECRET: SECRET,
  ...more,
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Runs a snippet that is a server, and waits until it answers. */
async function server(name: string): Promise<string> {
  await writeFile(join(app, `${name}.js`), snippet(name));
  const port = await freePort();
  const child = spawn(process.execPath, [`${name}.js`], {
    cwd: app,
    env: environment({ PORT: String(port) }),
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  children.push(child);
  let complaints = '';
  child.stderr?.on('data', (chunk) => {
    complaints += chunk;
  });
  const url = `http://127.0.0.1:${port}/token`;
  await expect
    .poll(
      () => {
        if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}: ${complaints}`);
        return fetch(url, { method: 'OPTIONS' }).then(
          () => true,
          () => false,
        );
      },
      { timeout: 120_000, interval: 100 },
    )
    .toBe(true);
  return url;
}

/** Runs a snippet that exports something, with a program that uses it and prints JSON. */
async function program(name: string, file: string, code: string, use: string, more = {}): Promise<unknown> {
  await mkdir(join(app, file, '..'), { recursive: true });
  await writeFile(join(app, file), code);
  const main = join(app, `use-${name}.js`);
  const from = JSON.stringify(pathToFileURL(join(app, file)).href);
  await writeFile(main, `import * as snippet from ${from};\n${use}\nprocess.exit();`);
  const { stdout } = await run(process.execPath, [main], { cwd: app, env: environment(more) });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

/** That a token is one for this room, tried with the real SDK. */
async function opens(token: unknown, room: string): Promise<void> {
  expect(token).toMatch(/^ey/);
  const client = await cacheClientOf(momento, String(token));
  expect((await client.listPushFront('chat', room, 'x')).type).toBe('Success');
  const other = await client.listFetch('chat', 'another room');
  expect(other.type === 'Error' && other.errorCode()).toBe('PERMISSION_ERROR');
  client.close();
}

describe('the documented server', () => {
  it.each(['http', 'fastify', 'hono'])('%s vends', async (name) => {
    const url = await server(name);
    const response = await fetch(`${url}?room=lobby`);
    expect(response.status).toBe(200);
    const { token } = await response.json();
    await opens(token, 'lobby');
    expect((await (await fetch(`${url}?room=lobby`)).json()).token).toBe(token);
    const posted = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"rooms":["lobby"]}',
    });
    expect((await posted.json()).token).toBe(token);
    expect((await fetch(`${url}?room=secret`)).status).toBe(403);
  });

  it('express vends to who has signed in', async () => {
    const url = await server('express');
    expect((await fetch(`${url}?room=red.1`)).status).toBe(401);
    const headers = { authorization: 'Bearer secret-of-ada' };
    const vended = await (await fetch(`${url}?room=red.1`, { headers })).json();
    expect(vended.userId).toBe('ada');
    await opens(vended.token, 'red.1');
    const reader = await (await fetch(`${url}?room=news`, { headers })).json();
    const client = await cacheClientOf(momento, reader.token);
    expect((await client.listFetch('chat', 'news')).type).toBe('Miss');
    expect((await client.listPushFront('chat', 'news', 'x')).type).toBe('Error');
    client.close();
  });

  it('next vends behind its proxy', async () => {
    const [first, again, stranger, unknown] = (await program(
      'next',
      'app/token/route.js',
      snippet('next'),
      `const ask = async (headers) =>
        (await snippet.GET(new Request('http://x/token?room=lobby', { headers }), { params: {} })).json();
      console.log(JSON.stringify([
        await ask({ 'x-forwarded-for': '6.6.6.6, 203.0.113.7' }),
        await ask({ 'x-forwarded-for': '7.7.7.7, 203.0.113.7' }),
        await ask({ 'x-forwarded-for': '203.0.113.8' }),
        await ask({}),
      ]));`,
    )) as [{ token: string }, { token: string }, { token: string }, { error: { message: string } }];
    await opens(first.token, 'lobby');
    expect(again.token).toBe(first.token);
    expect(stranger.token).not.toBe(first.token);
    expect(unknown.error.message).toMatch(/address is unknown/);
  });

  it('lambda vends', async () => {
    const result = (await program(
      'lambda',
      'lambda.js',
      snippet('lambda'),
      `console.log(JSON.stringify(await snippet.handler({
        rawPath: '/', rawQueryString: 'room=lobby', headers: {},
        requestContext: { domainName: 'x.lambda-url.us-west-2.on.aws', http: { method: 'GET', sourceIp: '203.0.113.7' } },
      })));`,
    )) as { statusCode: number; body: string };
    expect(result.statusCode).toBe(200);
    await opens(JSON.parse(result.body).token, 'lobby');
  });
});

describe('the documented token cache', () => {
  const VEND = `console.log(JSON.stringify(await snippet.vendor.vend({ ip: '203.0.113.7', rooms: ['lobby'] })));`;

  it('on Momento is shared by processes', async () => {
    const service = 'CredentialProvider.fromApiKeyV2({ apiKey, endpoint })';
    expect(snippet('momento-cache')).toContain(service);
    // The only change: a local Momento takes no v2 key.
    const local = `CredentialProvider.forMomentoLocal({ hostname: '127.0.0.1', port: ${momento.port} })`;
    const code = snippet('momento-cache').replace(service, local);
    const first = (await program('momento-cache', 'momento-cache.js', code, VEND)) as { token: string };
    const again = (await program('momento-cache', 'momento-cache.js', code, VEND)) as { token: string };
    await opens(first.token, 'lobby');
    expect(again.token).toBe(first.token);
  });

  it('on Redis is shared by processes', async () => {
    const redis = await startRedis();
    try {
      const more = { REDIS_URL: `redis://127.0.0.1:${redis.port}` };
      const first = (await program('redis', 'redis.js', snippet('redis'), VEND, more)) as { token: string };
      const again = (await program('redis', 'redis.js', snippet('redis'), VEND, more)) as { token: string };
      await opens(first.token, 'lobby');
      expect(again.token).toBe(first.token);
    } finally {
      await redis.stop();
    }
  }, 180_000);
});
