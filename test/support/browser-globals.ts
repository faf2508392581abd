import { JSDOM } from 'jsdom';

const NAMES = ['XMLHttpRequest', 'navigator', 'document', 'window'] as const;

/**
 * Gives the Node process what `@gomomento/sdk-web` needs of a browser: jsdom's XMLHttpRequest, which streams, and a
 * navigator. The page's address is another origin than any local server's, so that CORS really applies.
 *
 * @returns Takes them away again, aborting what is still on its way.
 *
 * @example
 * ```ts
 * let uninstall: () => void;
 * beforeAll(() => { uninstall = installBrowserGlobals(); });
 * afterAll(() => uninstall());
 * ```
 */
export function installBrowserGlobals(url = 'http://app.localhost/'): () => void {
  const { window } = new JSDOM('', { url });
  const before = NAMES.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
  const values = {
    XMLHttpRequest: window.XMLHttpRequest,
    navigator: window.navigator,
    document: window.document,
    window,
  };
  for (const name of NAMES) {
    Object.defineProperty(globalThis, name, { value: values[name], configurable: true, writable: true });
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
    }
    window.close();
  };
}
