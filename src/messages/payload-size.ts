/** The payload limit of Momento Topics in bytes, and so the least that a receiver accepts. */
export const TOPIC_PAYLOAD_BYTES = 4096;

/**
 * Length of `text` in UTF-8, which is what every limit of Momento counts. Counted by hand: jsdom has no TextEncoder. Half
 * a surrogate pair is encoded as U+FFFD, in three bytes.
 */
export function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/**
 * Whether `text` takes more than `maxBytes` in UTF-8. A code unit takes one to three of them, which mostly decides:
 * encoding is the dearest part of reading a message.
 */
export function exceeds(text: string, maxBytes: number): boolean {
  return text.length * 3 > maxBytes && (text.length > maxBytes || byteLength(text) > maxBytes);
}
