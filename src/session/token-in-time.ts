import { type Scheduler, withTimeout } from '../shared/clock.js';
import { ChatError } from '../shared/errors.js';

/**
 * Waits for work that may wait for another token: for `ms` at most, which may be infinite, and until `signal` aborts. Others may go on
 * waiting. Rejects with a {@link ChatError}: `token-unavailable`, `closed`, or that of the work. `action` completes "unable to …".
 */
export async function tokenInTime(
  work: Promise<unknown>,
  {
    action,
    ms,
    scheduler,
    signal,
  }: { action: string; ms: number; scheduler: Scheduler; signal: AbortSignal },
): Promise<void> {
  const done = work.then(() => true);
  const inTime = await withTimeout(done, { ms, scheduler, signal });
  if (signal.aborted) throw new ChatError('closed', `unable to ${action}; it was left or closed`);
  if (!inTime) throw new ChatError('token-unavailable', `unable to ${action}; no token came in time`);
}
