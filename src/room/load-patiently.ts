import { type BackoffBounds, backoffDelay } from '../shared/backoff.js';
import type { Scheduler } from '../shared/clock.js';
import { ChatError } from '../shared/errors.js';

/** A part that does not come for so long over a connection that is live may be gone from its server (ms). */
const LIVE_MS = 15_000;

/** How a part is loaded again. */
export interface LoadOptions {
  /** Completes "unable to …" in errors. */
  action: string;
  scheduler: Scheduler;
  backoff: BackoffBounds;
  /** Ends it with `closed`. */
  signal: AbortSignal;
  /** Milliseconds after which no further attempt begins. */
  patienceMs: number;
  /** Whether the room's connection is lost. */
  isLost(): boolean;
  /** Waits between two attempts; ends early when the connection is back. */
  sleep(ms: number): Promise<void>;
}

/**
 * Loads a part of the library that is first needed in a joined room. Waits as long for a lost connection as a change waits, since
 * the part is loaded for the sake of one.
 */
export async function loadPatiently<Part>(load: () => Promise<Part>, how: LoadOptions): Promise<Part> {
  const { action, scheduler, signal } = how;
  const until = scheduler.monotonic() + how.patienceMs;
  let liveUntil = scheduler.monotonic() + LIVE_MS;
  for (let failures = 0; ; failures += 1) {
    try {
      return await load();
    } catch (problem) {
      const next = scheduler.monotonic() + backoffDelay(failures, how.backoff, scheduler);
      if (how.isLost()) liveUntil = next + LIVE_MS;
      if (next > Math.min(until, liveUntil)) throw problem;
      await how.sleep(next - scheduler.monotonic());
    }
    if (signal.aborted) throw new ChatError('closed', `unable to ${action}; the room was left`);
  }
}
