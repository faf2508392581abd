import { createHash, randomUUID } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import type { StoredItem } from '../engine/cache.js';
import type { Caches } from '../engine/caches.js';
import { Deque } from '../engine/deque.js';
import { SortedSet } from '../engine/sorted-set.js';

/**
 * Caches in a file: one line that says what it is, how long the rest is and what its SHA-256 is; then the caches as
 * JSON. With both in the first line a file that was not written to its end is told from one that was.
 */
const SIGNATURE = 'momento-chat local data';
const VERSION = 1;

interface KeptCache {
  name: string;
  items: [key: string, kind: string, expiresAt: number, value: unknown][];
}

/** People's messages are in it: nobody else reads it, unless its owner let them. */
const PRIVATE = 0o600;

/** Writes the caches to the file, which is either as before or as a whole as now, whatever happens meanwhile. */
export async function writeDataFile(file: string, caches: Caches): Promise<void> {
  const kept: KeptCache[] = caches.names.map((name) => ({
    name,
    items: [...caches.get(name).entries()].map(([key, item]) => [
      base64(key),
      item.kind,
      item.expiresAt,
      encode(item),
    ]),
  }));
  const body = Buffer.from(JSON.stringify(kept));
  const head = `${SIGNATURE} ${VERSION} ${body.length} ${sha256(body)}\n`;
  const mode = await stat(file).then(
    (before) => before.mode & 0o777,
    () => PRIVATE,
  );
  // Not to be guessed, and never one that is there: it may be a link to somewhere else.
  const next = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(next, 'wx', PRIVATE);
    try {
      await handle.chmod(mode);
      await handle.writeFile(Buffer.concat([Buffer.from(head), body]));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, file);
  } catch (error) {
    await rm(next, { force: true });
    throw error;
  }
}

/** Puts what the file keeps into the caches; a file that is not there keeps nothing. */
export async function readDataFile(file: string, caches: Caches): Promise<void> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!bytes) return;
  for (const { name, items } of checked(file, bytes)) {
    if (!caches.names.includes(name)) caches.create(name);
    const cache = caches.get(name);
    for (const [key, kind, expiresAt, value] of items) {
      cache.restore(latin1(key), { ...decode(file, kind, value), expiresAt } as StoredItem);
    }
  }
}

function checked(file: string, bytes: Buffer): KeptCache[] {
  const end = bytes.indexOf('\n');
  const head = bytes.subarray(0, Math.max(0, end)).toString('latin1');
  const [, version, length, hash] =
    new RegExp(`^${SIGNATURE} (\\d+) (\\d+) ([0-9a-f]{64})$`).exec(head) ?? [];
  if (!hash) {
    // A file of ours may be torn in the middle of its first line.
    const start = bytes.subarray(0, SIGNATURE.length).toString('latin1');
    const torn = end < 0 && start !== '' && SIGNATURE.startsWith(start);
    throw refused(
      file,
      torn ? 'it is torn: its first line is not whole' : 'it is not a data file of the local Momento',
    );
  }
  if (Number(version) !== VERSION)
    throw refused(file, `it is of version ${version}, and this one reads ${VERSION}`);
  const body = bytes.subarray(end + 1);
  if (body.length !== Number(length)) {
    throw refused(file, `it is torn: ${body.length} of ${length} bytes are there`);
  }
  if (sha256(body) !== hash)
    throw refused(file, 'it is damaged: its contents are not those that were written');
  return JSON.parse(body.toString()) as KeptCache[];
}

function refused(file: string, why: string): Error {
  return new Error(`unable to use the data file ${file}; ${why}. Delete it to start with empty caches`);
}

function encode(item: StoredItem): unknown {
  switch (item.kind) {
    case 'scalar':
      return Buffer.from(item.value).toString('base64');
    case 'list':
      return item.value.slice().map((element) => Buffer.from(element).toString('base64'));
    case 'dictionary':
      return [...item.value].map(([field, value]) => [base64(field), Buffer.from(value).toString('base64')]);
    case 'set':
      return [...item.value].map(base64);
    case 'sorted set':
      // As text, because JSON has no infinities.
      return item.value.elements().map(({ value, score }) => [base64(value), String(score)]);
  }
}

function decode(file: string, kind: string, value: unknown): Pick<StoredItem, 'kind' | 'value'> {
  switch (kind) {
    case 'scalar':
      return { kind, value: bytes(value as string) };
    case 'list':
      return { kind, value: Deque.from((value as string[]).map(bytes)) };
    case 'dictionary':
      return {
        kind,
        value: new Map((value as [string, string][]).map(([field, one]) => [latin1(field), bytes(one)])),
      };
    case 'set':
      return { kind, value: new Set((value as string[]).map(latin1)) };
    case 'sorted set': {
      const elements = (value as [string, string][]).map(([one, score]) => ({
        value: latin1(one),
        score: Number(score),
      }));
      return { kind, value: SortedSet.from(elements) };
    }
    default:
      throw refused(file, `it holds an item of the unknown kind '${kind}'`);
  }
}

function sha256(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}

function base64(key: string): string {
  return Buffer.from(key, 'latin1').toString('base64');
}

function latin1(text: string): string {
  return Buffer.from(text, 'base64').toString('latin1');
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'base64');
}
