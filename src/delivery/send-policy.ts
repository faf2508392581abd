import type { AllGiven } from '../shared/all-given.js';
/** How hard a message is tried before it is `failed`. */
export interface SendPolicy {
  /** Attempts per call that may fail while the service is thought reachable. Default 6. */
  maxAttempts?: number | undefined;
  /**
   * Milliseconds a message may wait for its turn, a lost connection or a rate limit; then it is `failed`. Default
   * 300,000.
   */
  timeoutMs?: number | undefined;
  /** Messages that may wait or be under way at once; more are refused. Default 1,000. */
  maxPending?: number | undefined;
}

export const SEND_DEFAULTS: AllGiven<SendPolicy> = {
  maxAttempts: 6,
  timeoutMs: 300_000,
  maxPending: 1000,
};
