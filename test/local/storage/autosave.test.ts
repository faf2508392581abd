import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cache as cacheTypes } from '@gomomento/generated-types';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LocalCore } from '../../../src/local/local-engine.js';
import { Autosave } from '../../../src/local/storage/autosave.js';

/** A busy machine is slow, not wrong. */
const PATIENCE = { timeout: 20_000 };

/** As long as a change waits for others, in milliseconds. */
const SETTLE_MS = 200;

let folder: string;
let file: string;
let core: LocalCore;
let data: Autosave;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'momento-chat-autosave-'));
  core = new LocalCore({ caches: ['chat'] });
  file = join(folder, 'caches.data');
  data = await Autosave.open(file, core);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true, force: true });
});

/** Stores a value as a call does, and lets the time pass after which that is to be written. */
async function change(n: number): Promise<void> {
  core.engine.caches
    .get('chat')
    .set(`key ${n}`, 'scalar', Buffer.from('v'), { ttlMs: 60_000, refresh: true });
  core.dispatch.onCall('Set');
  vi.advanceTimersByTime(SETTLE_MS);
  await Promise.resolve();
}

async function holds(key: string): Promise<boolean> {
  return (await readFile(file, 'utf8')).includes(Buffer.from(key).toString('base64'));
}

it('writes once more, and not once a change, after changes during a write; close() waits for no more', async () => {
  // Each write reads the names of the caches once.
  const written = vi.spyOn(core.engine.caches, 'names', 'get');
  for (let n = 0; n < 50; n++) await change(n);
  await data.close();
  expect(written).toHaveBeenCalledTimes(2);
  for (let n = 0; n < 50; n++) expect(await holds(`key ${n}`)).toBe(true);
});

it('writes what changed during a write as soon as that has ended', async () => {
  const written = vi.spyOn(core.engine.caches, 'names', 'get');
  await change(1);
  await change(2);
  await vi.waitFor(() => expect(written).toHaveBeenCalledTimes(2), PATIENCE);
  await data.close();
});

it('writes what a batch stores whenever its client has read some answers', async () => {
  const { _SetBatchRequest, _SetRequest } = cacheTypes.cache_client;
  const items = ['one', 'two'].map(
    (key) =>
      new _SetRequest({
        cache_key: Buffer.from(key),
        cache_body: Buffer.from('v'),
        ttl_milliseconds: 60_000,
      }),
  );
  let drain = () => {};
  const slowClient = {
    write: () => false,
    end() {},
    onDrain(callback: () => void) {
      drain = callback;
    },
    onClose() {},
  };
  await core.dispatch.stream(
    {
      path: '/cache_client.Scs/SetBatch',
      message: Buffer.from(new _SetBatchRequest({ items }).serialize()),
      transport: 'grpc',
      metadata: (name) => (name === 'cache' ? 'chat' : undefined),
      signal: new AbortController().signal,
      cut() {},
    },
    slowClient,
  );
  vi.advanceTimersByTime(SETTLE_MS);
  await vi.waitFor(async () => expect(await holds('one')).toBe(true), PATIENCE);
  expect(await holds('two')).toBe(false);
  drain();
  vi.advanceTimersByTime(SETTLE_MS);
  await vi.waitFor(async () => expect(await holds('two')).toBe(true), PATIENCE);
  await data.close();
});
