/**
 * Imports a module that a browser could not fetch, from a URL that is known only by then. No bundler may look at it. Empty in
 * the CommonJS build, where nothing is fetched.
 */
export function importAgain(url: string): Promise<unknown> {
  return import(/* @vite-ignore */ /* webpackIgnore: true */ url);
}
