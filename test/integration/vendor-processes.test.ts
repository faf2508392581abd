import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type LocalMomento, startLocalMomento } from 'momento-chat/local';
import type { VendedToken, VendorEvent } from 'momento-chat/server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

// A busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 180_000 });

const children: ChildProcess[] = [];
let momento: LocalMomento;
beforeAll(async () => {
  momento = await startLocalMomento({ caches: ['chat', 'user'], limits: { tokenMintsPerSecond: 5 } });
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await momento.close();
});

/** A vendor in a process of its own. */
async function start() {
  const child = fork(
    fileURLToPath(new URL('../server/vendor-process.ts', import.meta.url)),
    [String(momento.port)],
    { execArgv: ['--import', 'tsx'] },
  );
  children.push(child);
  const events: VendorEvent[] = [];
  const port = await new Promise<number>((resolve, reject) => {
    child.on('message', (message: { port?: number; event?: VendorEvent }) => {
      if (message.event !== undefined) events.push(message.event);
      if (message.port !== undefined) resolve(message.port);
    });
    child.once('exit', (code) => reject(new Error(`the vendor ended with ${code}`)));
  });
  return {
    types: () => events.map(({ type }) => type),
    async token(room: string): Promise<string> {
      const response = await fetch(`http://127.0.0.1:${port}/?room=${room}`);
      expect(response.status).toBe(200);
      return ((await response.json()) as VendedToken).token;
    },
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

describe('two vendor processes that share one Momento cache', () => {
  it('reuse each other’s tokens, and killing either loses nothing', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const a = await one.token('a');
    const b = await two.token('b');
    expect(await two.token('a')).toBe(a);
    expect(await one.token('b')).toBe(b);
    await expect.poll(one.types, { timeout: 20_000 }).toEqual(['minted', 'reused']);
    await expect.poll(two.types, { timeout: 20_000 }).toEqual(['minted', 'reused']);

    await one.kill();
    expect(await two.token('a')).toBe(a);
    expect(await two.token('b')).toBe(b);

    await two.kill();
    const three = await start();
    expect(await three.token('a')).toBe(a);
    expect(await three.token('b')).toBe(b);
    await expect.poll(three.types, { timeout: 20_000 }).toEqual(['reused', 'reused']);
  });

  it('vend through a crash in the middle of requests', async () => {
    const [one, two] = await Promise.all([start(), start()]);
    const before = await one.token('a');
    const pending = Array.from({ length: 50 }, () => one.token('a').catch(() => 'lost'));
    await one.kill();
    expect(new Set([...(await Promise.all(pending)), before]).size).toBeLessThanOrEqual(2);
    expect(await two.token('a')).toBe(before);
  });
});
