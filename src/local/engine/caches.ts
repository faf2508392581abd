import { MomentoError } from '../status.js';
import { Cache } from './cache.js';
import type { LocalClock } from './clock.js';

const LONGEST_NAME = 255;

/** The caches of one local Momento, by name. */
export class Caches {
  readonly #clock: LocalClock;
  readonly #caches = new Map<string, Cache>();

  constructor(clock: LocalClock) {
    this.#clock = clock;
  }

  get names(): string[] {
    return [...this.#caches.keys()];
  }

  /** The cache of that name; NOT_FOUND, which the SDKs turn into CacheNotFoundError, when there is none. */
  get(name: string): Cache {
    const cache = this.#caches.get(validCacheName(name));
    if (!cache) throw new MomentoError('NOT_FOUND', `Cache with name: ${name} does not exist`);
    return cache;
  }

  create(name: string): void {
    if (this.#caches.has(validCacheName(name))) {
      throw new MomentoError('ALREADY_EXISTS', `Cache with name: ${name} already exists`);
    }
    this.#caches.set(name, new Cache(name, this.#clock));
  }

  delete(name: string): void {
    this.get(name);
    this.#caches.delete(name);
  }
}

/** The name itself; INVALID_ARGUMENT when the service would not have it. */
function validCacheName(name: string): string {
  if (name.trim() === '') throw new MomentoError('INVALID_ARGUMENT', 'the cache name must not be empty');
  if (name.length > LONGEST_NAME) {
    throw new MomentoError('INVALID_ARGUMENT', `the cache name must have at most ${LONGEST_NAME} characters`);
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
  if (/[\u0000-\u001f\u007f]/.test(name)) {
    throw new MomentoError('INVALID_ARGUMENT', 'the cache name must not contain control characters');
  }
  return name;
}
