/** How a network treats calls. Probabilities between 0 and 1, times in ms. */
export interface Weather {
  latencyMs: number;
  /** The request never arrives. */
  loseRequest: number;
  /** The service does the work, the answer never arrives. */
  loseResponse: number;
  /** A call takes this much longer, with the given probability. */
  slow: { chance: number; ms: number };
  /** The service answers with UNAVAILABLE. */
  refuse: number;
  /** Entries of the list come at this pace; a call that takes over five seconds for it times out. */
  bytesPerSecond?: number;
}

export const FAIR: Weather = {
  latencyMs: 20,
  loseRequest: 0,
  loseResponse: 0,
  slow: { chance: 0, ms: 0 },
  refuse: 0,
};
