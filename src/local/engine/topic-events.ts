/** The value that a publisher sends: text or bytes, never empty. */
export type TopicValue = { readonly text: string } | { readonly binary: Uint8Array };

/** A published value, numbered by its topic. */
export interface TopicItem {
  readonly kind: 'item';
  readonly value: TopicValue;
  /** Consecutive within a sequence page, from 1. */
  readonly sequence: number;
  readonly page: number;
  /** The token id of whoever published it, '' for an API key. */
  readonly publisherId: string;
}

/** Says that the items after `lastSequence` and up to `newSequence` will not come on this stream. */
export interface TopicDiscontinuity {
  readonly kind: 'discontinuity';
  /** The last number that the subscriber can have seen; 0 when that is not known. */
  readonly lastSequence: number;
  /** Items with greater numbers follow. */
  readonly newSequence: number;
  readonly newPage: number;
}

export interface TopicHeartbeat {
  readonly kind: 'heartbeat';
}

export type TopicEvent = TopicItem | TopicDiscontinuity | TopicHeartbeat;

export const HEARTBEAT: TopicHeartbeat = { kind: 'heartbeat' };
