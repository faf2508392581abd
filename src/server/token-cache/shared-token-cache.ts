import type { TokenCache } from '../types.js';

/** The facts that a vendor has to know of a cache that servers share. */
export interface SharedTokenCache {
  cacheName: string;
  secrets: readonly string[];
}

const shared = new WeakMap<TokenCache, SharedTokenCache>();

/** Remembers that what `cache` is given ends up in a Momento cache, and which. */
export function markShared(cache: TokenCache, about: SharedTokenCache): void {
  shared.set(cache, about);
}

/** Returns the facts of `cache`, if it was made by `momentoTokenCache()`, or is around such a one. */
export function sharedCacheOf(cache: TokenCache): SharedTokenCache | undefined {
  return shared.get(cache);
}
