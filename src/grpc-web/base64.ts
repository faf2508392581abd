const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PADDING = 61;
const INVALID = 64;

let values: Uint8Array | undefined;

function characterValues(): Uint8Array {
  if (values === undefined) {
    values = new Uint8Array(256).fill(INVALID);
    for (let index = 0; index < 64; index++) values[ALPHABET.charCodeAt(index)] = index;
  }
  return values;
}

/**
 * Decodes base64 that comes in chunks cut anywhere. Padding may stand in the middle, because a server may encode each
 * frame on its own. It reads bytes and not text: a chunk need not become a string first, and no call of `atob` or
 * `Uint8Array.fromBase64`, which want whole groups of four, has to wait for the rest of a group.
 */
export class Base64Decoder {
  #bits = 0;
  /** Characters of the current group of four, padding included. */
  #count = 0;
  #padding = 0;

  /** Whether the input so far is whole groups of four. */
  get complete(): boolean {
    return this.#count === 0;
  }

  /** @throws RangeError when the input is not base64. */
  decode(chunk: Uint8Array): Uint8Array {
    const table = characterValues();
    const out = new Uint8Array(((this.#count + chunk.length) * 3) >> 2);
    let bits = this.#bits;
    let count = this.#count;
    let at = 0;
    for (let index = 0; index < chunk.length; index++) {
      // Nearly everything is whole groups without padding.
      while (count === 0 && index + 4 <= chunk.length) {
        const first = table[chunk[index] as number] as number;
        const second = table[chunk[index + 1] as number] as number;
        const third = table[chunk[index + 2] as number] as number;
        const fourth = table[chunk[index + 3] as number] as number;
        if ((first | second | third | fourth) & INVALID) break;
        out[at++] = (first << 2) | (second >> 4);
        out[at++] = (second << 4) | (third >> 2);
        out[at++] = (third << 6) | fourth;
        index += 4;
      }
      if (index === chunk.length) break;
      const character = chunk[index] as number;
      const value = table[character] as number;
      if (value === INVALID) {
        if (character !== PADDING || count < 2) throw new RangeError('not base64');
        this.#padding++;
      } else if (this.#padding > 0) throw new RangeError('not base64');
      bits = (bits << 6) | (value & 63);
      if (++count < 4) continue;
      out[at++] = bits >> 16;
      if (this.#padding < 2) out[at++] = bits >> 8;
      if (this.#padding < 1) out[at++] = bits;
      bits = count = this.#padding = 0;
    }
    this.#bits = bits;
    this.#count = count;
    return out.subarray(0, at);
  }
}

/** Characters that `String.fromCharCode` takes in one call without a risk for the stack. */
const PIECE = 8192;

export function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += PIECE) {
    binary += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  }
  return btoa(binary);
}
