/**
 * Returns the UUIDv7 (RFC 9562, section 5.7) of a time in milliseconds: behind it stand a sequence number of 32 bits, which
 * orders the ids of one millisecond (section 6.2, method 1), and 42 random bits.
 */
export function uuidV7(msecs: number, sequence: number, random: number): string {
  const time = hex(msecs, 12);
  const version = `7${hex(sequence >>> 20, 3)}`;
  const variant = hex(0x8000 | ((sequence >>> 6) & 0x3fff), 4);
  const rest = hex((sequence & 0x3f) * 2 ** 42 + random, 12);
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${variant}-${rest}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
