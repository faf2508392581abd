import { unable } from './errors.js';
import { importAgain } from './import-again.js';
import { loadOnce } from './load-once.js';

/** Load modules anew, by the URLs that could not be fetched. */
const refetched = /* @__PURE__ */ new Map<string, () => Promise<unknown>>();

/**
 * Loads a part of the library: every `import()` in what runs in browsers is given to this. `name` is an export of the part.
 * A call after one that failed tries again. Where the browser says that it has no network, nothing is loaded unless the page's own
 * server answers: what fails may be remembered, and so may all that it imports. Rejects with a ChatError `network`; `action` completes "unable to …".
 */
export async function loadPart<Part extends object>(
  action: string,
  load: () => Promise<Part>,
  name: keyof Part & string,
): Promise<Part> {
  try {
    // A browser that says so may be wrong, as in flight mode with a server on the same machine. No answer to this is remembered.
    if (globalThis.navigator?.onLine === false)
      await fetch(location.href, {
        method: 'HEAD',
        cache: 'no-store',
        signal: AbortSignal.timeout?.(10_000),
      });
    const loaded = (await load().catch(refetch)) as Part;
    // A bundler may put several modules into one file, which then exports objects that hold their exports.
    for (const part of [loaded, ...Object.values(loaded)]) if (part?.[name]) return part;
    throw new Error(`no ${name}`);
  } catch (cause) {
    throw unable('network', action, 'a part of the library cannot be loaded', { cause });
  }
}

/**
 * A browser may remember for the life of the page that it could not fetch a module, and answer every later `import()` of it out
 * of memory. With another fragment the URL is another module to the browser, and the same file to the server and to caches.
 */
function refetch(problem: unknown): Promise<unknown> {
  // The words of Chromium and Firefox, with its URL.
  const url = /dynamically imported module: (\S+)/.exec(`${problem}`)?.[1];
  if (!url) throw problem;
  let another = `${url}#`;
  const again =
    refetched.get(url) ??
    loadOnce(() => {
      another += 1;
      return importAgain(another);
    });
  refetched.set(url, again);
  return again();
}
