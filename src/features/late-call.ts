import { sleep } from '../shared/clock.js';
import type { FeatureHost } from './feature.js';

/** A call that took longer was repeated; the first one may yet arrive (ms). */
export const SLOW_MS = 3000;
/** By then it has arrived, or is lost (ms). */
export const LATE_MS = 15_000;

/**
 * Makes a call that writes. If it was repeated or failed, `again` is called when no attempt can arrive any more: what was
 * stored since may have been written over, and what failed may be stored.
 */
export async function writeAndLook(
  { clock }: Pick<FeatureHost, 'clock'>,
  signal: AbortSignal | undefined,
  write: () => Promise<void>,
  again: () => void,
): Promise<void> {
  const began = clock.monotonic();
  let isSure = false;
  try {
    await write();
    isSure = clock.monotonic() - began <= SLOW_MS;
  } finally {
    if (!isSure && signal?.aborted === false)
      void sleep(clock, LATE_MS, signal).then(() => {
        if (!signal.aborted) again();
      });
  }
}
