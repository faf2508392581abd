/**
 * An event of a vendor, for logs and metrics. No event holds a token, an API key or a message of somebody
 * else's error: such messages are where secrets leak from.
 *
 * - `minted`: a new token was made.
 * - `reused`: a token was taken from the cache, or from a mint that was already under way.
 * - `denied`: the request was refused (400, 401, 403, 405, 408, 413 to 415).
 * - `limited`: the request was answered with 429.
 * - `failed`: something did not work. With `recovered: true` the request went on without it (a cache that
 *   is down); otherwise `status` says what was answered.
 */
export interface VendorEvent {
  type: 'minted' | 'reused' | 'denied' | 'limited' | 'failed';
  /** The client's address as the vendor counts it: IPv4, an IPv6 /64, a 6to4 /48, or the /128 of a translator. Absent when unknown. */
  ip?: string;
  /** The token id, when there is one. */
  userId?: string;
  /** The granted rooms. */
  rooms?: readonly string[] | { readonly prefix: string };
  /** The granted role. */
  role?: 'member' | 'reader';
  /** HTTP status of the answer, for `denied`, `limited` and `failed`. */
  status?: number;
  /** The part that did not work, for `failed`; the part that refused, for `denied` and `limited`. */
  step?: VendorStep;
  /** Why, in words of the vendor's own. */
  reason?: string;
  /** Whether the request was served all the same, for `failed`. */
  recovered?: boolean;
  /** The error that your own `authenticate`, `authorize` or `scope` threw, untouched. Absent for every other step. */
  cause?: unknown;
  /** How long minting took, in milliseconds, for `minted`. */
  durationMs?: number;
}

/** The parts of a vendor that can fail. */
export type VendorStep =
  | 'request'
  | 'address'
  | 'authenticate'
  | 'authorize'
  | 'scope'
  | 'mint'
  | 'cache-read'
  | 'cache-write'
  | 'rate-limit';
