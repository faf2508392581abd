import type { Message } from './message.js';

/** The result of a reading of the list's head. */
export interface CaughtUp {
  /** The new messages, oldest first. */
  filled: readonly Message[];
  /** Whether the list still reaches back to what was known, so that nothing can be missing. */
  complete: boolean;
}
