/**
 * Numbers for a dashboard: how much a room has done since it was made, or all rooms of a session since that was made. They
 * only grow. See docs/observability.md.
 */
export interface ChatStats {
  /** Messages that came live, in rooms and threads, one's own and doubles among them. */
  readonly received: number;
  /** Messages that came live though they were known: dropped. Echoes of one's own do not count. */
  readonly duplicates: number;
  /** Messages that the stream missed and storage gave back. */
  readonly gapsFilled: number;
  /** Payloads, live and stored, that were neither messages nor events. */
  readonly malformed: number;
  /** Calls for a message, to publish or to store it, that were made again since an answer was lost or an error. */
  readonly retries: number;
  /** Streams of messages that were lost, by reason: `ended`, `interrupted`, `silence`, `unreachable` or `offline`. */
  readonly reconnects: { readonly [reason: string]: number };
  /** Calls to Momento: all but subscriptions. */
  readonly operations: number;
  /** Tokens that were asked for. A session's rooms ask through it: only its own number counts them. */
  readonly tokens: number;
}

/** The numbers that are counted by name; `reconnects` has names of its own. */
export type Counted = Exclude<keyof ChatStats, 'reconnects'>;

/** Counts `by` more (default one). */
export type Count = (what: Counted, by?: number) => void;

export const NO_STATS: ChatStats = {
  received: 0,
  duplicates: 0,
  gapsFilled: 0,
  malformed: 0,
  retries: 0,
  reconnects: {},
  operations: 0,
  tokens: 0,
};

/** Counts for one room, and for its session as well. */
export class Stats {
  readonly #parent: Stats | undefined;
  #counts: ChatStats = NO_STATS;

  constructor(parent?: Stats) {
    this.#parent = parent;
  }

  /** The numbers of this moment. */
  get snapshot(): ChatStats {
    return this.#counts;
  }

  readonly count: Count = (what, by = 1) => {
    this.#counts = { ...this.#counts, [what]: this.#counts[what] + by };
    this.#parent?.count(what, by);
  };

  /** A stream was lost. */
  lost(reason: string): void {
    const { reconnects } = this.#counts;
    this.#counts = {
      ...this.#counts,
      reconnects: { ...reconnects, [reason]: (reconnects[reason] ?? 0) + 1 },
    };
    this.#parent?.lost(reason);
  }
}
