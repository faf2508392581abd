import { setTimeout as pause } from 'node:timers/promises';

/**
 * Looks, one look after the other, until one holds or patience ends. Resolves with the last look, whichever it was: for runs that
 * report it. A test that only waits uses `vi.waitFor`.
 */
export async function lookUntil<T>(
  look: () => Promise<T>,
  holds: (seen: T) => boolean,
  { patienceMs, everyMs }: { patienceMs: number; everyMs: number },
): Promise<T> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const seen = await look();
    if (holds(seen) || performance.now() > end) return seen;
    await pause(everyMs);
  }
}
