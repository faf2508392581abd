import type { Scheduler } from '../shared/clock.js';
import { memberKey, memberOf, type PresenceChange } from './member.js';
import { HIDDEN_LEASE_MS, leaseOf, type PresenceEntry } from './presence-entry.js';
import { FOR_GOOD, PresenceLeases } from './presence-leases.js';
import { type ConnectionChange, PresenceMembers } from './presence-members.js';

/** An entry as a reading of storage gave it. */
export interface FoundEntry {
  readonly entry: PresenceEntry;
  readonly score: number;
  readonly value: string;
}

/** A lease that ends later is doubted: the longest lease, and clocks that are off (milliseconds). */
const MAX_AHEAD_MS = HIDDEN_LEASE_MS + 5 * 60_000;

export interface PresenceStateOptions {
  clock: Scheduler;
  /** Whether an entry is of the room's own user. */
  isOwn(entry: PresenceEntry): boolean;
  /** Whether a connection is the room's own. */
  isMine(connection: string): boolean;
  /** Whether the app hides the user of an entry: to it they are not there. Default: nobody. */
  isHidden?(entry: PresenceEntry): boolean;
  tell(change: PresenceChange): void;
}

/** The members who are there, out of events and readings. No network. */
export class PresenceState {
  readonly members: PresenceMembers;
  readonly leases: PresenceLeases;
  readonly #options: PresenceStateOptions;
  #readings = 0;
  /** When the last one began (monotonic). */
  #beganAt = 0;

  constructor(options: PresenceStateOptions) {
    const { clock, tell } = options;
    this.#options = options;
    this.members = new PresenceMembers(clock, tell);
    this.leases = new PresenceLeases(clock);
  }

  /** A connection entered, or changed its data, by its own word. False when that is no news. */
  heard(entry: PresenceEntry, score: number, isUpdate: boolean): boolean {
    const { connection } = entry;
    const known = this.leases.get(connection);
    if (this.leases.isGone(connection, FOR_GOOD)) return false;
    if (known !== undefined) {
      const { version } = known.entry;
      // One that is told again is a sign of life, with its new lease.
      if (version > entry.version || (version === entry.version && score <= known.score)) return false;
    }
    const lease = this.leases.track(entry, score, true);
    if (lease === undefined) return false;
    lease.heard = this.#readings;
    lease.alive = true;
    this.#settle(entry, isUpdate ? 'update' : 'none');
    return true;
  }

  /** A connection is gone by its own word. `atOnce`: it was asked to leave; else its page may be reloading. */
  left(connection: string, atOnce: boolean): void {
    this.#drop(connection, FOR_GOOD, atOnce ? 'leave' : 'fade');
  }

  /** Somebody else found that a connection went silent. It is believed when nothing was seen of it here lately. */
  silent(connection: string): void {
    const known = this.leases.get(connection);
    if (known === undefined || this.#options.isMine(connection)) return;
    if (this.#options.clock.monotonic() - known.changedAt < leaseOf(known.score) / 2) return;
    this.#drop(connection, known.score, 'timeout');
  }

  /** A reading of storage begins; its number is for {@link read}. */
  begin(): number {
    this.#readings += 1;
    this.#beganAt = this.#options.clock.monotonic();
    return this.#readings;
  }

  /**
   * Takes what a reading found. Returns the connections that went silent, and the values that nobody needs in storage
   * any more.
   */
  read(found: ReadonlyMap<string, FoundEntry>, reading: number): { silent: string[]; stale: string[] } {
    const { leases } = this;
    const { clock, isMine } = this.#options;
    const silent: string[] = [];
    const stale: string[] = [];
    for (const { entry, score, heard } of leases.all()) {
      const { connection } = entry;
      if (found.has(connection) || heard >= reading || isMine(connection)) continue;
      // It left, and that was not heard. Should it be back with a new lease, it is there again.
      this.#drop(connection, score, 'fade');
    }
    for (const { entry, score, value } of found.values()) {
      const { connection } = entry;
      if (leases.isGone(connection, score)) {
        stale.push(value);
        continue;
      }
      if (!leases.mayBeOf(connection, entry.user)) {
        if (isMine(connection)) continue;
        // The entry that storage has under the connection is of another member, and of nobody else.
        this.#drop(connection, 0, 'fade');
      }
      const known = leases.get(connection);
      if (
        known !== undefined &&
        known.score === score &&
        !isMine(connection) &&
        leases.isOver(known, this.#beganAt)
      ) {
        if (known.shown) silent.push(connection);
        stale.push(value);
        this.#drop(connection, score, 'timeout');
        continue;
      }
      const now = clock.now();
      const inTime = score > now && score <= now + MAX_AHEAD_MS;
      // An entry that was told of before the reading began was stored by then. If it is not, it was forged, however new its version.
      const stands =
        known !== undefined &&
        (isMine(connection) || (known.heard >= reading && known.entry.version > entry.version));
      const seen = stands ? known.entry : entry;
      if (leases.track(seen, score, inTime) !== undefined) this.#settle(seen, 'none');
    }
    return { silent, stale };
  }

  /** The app hides others than before: they leave and enter, as far as it sees. */
  refilter(): void {
    for (const { entry } of [...this.leases.all()]) this.#settle(entry, 'leave');
  }

  /** The join is over: nobody is known to be there, and nobody is told to have left. */
  clear(): void {
    this.members.clear();
    this.leases.clear();
  }

  #drop(connection: string, score: number, how: ConnectionChange): void {
    const known = this.leases.forget(connection, score);
    if (known !== undefined) this.#settle(known.entry, how);
  }

  /** Tells what a connection's change means for its member. */
  #settle(entry: PresenceEntry, how: ConnectionChange): void {
    const key = memberKey(entry);
    const { isOwn, isHidden } = this.#options;
    const entries = this.leases.entriesOf(key).filter((one) => !isHidden?.(one));
    this.members.settle(key, memberOf(entries, isOwn), how);
  }
}
