/** How often a property runs, and how long it may take. */
export interface PropertyRuns {
  numRuns: number;
  verbose: 1;
  /** A machine that is slow does fewer runs in this time, and says nothing of the rest (ms). */
  interruptAfterTimeLimit: number;
}

/** The time that a property has left to tell of a failure when its runs were cut short (ms). */
const TELL_MS = 30_000;

/**
 * `runs`: unless `PROPERTY_RUNS` says otherwise, of which no more than `most` are done. `msEach`: how long one of them
 * may take.
 */
export function propertyRuns(runs: number, msEach: number, most = Number.POSITIVE_INFINITY): PropertyRuns {
  const numRuns = Math.min(most, Number(process.env.PROPERTY_RUNS ?? runs));
  return { numRuns, verbose: 1, interruptAfterTimeLimit: Math.max(40_000, numRuns * msEach) };
}

/** The timeout of the test around it. */
export function timeoutOf({ interruptAfterTimeLimit }: PropertyRuns): { timeout: number } {
  return { timeout: interruptAfterTimeLimit + TELL_MS };
}
