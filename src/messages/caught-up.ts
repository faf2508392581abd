import type { Message } from './message.js';

/** What a reading of the list's head gave back. */
export interface CaughtUp {
  /** What was new, oldest first. */
  filled: readonly Message[];
  /** Whether the list still reaches back to what was known, so that nothing can be missing. */
  complete: boolean;
}
