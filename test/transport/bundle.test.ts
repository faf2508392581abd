import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

const source = fileURLToPath(new URL('../../src/transport', import.meta.url));

async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: source, loader: 'ts' },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

const FETCH_TRANSPORT = `export { fetchTransport } from './fetch-transport.ts';`;
const ROOM_OPERATIONS = `
  export { publish } from './operations/topics.ts';
  export { listPushFront, listFetch, listRemoveValue, listLength } from './operations/lists.ts';`;

describe('the bundle of the fetch transport', () => {
  it('is small: topics and lists together take at most 5.7 KB, gzipped', async () => {
    const text = await bundle(FETCH_TRANSPORT + ROOM_OPERATIONS);
    const size = gzipSync(text, { level: 9 }).length;
    console.info(`fetch transport with topics and lists: ${size} bytes gzipped`);
    expect(size).toBeLessThanOrEqual(5700);
  });

  it('holds no operation that nobody imports, and nothing about an SDK', async () => {
    const text = await bundle(FETCH_TRANSPORT + ROOM_OPERATIONS);
    expect(text).toContain('Scs/ListFetch');
    expect(text).not.toMatch(/Dictionary|SortedSet|SetIf|Scs\/Get|valueListString|truncateBackToSize/);
    expect(await bundle(FETCH_TRANSPORT)).not.toMatch(/Scs\//);
  });

  it('looks at nothing of the platform when it is imported', async () => {
    const text = await bundle(FETCH_TRANSPORT + ROOM_OPERATIONS);
    const names = [
      'fetch',
      'TextEncoder',
      'TextDecoder',
      'AbortController',
      'ReadableStream',
      'atob',
      'btoa',
    ];
    const body = text.replace(/export\s*\{[^}]*\};?\s*$/, '');
    expect(() => new Function(...names, `"use strict"; ${body}`)()).not.toThrow();
  });
});
