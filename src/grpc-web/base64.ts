import { concat } from './protobuf.js';
import { malformed } from './status.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
/** Values of what is no character of the alphabet. */
const INVALID = 64;
const PADDING = 128;

let values: Uint8Array | undefined;

function characterValues(): Uint8Array {
  if (values === undefined) {
    values = new Uint8Array(256).fill(INVALID);
    for (let index = 0; index < 64; index++) values[ALPHABET.charCodeAt(index)] = index;
    values['='.charCodeAt(0)] = PADDING;
  }
  return values;
}

/**
 * Decodes base64 that comes in chunks cut anywhere. Padding may stand in the middle, because a server may encode each
 * frame on its own. It reads bytes and not text: a chunk need not become a string first, as `atob` and
 * `Uint8Array.fromBase64` would have it.
 */
export class Base64Decoder {
  /** Characters of a group of four that is not whole yet. */
  #rest = new Uint8Array();

  /** Whether the input so far is whole groups of four. */
  get complete(): boolean {
    return this.#rest.length === 0;
  }

  /** @throws GrpcError with the origin `format` when the input is not base64. */
  decode(chunk: Uint8Array): Uint8Array {
    const table = characterValues();
    const text = this.complete ? chunk : concat([this.#rest, chunk]);
    const groups = Math.floor(text.length / 4);
    this.#rest = text.slice(groups * 4);
    const out = new Uint8Array(groups * 3);
    let length = 0;
    for (let at = 0; at < groups * 4; at += 4) {
      const first = table[text[at] as number] as number;
      const second = table[text[at + 1] as number] as number;
      const third = table[text[at + 2] as number] as number;
      const fourth = table[text[at + 3] as number] as number;
      // Padding is the last character of a group, or the last two.
      const wrong =
        (first | second | third | fourth) & INVALID || (first | second | (third & ~fourth)) & PADDING;
      if (wrong) throw malformed('it is not base64');
      out[length++] = (first << 2) | (second >> 4);
      out[length++] = (second << 4) | (third >> 2);
      out[length++] = (third << 6) | fourth;
      // Each character of padding takes a byte back.
      length -= (third >> 7) + (fourth >> 7);
    }
    return out.subarray(0, length);
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
