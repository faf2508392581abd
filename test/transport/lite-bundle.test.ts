import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

it('lite reaches no SDK, neither with the page, nor when a room is joined, nor by `clients`, and no `eval`', async () => {
  const { metafile, outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../src/lite.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    external: ['eventemitter3'],
    metafile: true,
    write: false,
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs.some((file) => file.endsWith('fetch-transport.ts'))).toBe(true);
  expect(inputs.filter((file) => /@gomomento|web-sdk|google-protobuf/.test(file))).toEqual([]);
  for (const { text } of outputFiles) expect(text).not.toMatch(/\beval\b|\bnew Function\b/);
});
