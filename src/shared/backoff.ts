import type { Scheduler } from './clock.js';

/** Bounds of an exponential backoff, in milliseconds. */
export interface BackoffBounds {
  baseMs: number;
  maxMs: number;
}

/** Between the attempts of a call. */
export const CALL_BACKOFF: BackoffBounds = { baseMs: 250, maxMs: 8000 };
/** Between the attempts to get a token, or to hear what others say. */
export const CONNECTION_BACKOFF: BackoffBounds = { baseMs: 500, maxMs: 30_000 };

/**
 * Exponential backoff with full jitter: a uniform draw from [0, min(max, base · 2^attempt)), so that clients
 * that failed together do not come back together.
 *
 * Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function backoffDelay(
  attempt: number,
  { baseMs, maxMs }: BackoffBounds,
  scheduler: Scheduler,
): number {
  return scheduler.random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
}
