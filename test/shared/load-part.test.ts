import { afterEach, describe, expect, it, vi } from 'vitest';
import { loadPart } from '../../src/shared/load-part.js';

/** A module of its own each time, by a URL that needs no server. */
let modules = 0;
function moduleUrl(code: string): string {
  modules += 1;
  return `data:text/javascript,${encodeURIComponent(`export const number = ${modules}; ${code}`)}`;
}

interface Part {
  Pins: unknown;
}

/** Loads as a browser does that remembers it could not fetch this URL. */
const remembered = (url: string, words = 'Failed to fetch dynamically imported module') => ({
  load: (): Promise<Part> => Promise.reject(new TypeError(`${words}: ${url}`)),
});

const CANNOT = {
  name: 'ChatError',
  code: 'network',
  retryable: true,
  message: 'unable to pin the message; a part of the library cannot be loaded',
};

afterEach(() => vi.unstubAllGlobals());

/** A browser that says it has no network; the page's own server answers or does not. */
function offlinePage(answers: boolean): void {
  vi.stubGlobal('navigator', { onLine: false });
  vi.stubGlobal('location', { href: 'http://localhost/chat' });
  vi.stubGlobal('fetch', () =>
    answers ? Promise.resolve(new Response()) : Promise.reject(new TypeError('Failed to fetch')),
  );
}

describe('a part of the library', () => {
  it('is not asked for without a network, which may be remembered as a failure', async () => {
    offlinePage(false);
    let asked = 0;
    const load = async () => {
      asked += 1;
      return { Pins: 1 };
    };
    await expect(loadPart('pin the message', load, 'Pins')).rejects.toMatchObject(CANNOT);
    expect(asked).toBe(0);
  });

  it('is loaded in flight mode, where the page is of a server on the same machine', async () => {
    offlinePage(true);
    expect(await loadPart('pin the message', async () => ({ Pins: 1 }), 'Pins')).toEqual({ Pins: 1 });
  });

  it("is waited for no longer than ten seconds where the page's server does not answer", async () => {
    offlinePage(true);
    const limit = new AbortController();
    const limits: number[] = [];
    vi.stubGlobal('AbortSignal', {
      timeout: (ms: number) => {
        limits.push(ms);
        return limit.signal;
      },
    });
    vi.stubGlobal(
      'fetch',
      (_: string, { signal }: RequestInit) =>
        new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
    );
    const loading = loadPart('pin the message', async () => ({ Pins: 1 }), 'Pins');
    limit.abort();
    await expect(loading).rejects.toMatchObject(CANNOT);
    expect(limits).toEqual([10_000]);
  });

  it('is loaded in browsers that have no AbortSignal.timeout()', async () => {
    offlinePage(true);
    vi.stubGlobal('AbortSignal', {});
    expect(await loadPart('pin the message', async () => ({ Pins: 1 }), 'Pins')).toEqual({ Pins: 1 });
  });

  it('is what the bundler gives for it', async () => {
    const part = { Pins: 1 };
    expect(await loadPart('pin the message', async () => part, 'Pins')).toBe(part);
  });

  it.each(['default', 'a'])('is found where a bundler put it into an export named %s', async (name) => {
    const part = { Pins: 1 };
    const file = { other: undefined, count: 3, [name]: part } as unknown as Part;
    expect(await loadPart('pin the message', async () => file, 'Pins')).toBe(part);
  });

  it.each([undefined, null, {}, { P: 1 }])(
    'that is not in what came (%o) is one that cannot be loaded',
    async (file) => {
      const load = async () => file as unknown as Part;
      await expect(loadPart('pin the message', load, 'Pins')).rejects.toMatchObject(CANNOT);
    },
  );

  it('that fails without the words of a browser is not imported again', async () => {
    const cause = new Error(`Loading chunk 7 failed: ${moduleUrl('export const Pins = 1')}`);
    const load = (): Promise<Part> => Promise.reject(cause);
    await expect(loadPart('pin the message', load, 'Pins')).rejects.toMatchObject({ ...CANNOT, cause });
  });

  it.each(['Failed to fetch dynamically imported module', 'error loading dynamically imported module'])(
    'that the browser remembers as failed (%s) is imported under another name of its file, once for all who use it',
    async (words) => {
      const { load } = remembered(moduleUrl('export const Pins = {}'), words);
      const [first, second] = await Promise.all([
        loadPart('pin the message', load, 'Pins'),
        loadPart('unpin the message', load, 'Pins'),
      ]);
      expect(first.Pins).toEqual({});
      expect(second).toBe(first);
      expect(await loadPart('pin the message', load, 'Pins')).toBe(first);
    },
  );

  it('that cannot be fetched under another name either is imported anew by the next call', async () => {
    const url = moduleUrl(
      'globalThis.partTries = (globalThis.partTries ?? 0) + 1; if (globalThis.partTries < 3) throw new Error("not yet"); export const Pins = 1',
    );
    const { load } = remembered(url);
    for (let call = 0; call < 2; call += 1)
      await expect(loadPart('pin the message', load, 'Pins')).rejects.toMatchObject(CANNOT);
    expect(await loadPart('pin the message', load, 'Pins')).toMatchObject({ Pins: 1 });
  });

  it('is never taken out of a file that has it not', async () => {
    const { load } = remembered(moduleUrl('export const P = 1'));
    await expect(loadPart('pin the message', load, 'Pins')).rejects.toMatchObject(CANNOT);
  });
});
