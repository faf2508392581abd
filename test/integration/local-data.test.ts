import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalMomento, ManualClock, startLocalMomento } from '../../src/local/index.js';
import { seen } from '../local/conformance/behaviour.js';
import { type Clients, clientsOf } from '../local/support/sdk-clients.js';

let folder: string;
let data: string;
let clock: ManualClock;
const running: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'momento-chat-data-'));
  data = join(folder, 'caches.data');
  clock = new ManualClock();
});
afterEach(async () => {
  for (const close of running.splice(0)) await close();
  await rm(folder, { recursive: true, force: true });
});

async function start(
  caches: string[] = ['chat'],
): Promise<{ momento: LocalMomento; cache: Clients['cache'] }> {
  const momento = await startLocalMomento({ caches, data, clock });
  const clients = await clientsOf('@gomomento/sdk', momento);
  running.push(async () => {
    clients.close();
    await momento.close();
  });
  return { momento, cache: clients.cache };
}

/** A port that was free a moment ago. */
async function freePort(): Promise<number> {
  const { port, close } = await startLocalMomento();
  await close();
  return port;
}

/** Starts another server on a port and the file as soon as the port can be had. */
async function takeOver(port: number): Promise<LocalMomento> {
  for (;;) {
    const next = await startLocalMomento({ data, port, clock }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') throw error;
    });
    if (next) return next;
    await new Promise(setImmediate);
  }
}

const stop = async (): Promise<void> => running.pop()?.();

describe('a data file', () => {
  it('keeps items of every kind, bytes and ends between restarts', async () => {
    const { cache } = await start();
    await cache.createCache('made');
    await cache.set('made', 'scalar', 'wert ✓', { ttl: 10 });
    await cache.listConcatenateBack('chat', 'list', ['a', 'b']);
    await cache.dictionarySetFields('chat', 'dictionary', { f: 'v', g: 'w' });
    await cache.setAddElements('chat', 'set', ['x', 'y']);
    await cache.sortedSetPutElements('chat', 'sorted', { one: 1, most: Number.POSITIVE_INFINITY });
    clock.advance(4000);
    await stop();

    const again = (await start(['chat', 'new'])).cache;
    expect(seen(await again.get('made', 'scalar'))).toEqual(['Hit', 'wert ✓']);
    expect(seen(await again.itemGetTtl('made', 'scalar'))).toEqual(['Hit', 6000]);
    expect(seen(await again.listFetch('chat', 'list'))).toEqual(['Hit', ['a', 'b']]);
    expect(seen(await again.dictionaryFetch('chat', 'dictionary'))).toEqual(['Hit', { f: 'v', g: 'w' }]);
    expect(seen(await again.setFetch('chat', 'set'))).toEqual(['Hit', ['x', 'y']]);
    expect(seen(await again.sortedSetGetRank('chat', 'sorted', 'most'))).toEqual(['Hit', 1]);
    expect(seen(await again.get('new', 'k'))).toBe('Miss');
  });

  it('is there soon after a change, and nothing else is left beside it', async () => {
    const { cache } = await start();
    await cache.listPushFront('chat', 'l', 'message');
    const stored = Buffer.from('message').toString('base64');
    const text = (): Promise<string> => readFile(data, 'utf8').catch(() => '');
    await expect.poll(text, { timeout: 5000 }).toContain(stored);
    await cache.listPopFront('chat', 'l');
    await expect.poll(text, { timeout: 5000 }).not.toContain(stored);
    expect(await readdir(folder)).toEqual(['caches.data']);
  });

  it.skipIf(process.platform === 'win32')('is private, unless its owner lets others read it', async () => {
    const { cache } = await start();
    const mode = async (): Promise<number> => (await stat(data)).mode & 0o777;
    await cache.listPushFront('chat', 'l', 'one');
    await expect.poll(mode, { timeout: 5000 }).toBe(0o600);
    await chmod(data, 0o640);
    await cache.listPushFront('chat', 'l', 'two');
    const stored = Buffer.from('two').toString('base64');
    await expect.poll(() => readFile(data, 'utf8'), { timeout: 5000 }).toContain(stored);
    expect(await mode()).toBe(0o640);
  });

  it('is whole for a server that takes over as soon as the port is free', async () => {
    const { momento, cache } = await start();
    await cache.set('chat', 'k', 'v'.repeat(1_000_000));
    const closing = momento.close();
    const next = await takeOver(momento.port);
    await closing;
    running.push(() => next.close());
    const clients = await clientsOf('@gomomento/sdk', next);
    running.push(async () => clients.close());
    expect((await clients.cache.get('chat', 'k')).type).toBe('Hit');
  });

  it('is left alone by a server that does not get the port', async () => {
    const { momento } = await start();
    const { ino } = await stat(data);
    await expect(startLocalMomento({ data, port: momento.port })).rejects.toThrow('EADDRINUSE');
    expect((await stat(data)).ino).toBe(ino);
  });

  it('forgets what has expired', async () => {
    const { cache } = await start();
    await cache.set('chat', 'k', 'v', { ttl: 10 });
    clock.advance(10_000);
    await stop();
    expect(await readFile(data, 'utf8')).not.toContain(Buffer.from('k').toString('base64'));
  });
});

describe('what is no whole data file', () => {
  const written = async (): Promise<Buffer> => {
    const { cache } = await start();
    await cache.set('chat', 'k', 'v'.repeat(1000));
    await stop();
    return readFile(data);
  };

  it('is refused wherever it was torn, and left as it is', async () => {
    const whole = await written();
    const lengths = [1, 10, 30, 60, 100, whole.length >> 1, whole.length - 1];
    for (const length of lengths) {
      await writeFile(data, whole.subarray(0, length));
      await expect(startLocalMomento({ data })).rejects.toThrow(/caches\.data; it is torn/);
      expect((await readFile(data)).length).toBe(length);
    }
  });

  it('is refused when it is damaged, of another version, or something else', async () => {
    const whole = await written();
    const damaged = Buffer.from(whole);
    damaged[whole.length - 10] = (damaged[whole.length - 10] ?? 0) ^ 1;
    await writeFile(data, damaged);
    await expect(startLocalMomento({ data })).rejects.toThrow('it is damaged');
    await writeFile(data, whole.toString('latin1').replace('data 1 ', 'data 9 '));
    await expect(startLocalMomento({ data })).rejects.toThrow('of version 9');
    for (const other of ['', 'hello', '{"caches":[]}\n', 'momento\n']) {
      await writeFile(data, other);
      await expect(startLocalMomento({ data })).rejects.toThrow('not a data file');
    }
  });

  it('cannot be written: starting says so', async () => {
    data = join(folder, 'nowhere', 'caches.data');
    const port = await freePort();
    await expect(startLocalMomento({ data, port })).rejects.toThrow(/unable to keep data in .*ENOENT/);
    // It has given the port back.
    data = join(folder, 'caches.data');
    await (await startLocalMomento({ data, port })).close();
  });
});
