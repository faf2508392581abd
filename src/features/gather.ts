import { CONNECTION_BACKOFF } from '../shared/backoff.js';
import { sleep } from '../shared/clock.js';
import { retry } from '../shared/retry.js';
import type { FeatureHost } from './feature.js';

/** So many ids wait at most; others are left to the next reading. */
const MAX_GATHERED = 500;

/**
 * Returns a function that has `act` called in so many milliseconds, with all ids that are given until then. One call begins after
 * the other, and is repeated as long as that may help. Those ids that it fails for, or that the join leaves no time for, are given
 * to the next one.
 */
export function gather(
  host: Pick<FeatureHost, 'clock' | 'life'>,
  act: (ids: readonly string[], life: AbortSignal) => Promise<unknown>,
): (ids: readonly string[], ms: number) => void {
  const gathered = new Set<string>();
  /** The join that a call waits in. */
  let waiting: AbortSignal | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const add = (ids: readonly string[]) => {
    for (const id of ids) if (gathered.size < MAX_GATHERED) gathered.add(id);
  };
  return (ids, ms) => {
    add(ids);
    const { clock, life } = host;
    if (life.aborted || waiting === life) return;
    waiting = life;
    const begin = async () => {
      if (life.aborted) return;
      waiting = undefined;
      const taken = [...gathered];
      gathered.clear();
      const how = { scheduler: clock, signal: life, backoff: CONNECTION_BACKOFF };
      await retry(() => act(taken, life), how).catch(() => add(taken));
    };
    last = Promise.all([sleep(clock, ms, life), last]).then(begin);
  };
}

/** Storage is put right after a time between the two, so that one client does it and not all (ms). */
const LEAST_WAIT_MS = 2000;
const MOST_WAIT_MS = 20_000;

/** Returns a function that has `mend` called in a while, as {@link gather} does, to put storage right. */
export function mendLater(
  host: Pick<FeatureHost, 'clock' | 'life'>,
  mend: (ids: readonly string[], life: AbortSignal) => Promise<unknown>,
): (ids: readonly string[]) => void {
  const later = gather(host, mend);
  return (ids) => later(ids, LEAST_WAIT_MS + (MOST_WAIT_MS - LEAST_WAIT_MS) * host.clock.random());
}
