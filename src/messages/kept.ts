import type { Instant } from '../shared/clock.js';
import type { JsonObject } from './message.js';

/** A message that is being sent, or failed. */
export interface Unsent {
  readonly id: string;
  payload: string;
  /** When the first attempt of each call began that may have taken effect. */
  readonly begun: { publish?: Instant; store?: Instant };
  /** It is not sent before this has settled. */
  ready?: Promise<unknown> | undefined;
  /** Ends its sending. */
  life: AbortController;
  /** The room was left, and another page may send it. */
  handedOver?: boolean;
}

/** Keeps what is unsent of a room, or of one of its threads, where it survives the page. */
export interface Kept {
  /** A message is being sent, perhaps once more. It is kept until that succeeds. */
  follow(message: Unsent, sending: Promise<void>): void;
  /** It needs nothing any more. */
  dropped(id: string): void;
  /** Gives a message other bytes; resolves with whether they are kept. */
  rewrite(id: string, payload: string): Promise<boolean>;
  /** Resolves when all that it was told is kept, or cannot be. */
  flushed(): Promise<void>;
  /**
   * Makes a change, which is kept under its key until that has settled, or, when the room is left before, until the next
   * join.
   */
  keep<T>(key: string, change: JsonObject, make: () => Promise<T>): Promise<T>;
  /** The part of one of the room's threads. */
  thread(root: string): Kept;
}
