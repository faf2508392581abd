import { invalidArgument } from '../shared/errors.js';

const MIN_LENGTH = 16;
const ITERATIONS = 100_000;

const utf8 = new TextEncoder();

/** The secrets of an option as a list, the first being the one to write with. Throws ChatError `invalid-argument`. */
export function checkedSecrets(secret: string | readonly string[]): readonly string[] {
  const secrets: readonly unknown[] = typeof secret === 'string' ? [secret] : secret;
  const ok =
    Array.isArray(secrets) &&
    secrets.length > 0 &&
    secrets.length <= 10 &&
    secrets.every((one) => typeof one === 'string' && one.length >= MIN_LENGTH);
  if (ok) return [...(secrets as string[])];
  throw invalidArgument(
    'use the option secret',
    `it must be a string of at least ${MIN_LENGTH} characters (better: 32 random bytes in base64), or an array of 1 to 10 of them`,
  );
}

/** A key for HMAC-SHA-256. */
export function hashKey(secret: string | Uint8Array): Promise<CryptoKey> {
  return derive(secret, 'hash', { name: 'HMAC', hash: 'SHA-256', length: 256 }, ['sign']);
}

/** A key for AES-256-GCM; another one than the hash key of the same secret. */
export function encryptionKey(secret: string): Promise<CryptoKey> {
  return derive(secret, 'encrypt', { name: 'AES-GCM', length: 256 }, ['encrypt', 'decrypt']);
}

// Stretched, since secrets are typed by people and the hashes and ciphertexts lie in a store.
async function derive(
  secret: string | Uint8Array,
  purpose: string,
  algorithm: HmacKeyGenParams | AesKeyGenParams,
  usages: KeyUsage[],
): Promise<CryptoKey> {
  const bytes = Uint8Array.from(typeof secret === 'string' ? utf8.encode(secret) : secret);
  const master = await crypto.subtle.importKey('raw', bytes, 'PBKDF2', false, ['deriveKey']);
  const salt = utf8.encode(`momento-chat/token-vendor/${purpose}`);
  const params = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ITERATIONS };
  return crypto.subtle.deriveKey(params, master, algorithm, false, usages);
}
