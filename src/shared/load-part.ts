import { unable } from './errors.js';
import { importAgain } from './import-again.js';

/** The words of Chromium and Firefox for a module that could not be fetched, and its URL. */
const NOT_FETCHED = /dynamically imported module: (\S+)/;

/** Modules by the URLs that could not be fetched. */
const refetched = /* @__PURE__ */ new Map<string, Promise<unknown>>();
let tries = 0;

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
  const holds = (one: unknown): one is Part => (one as Partial<Part> | undefined)?.[name] !== undefined;
  try {
    // A browser that says so may be wrong, as in flight mode with a server on the same machine. No answer to this is remembered.
    if (globalThis.navigator?.onLine === false)
      await fetch(location.href, { method: 'HEAD', cache: 'no-store' });
    const loaded = (await load().catch(refetch)) as object;
    // A bundler may put several modules into one file, which then exports objects that hold their exports.
    const part = [loaded, ...Object.values(loaded)].find(holds);
    if (part === undefined) throw new TypeError(`no ${name}`);
    return part;
  } catch (cause) {
    throw unable('network', action, 'a part of the library cannot be loaded', { cause });
  }
}

/**
 * A browser may remember for the life of the page that it could not fetch a module, and answer every later `import()` of it out
 * of memory. With another fragment the URL is another module to the browser, and the same file to the server and to caches.
 */
function refetch(problem: unknown): Promise<unknown> {
  const url = NOT_FETCHED.exec(`${problem}`)?.[1];
  if (url === undefined) throw problem;
  let part = refetched.get(url);
  if (part === undefined) {
    tries += 1;
    part = importAgain(`${url}#${tries}`);
    refetched.set(url, part);
    part.catch(() => refetched.delete(url));
  }
  return part;
}
