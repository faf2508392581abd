import type { ChatUser } from '../messages/message.js';
import type { Clock } from '../shared/clock.js';
import { remember } from '../shared/remember.js';
import { memberKey } from './member.js';
import { leaseOf, type PresenceEntry } from './presence-entry.js';

/** A connection that is known. */
export interface Lease {
  entry: PresenceEntry;
  /** As seen last; its changing is the sign of life. */
  score: number;
  /** When `score` was seen first (monotonic). */
  changedAt: number;
  /** Our monotonic clock less the start of the newest lease: the least of all sightings is the nearest to the truth. */
  lag: number;
  /** Whether it counts as there; one whose lease is over by our clock, or ends too late, must give a sign of life first. */
  shown: boolean;
  /** Whether it gave a sign of life while we looked: it was told of, or renewed. */
  alive: boolean;
  /** The number of the last reading that had begun when it was heard of. */
  heard: number;
}

const MAX_CONNECTIONS = 5000;
const MAX_CONNECTIONS_OF_ONE = 50;
/** Connections that are gone, and may be brought back by a late event or an old reading. */
const REMEMBERED = 1000;
/** The score of a connection that left by its own word: no lease brings it back. */
export const FOR_GOOD = Number.POSITIVE_INFINITY;

/** The connections that are known, and how long each lease lasts by our own clock. */
export class PresenceLeases {
  readonly #clock: Clock;
  readonly #leases = new Map<string, Lease>();
  /** Ids of the connections of each member. */
  readonly #siblings = new Map<string, Set<string>>();
  /** Connections that are gone, and with which score. */
  readonly #gone = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(connection: string): Lease | undefined {
    return this.#leases.get(connection);
  }

  all(): Iterable<Lease> {
    return this.#leases.values();
  }

  /** The entries of a member that count as there. */
  entriesOf(key: string): PresenceEntry[] {
    const entries: PresenceEntry[] = [];
    for (const connection of this.#siblings.get(key) ?? []) {
      const lease = this.#leases.get(connection);
      if (lease?.shown) entries.push(lease.entry);
    }
    return entries;
  }

  /** Whether a connection may be of this user. It is not if it is known, and another's. */
  mayBeOf(connection: string, user: ChatUser): boolean {
    const known = this.#leases.get(connection)?.entry;
    return known === undefined || memberKey(known) === memberKey({ connection, user });
  }

  /** Whether a lease with this score is of a connection that is gone. */
  isGone(connection: string, score: number): boolean {
    const gone = this.#gone.get(connection);
    return gone !== undefined && score <= gone;
  }

  /** Takes what was seen of a connection, for which `entry` stands now. Undefined when it is refused. */
  track(entry: PresenceEntry, score: number, inTime: boolean): Lease | undefined {
    const now = this.#clock.monotonic();
    const lag = now - (score - leaseOf(score));
    const known = this.#leases.get(entry.connection);
    if (known === undefined) {
      const key = memberKey(entry);
      const siblings = this.#siblings.get(key) ?? new Set();
      if (this.#leases.size >= MAX_CONNECTIONS || siblings.size >= MAX_CONNECTIONS_OF_ONE) return undefined;
      this.#siblings.set(key, siblings.add(entry.connection));
      this.#gone.delete(entry.connection);
      const lease = { entry, score, changedAt: now, lag, shown: inTime, alive: false, heard: 0 };
      this.#leases.set(entry.connection, lease);
      return lease;
    }
    // The same connection in another user's name is a forgery.
    if (!this.mayBeOf(entry.connection, entry.user)) return undefined;
    known.entry = entry;
    if (score === known.score) return known;
    known.score = score;
    known.changedAt = now;
    known.shown = true;
    known.alive = true;
    known.lag = Math.min(known.lag, lag);
    // Its clock was set back since: what was learned of it is void.
    if (score + known.lag <= now) known.lag = lag;
    return known;
  }

  /** The connection is gone, with leases up to this score. Returns what was known of it. */
  forget(connection: string, score: number): Lease | undefined {
    const known = this.#leases.get(connection);
    this.#leases.delete(connection);
    remember(this.#gone, connection, score, REMEMBERED);
    if (known === undefined) return undefined;
    const key = memberKey(known.entry);
    const siblings = this.#siblings.get(key);
    siblings?.delete(connection);
    if (siblings?.size === 0) this.#siblings.delete(key);
    return known;
  }

  /** Whether it was over at a moment (monotonic). */
  isOver(lease: Lease, at: number): boolean {
    return at >= endOf(lease);
  }

  /** When the first lease of another connection than this one is over (monotonic); Infinity when there is no other. */
  nextEnd(own: string | undefined): number {
    let next = FOR_GOOD;
    for (const [connection, lease] of this.#leases)
      if (connection !== own) next = Math.min(next, endOf(lease));
    return next;
  }

  /** Whether a connection that was first seen since then must give a sign of life before it counts (monotonic). */
  hasDoubts(since: number): boolean {
    for (const { shown, changedAt } of this.#leases.values()) if (!shown && changedAt >= since) return true;
    return false;
  }

  /** How many connections come before this one, of those that gave a sign of life; visible ones come first. */
  rankOf(connection: string | undefined): number {
    const own = connection === undefined ? undefined : this.#leases.get(connection);
    let rank = 0;
    for (const { alive, score, entry } of this.#leases.values()) {
      if (!alive || entry.connection === connection) continue;
      if (own === undefined || order(score, entry) < order(own.score, own.entry)) rank += 1;
    }
    return rank;
  }

  /** The join is over. */
  clear(): void {
    for (const map of [this.#leases, this.#siblings, this.#gone]) map.clear();
  }
}

/**
 * When a lease is over by our monotonic clock, whatever the member's clock says: it began when a sighting says at the
 * earliest. A member whose clock jumps has half a lease at least.
 */
function endOf({ score, lag, changedAt }: Lease): number {
  return Math.max(score + lag, changedAt + leaseOf(score) / 2);
}

function order(score: number, { connection }: PresenceEntry): string {
  return `${leaseOf(score)}`.padStart(6) + connection;
}
