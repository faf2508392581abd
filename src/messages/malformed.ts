import type { Clock } from '../shared/clock.js';
import type { Count } from '../shared/stats.js';
import { contentHash } from './hash.js';
import { RecentSet } from './recent-set.js';

/** Live payloads of one kind are told of at most this often (ms). */
const QUIET_MS = 1000;
/** So many malformed entries of the list, at least, are told of only once. */
const REMEMBERED = 1000;
/** A hash over so much of a payload tells it from others well enough. */
const HASHED = 4096;

export interface MalformedReportsOptions {
  clock: Pick<Clock, 'monotonic'>;
  maxStored: number;
  /** Tells of `count` payloads that are malformed for one reason. */
  tell(why: string, count: number): void;
  count?: Count | undefined;
}

/**
 * Tells of payloads that are no messages, without nagging: a member can send thousands a second (G6). A reading of the
 * list tells of each kind once, with a count, and of an entry that was told of before not again. Of live payloads, the
 * first of a kind is told of at once; those that follow within a second are counted into the next event of that kind.
 */
export class MalformedReports {
  readonly #options: MalformedReportsOptions;
  readonly #told: RecentSet;
  readonly #read = new Map<string, number>();
  readonly #live = new Map<string, { untold: number; toldAt: number }>();

  constructor(options: MalformedReportsOptions) {
    this.#options = options;
    this.#told = new RecentSet(Math.max(REMEMBERED, options.maxStored));
  }

  /** A live payload is malformed. */
  live(payload: unknown, why: string): void {
    this.#options.count?.('malformed');
    // Where it is stored as well, it is not told of again.
    if (typeof payload === 'string') this.#told.add(keyOf(payload));
    const now = this.#options.clock.monotonic();
    const kind = this.#live.get(why) ?? { untold: 0, toldAt: Number.NEGATIVE_INFINITY };
    this.#live.set(why, kind);
    kind.untold += 1;
    if (now - kind.toldAt < QUIET_MS) return;
    const count = kind.untold;
    kind.untold = 0;
    kind.toldAt = now;
    this.#options.tell(why, count);
  }

  /** An entry of the list is malformed. */
  stored(payload: string, why: string): void {
    if (!this.#told.add(keyOf(payload))) return;
    this.#options.count?.('malformed');
    this.#read.set(why, (this.#read.get(why) ?? 0) + 1);
  }

  /** A reading of the list has ended. */
  endReading(): void {
    const counts = [...this.#read];
    this.#read.clear();
    for (const [why, count] of counts) this.#options.tell(why, count);
  }
}

function keyOf(payload: string): string {
  return `${payload.length} ${contentHash(payload.slice(0, HASHED))}`;
}
