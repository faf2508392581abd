import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { build } from 'esbuild';
import { ChatError } from 'momento-chat';
import { beforeAll, describe, expect, it, test, vi } from 'vitest';

/** The same source as another copy of the package would have it. */
async function otherCopy(): Promise<typeof ChatError> {
  vi.resetModules();
  return (await import('../../src/shared/errors.js')).ChatError;
}

describe('ChatError', () => {
  let Other: typeof ChatError;
  beforeAll(async () => {
    Other = await otherCopy();
  });

  it('of another copy of the library is a ChatError of this one', () => {
    expect(Other).not.toBe(ChatError);
    const error = new Other('unauthenticated', 'unable to get a token; sign in first');
    expect(error instanceof ChatError).toBe(true);
    expect(new ChatError('closed', 'unable to go on') instanceof Other).toBe(true);
  });

  it('is nothing else', () => {
    for (const value of [
      undefined,
      null,
      1,
      'ChatError',
      {},
      new Error('no'),
      { name: 'ChatError', code: 'closed' },
    ])
      expect((value as unknown) instanceof ChatError).toBe(false);
  });

  it('can be extended, and only what is of the extension is an instance of it', () => {
    class Refused extends ChatError {}
    const refused = new Refused('permission-denied', 'unable to join; not a member');
    expect(refused instanceof Refused).toBe(true);
    expect(refused instanceof Other).toBe(true);
    expect(new ChatError('closed', 'unable to go on') instanceof Refused).toBe(false);
  });

  it('shows no mark of its own', () => {
    const error = new ChatError('closed', 'unable to go on');
    expect(Object.keys(error).sort()).toEqual(['code', 'name', 'retryable']);
    expect(Object.getOwnPropertySymbols(error)).toEqual([]);
  });
});

test.each([
  ['ChatError', '../../src/shared/errors.ts'],
  ['VendorError', '../../src/server/vendor-error.ts'],
])('an uncaught %s has this name also as it is bundled for the package', async (name, source) => {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(source, import.meta.url))],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  });
  const bundled = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? '')}`);
  // As Node tells of it when nobody catches it.
  expect(inspect(new bundled[name]('closed', 'it is over', { status: 500 }))).toMatch(
    new RegExp(`^${name}: `),
  );
});
