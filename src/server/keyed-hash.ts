import { LRUCache } from 'lru-cache';
import { toBase64Url } from './base64.js';
import { hashKey } from './secrets.js';

const utf8 = new TextEncoder();

// Hashing costs more than the rest of a cached answer; what is asked for again and again is hashed once.
const REMEMBERED = 10_000;
// A text holds every room and permission of a grant, and can be long. At two bytes a character, the most that
// an engine takes for one.
const REMEMBERED_BYTES = 8 * 1024 * 1024;
const LEAST_BYTES = Math.ceil(REMEMBERED_BYTES / REMEMBERED);
const BYTES_PER_CHARACTER = 2;

// Used when servers share a cache and nobody has given them a secret: better a known key than no sharing.
const PUBLIC_SECRET = 'momento-chat token cache, no secret configured';

/** Where the key of the hashes comes from, the first of several being the one to write with. */
export type HashSecret = readonly string[] | 'random' | 'public';

/** HMAC-SHA-256 under one or, while secrets rotate, several keys. */
export class KeyedHash {
  readonly #secrets: () => readonly (string | Uint8Array)[];
  readonly #remembered = new LRUCache<string, readonly string[]>({
    maxSize: REMEMBERED_BYTES,
    sizeCalculation: (hashes, text) =>
      Math.max(LEAST_BYTES, BYTES_PER_CHARACTER * (text.length + hashes.join('').length)),
  });
  #keys: Promise<CryptoKey[]> | undefined;

  constructor(secret: HashSecret) {
    this.#secrets = () => {
      if (secret === 'public') return [PUBLIC_SECRET];
      // Drawn when first needed: edge runtimes allow no randomness while a module loads.
      return secret === 'random' ? [crypto.getRandomValues(new Uint8Array(32))] : secret;
    };
  }

  /** The hash of `text` under each key, the one to write with first. Remembered: 10,000 texts, in 8 MB. */
  async cacheKeys(text: string): Promise<readonly string[]> {
    const known = this.#remembered.get(text);
    if (known !== undefined) return known;
    const hashes = await this.#hash('key', text);
    this.#remembered.set(text, hashes);
    return hashes;
  }

  /** Returns the keys that {@link cacheKeys} would resolve with, if they are remembered. */
  remembered(text: string): readonly string[] | undefined {
    return this.#remembered.get(text);
  }

  /** As {@link cacheKeys}, for what is not asked for again; under another label, so neither passes for the other. */
  seals(text: string): Promise<readonly string[]> {
    return this.#hash('seal', text);
  }

  async #hash(label: string, text: string): Promise<readonly string[]> {
    this.#keys ??= Promise.all(this.#secrets().map(hashKey));
    const bytes = utf8.encode(`${label}\0${text}`);
    return Promise.all(
      (await this.#keys).map(async (key) =>
        toBase64Url(new Uint8Array(await crypto.subtle.sign('HMAC', key, bytes))),
      ),
    );
  }
}
