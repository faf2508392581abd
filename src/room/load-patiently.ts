import { type BackoffBounds, backoffDelay } from '../shared/backoff.js';
import type { Scheduler } from '../shared/clock.js';
import { ChatError } from '../shared/errors.js';

/** A part that does not come for so long over a connection that is live may be gone from its server (ms). */
const LIVE_MS = 15_000;
/**
 * The browser's word that there is no network is taken for so long, although the room's connection is live (ms): the room may not
 * have noticed yet. A room that lives on has a network of some kind, such as a laptop in flight mode has within itself.
 */
const TRUST_MS = 5000;

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
  /** Whether the browser says that it has no network. */
  isOffline(): boolean;
  /** Waits between two attempts; ends early when the connection is back. */
  sleep(ms: number): Promise<void>;
}

/**
 * Loads a part of the library that is first needed in a joined room. Waits as long for a lost connection as a change waits, since
 * the part is loaded for the sake of one. Nothing is fetched while the browser says that it has no network, because it may remember
 * what it could not fetch.
 */
export async function loadPatiently<Part>(load: () => Promise<Part>, how: LoadOptions): Promise<Part> {
  const { action, scheduler, signal } = how;
  const until = scheduler.monotonic() + how.patienceMs;
  const trustedUntil = scheduler.monotonic() + TRUST_MS;
  let liveUntil = scheduler.monotonic() + LIVE_MS;
  for (let failures = 0; ; failures += 1) {
    let problem: unknown = new ChatError('network', `unable to ${action}; the connection is lost`);
    if (!how.isOffline() || (!how.isLost() && scheduler.monotonic() >= trustedUntil)) {
      try {
        return await load();
      } catch (cause) {
        problem = cause;
      }
    }
    const next = scheduler.monotonic() + backoffDelay(failures, how.backoff, scheduler);
    if (how.isLost() || how.isOffline()) liveUntil = next + LIVE_MS;
    if (next > Math.min(until, liveUntil)) throw problem;
    await how.sleep(next - scheduler.monotonic());
    if (signal.aborted) throw new ChatError('closed', `unable to ${action}; the room was left`);
  }
}
