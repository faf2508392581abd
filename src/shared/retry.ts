import { type BackoffBounds, backoffDelay } from './backoff.js';
import { type Scheduler, sleep } from './clock.js';
import { ChatError, unable } from './errors.js';

/** How an attempt is repeated. */
export interface RetryOptions {
  scheduler: Scheduler;
  /** Ends it with `closed`, between two attempts or after one. */
  signal: AbortSignal;
  backoff: BackoffBounds;
  /** Milliseconds after which no further attempt begins; for ever when absent. */
  patienceMs?: number | undefined;
  /** Milliseconds that are to pass at least after an error, whatever the backoff says. */
  leastWaitMs?: (error: ChatError) => number;
  /** Told of each error that another attempt follows, and after how many milliseconds. */
  onTrouble?: (error: ChatError, waitMs: number) => void;
  /** Waits between two attempts, but for `leastWaitMs`; for a wait that something else than `signal` can end. */
  sleep?: (ms: number) => Promise<void>;
}

/**
 * Repeats an attempt, with exponential backoff and full jitter, until it succeeds. Rejects with the attempt's own
 * {@link ChatError} when that is not retryable or patience is over.
 */
export async function retry<T>(attempt: () => Promise<T>, how: RetryOptions): Promise<T> {
  const { scheduler, signal, backoff, patienceMs = Number.POSITIVE_INFINITY, onTrouble } = how;
  const wait = how.sleep ?? ((ms: number) => sleep(scheduler, ms, signal));
  const until = scheduler.monotonic() + patienceMs;
  for (let failures = 0; ; failures += 1) {
    if (signal.aborted) throw unable('closed', 'go on', 'it was left or closed');
    try {
      const result = await attempt();
      if (!signal.aborted) return result;
    } catch (problem) {
      const backedOff = backoffDelay(failures, backoff, scheduler);
      if (signal.aborted) continue;
      if (!(problem instanceof ChatError) || !problem.retryable) throw problem;
      // On top of it, so that those who were told the same do not come back together.
      const least = how.leastWaitMs?.(problem) ?? 0;
      if (scheduler.monotonic() + backedOff + least > until) throw problem;
      onTrouble?.(problem, backedOff + least);
      await wait(backedOff);
      if (least > 0) await sleep(scheduler, least, signal);
    }
  }
}
