import type { ChatUser, JsonObject } from '../messages/message.js';
import type { Clock } from '../shared/clock.js';
import { HIDDEN_LEASE_MS, leaseOf, type PresenceEntry } from './presence-entry.js';

/** Somebody who is in the room, through however many tabs and devices. */
export interface Member {
  /** Their user id; that of the connection for a user who has none. */
  readonly userId: string;
  readonly user: Readonly<ChatUser>;
  /** The data that they entered with or updated last. */
  readonly data?: JsonObject;
  readonly connections: number;
  /** Since when the oldest of their connections is there, by its own clock. */
  readonly since: Date;
  /** Whether it is the room's own user. */
  readonly own: boolean;
}

/** `timeout`: all of a member's connections went silent. */
export interface PresenceChange {
  readonly type: 'enter' | 'update' | 'leave' | 'timeout';
  readonly member: Member;
}

/** An entry as a reading of storage gave it. */
export interface FoundEntry {
  readonly entry: PresenceEntry;
  readonly score: number;
  readonly value: string;
}

interface Tracked {
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

/** A member who has no connection any more may be reloading the page (milliseconds). */
export const GRACE_MS = 5000;
/** A lease that ends later is doubted: the longest lease, and clocks that are off (milliseconds). */
const MAX_AHEAD_MS = HIDDEN_LEASE_MS + 5 * 60_000;
/** Members of whom more than a count is kept for the app. */
const MAX_LISTED = 200;
const MAX_CONNECTIONS = 5000;
const MAX_CONNECTIONS_OF_ONE = 50;
/** Connections that are gone, and may be brought back by a late event or an old reading. */
const REMEMBERED = 1000;
const FOR_GOOD = Number.POSITIVE_INFINITY;

/** The members who are there, out of events and readings. No network, no timers: the caller asks at {@link nextDue}. */
export class PresenceState {
  readonly #clock: Clock;
  readonly #isOwn: (entry: PresenceEntry) => boolean;
  readonly #isMine: (connection: string) => boolean;
  readonly #isHidden: (entry: PresenceEntry) => boolean;
  readonly #tell: (change: PresenceChange) => void;
  readonly #tracked = new Map<string, Tracked>();
  /** Ids of the connections of each member. */
  readonly #connections = new Map<string, Set<string>>();
  readonly #members = new Map<string, Member>();
  /** Until when members without a connection are taken to reload (monotonic). */
  readonly #departing = new Map<string, number>();
  /** Connections that are gone, and with which score. */
  readonly #gone = new Map<string, number>();
  #listed: readonly Member[] | undefined;
  #readings = 0;

  constructor(options: {
    clock: Clock;
    /** Whether an entry is of the room's own user. */
    isOwn(entry: PresenceEntry): boolean;
    /** Whether a connection is the room's own. */
    isMine(connection: string): boolean;
    /** Whether the app hides the user of an entry: to it they are not there. Default: nobody. */
    isHidden?(entry: PresenceEntry): boolean;
    tell(change: PresenceChange): void;
  }) {
    this.#clock = options.clock;
    this.#isOwn = options.isOwn;
    this.#isMine = options.isMine;
    this.#isHidden = options.isHidden ?? (() => false);
    this.#tell = options.tell;
  }

  get count(): number {
    return this.#members.size;
  }

  get connections(): number {
    let sum = 0;
    for (const { connections } of this.#members.values()) sum += connections;
    return sum;
  }

  /** The first 200, by `since` and then by id. The same array until something changes. */
  get members(): readonly Member[] {
    this.#listed ??= [...this.#members.values()].sort(bySince).slice(0, MAX_LISTED);
    return this.#listed;
  }

  /** A connection entered, or changed its data, by its own word. False when that is no news. */
  heard(entry: PresenceEntry, score: number, isUpdate: boolean): boolean {
    const { connection } = entry;
    const known = this.#tracked.get(connection);
    if (this.#gone.get(connection) === FOR_GOOD) return false;
    if (known !== undefined && known.entry.version >= entry.version) return false;
    const tracked = this.#track(entry, score, true);
    if (tracked === undefined) return false;
    tracked.heard = this.#readings;
    tracked.alive = true;
    this.#settle(entry, isUpdate ? 'update' : 'none');
    return true;
  }

  /** A connection is gone by its own word. `atOnce`: it was asked to leave; else its page may be reloading. */
  left(connection: string, atOnce: boolean): void {
    const known = this.#tracked.get(connection);
    this.#forget(connection, FOR_GOOD);
    if (known !== undefined) this.#settle(known.entry, atOnce ? 'leave' : 'fade');
  }

  /** Somebody else found that a connection went silent. It is believed when nothing was seen of it here lately. */
  silent(connection: string): void {
    const known = this.#tracked.get(connection);
    if (known === undefined || this.#isMine(connection)) return;
    if (this.#clock.monotonic() - known.changedAt < leaseOf(known.score) / 2) return;
    this.#forget(connection, known.score);
    this.#settle(known.entry, 'timeout');
  }

  /** A reading of storage begins; its number is for {@link read}. */
  begin(): number {
    this.#readings += 1;
    return this.#readings;
  }

  /**
   * Takes what a reading found. Returns the connections that went silent, and the values that nobody needs in storage
   * any more.
   */
  read(found: ReadonlyMap<string, FoundEntry>, reading: number): { silent: string[]; stale: string[] } {
    const silent: string[] = [];
    const stale: string[] = [];
    for (const [connection, tracked] of this.#tracked) {
      if (found.has(connection) || tracked.heard >= reading || this.#isMine(connection)) continue;
      // It left, and that was not heard. Should it be back with a new lease, it is there again.
      this.#forget(connection, tracked.score);
      this.#settle(tracked.entry, 'fade');
    }
    for (const { entry, score, value } of found.values()) {
      const { connection } = entry;
      const gone = this.#gone.get(connection);
      if (gone !== undefined && score <= gone) {
        stale.push(value);
        continue;
      }
      const known = this.#tracked.get(connection);
      if (known !== undefined && known.score === score && !this.#isMine(connection) && this.#isOver(known)) {
        if (known.shown) silent.push(connection);
        stale.push(value);
        this.#forget(connection, score);
        this.#settle(entry, 'timeout');
        continue;
      }
      const now = this.#clock.now();
      const inTime = score > now && score <= now + MAX_AHEAD_MS;
      if (this.#track(entry, score, inTime) !== undefined) this.#settle(entry, 'none');
    }
    return { silent, stale };
  }

  /** Members whose grace is over have left. */
  fade(): void {
    const now = this.#clock.monotonic();
    for (const [key, at] of this.#departing) if (at <= now) this.#depart(key, 'leave');
  }

  /** When {@link fade} is to be called next (monotonic). */
  get nextFade(): number {
    return Math.min(FOR_GOOD, ...this.#departing.values());
  }

  /** The app hides others than before: they leave and enter, as far as it sees. */
  refilter(): void {
    for (const siblings of [...this.#connections.values()])
      for (const connection of siblings) {
        const tracked = this.#tracked.get(connection);
        if (tracked !== undefined) this.#settle(tracked.entry, 'leave');
      }
  }

  /** Whether there is any connection but the own one. */
  get hasOthers(): boolean {
    for (const connection of this.#tracked.keys()) if (!this.#isMine(connection)) return true;
    return false;
  }

  /** When the first lease of another connection is over (monotonic). */
  get nextEnd(): number {
    let next = FOR_GOOD;
    for (const [connection, tracked] of this.#tracked)
      if (!this.#isMine(connection)) next = Math.min(next, endOf(tracked));
    return next;
  }

  /** Whether a connection that was first seen since then must give a sign of life before it counts (monotonic). */
  hasDoubts(since: number): boolean {
    for (const { shown, changedAt } of this.#tracked.values()) if (!shown && changedAt >= since) return true;
    return false;
  }

  /** How many connections come before this one, of those that gave a sign of life; visible ones come first. */
  rankOf(connection: string | undefined): number {
    const own = connection === undefined ? undefined : this.#tracked.get(connection);
    let rank = 0;
    for (const { alive, score, entry } of this.#tracked.values()) {
      if (!alive || entry.connection === connection) continue;
      if (own === undefined || order(score, entry) < order(own.score, own.entry)) rank += 1;
    }
    return rank;
  }

  /** The join is over: nobody is known to be there, and nobody is told to have left. */
  clear(): void {
    for (const map of [this.#tracked, this.#connections, this.#members, this.#departing, this.#gone])
      map.clear();
    this.#listed = undefined;
  }

  #track(entry: PresenceEntry, score: number, inTime: boolean): Tracked | undefined {
    const now = this.#clock.monotonic();
    const lag = now - (score - leaseOf(score));
    const known = this.#tracked.get(entry.connection);
    if (known === undefined) {
      const key = keyOf(entry);
      const siblings = this.#connections.get(key) ?? new Set();
      if (this.#tracked.size >= MAX_CONNECTIONS || siblings.size >= MAX_CONNECTIONS_OF_ONE) return undefined;
      this.#connections.set(key, siblings.add(entry.connection));
      this.#gone.delete(entry.connection);
      const tracked = { entry, score, changedAt: now, lag, shown: inTime, alive: false, heard: 0 };
      this.#tracked.set(entry.connection, tracked);
      return tracked;
    }
    // The same connection in another user's name is a forgery.
    if (keyOf(known.entry) !== keyOf(entry)) return undefined;
    if (entry.version > known.entry.version) known.entry = entry;
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

  #isOver(tracked: Tracked): boolean {
    return this.#clock.monotonic() >= endOf(tracked);
  }

  #forget(connection: string, score: number): void {
    const known = this.#tracked.get(connection);
    this.#tracked.delete(connection);
    this.#gone.delete(connection);
    this.#gone.set(connection, score);
    if (this.#gone.size > REMEMBERED) this.#gone.delete(this.#gone.keys().next().value ?? '');
    if (known === undefined) return;
    const key = keyOf(known.entry);
    const siblings = this.#connections.get(key);
    siblings?.delete(connection);
    if (siblings?.size === 0) this.#connections.delete(key);
  }

  /** Tells what a connection's change means for its member. `fade`: gone, but it may come back within the grace. */
  #settle(entry: PresenceEntry, how: 'none' | 'update' | 'leave' | 'fade' | 'timeout'): void {
    const key = keyOf(entry);
    const known = this.#members.get(key);
    const member = this.#memberOf(key);
    if (member !== undefined) {
      this.#departing.delete(key);
      this.#members.set(key, member);
      this.#listed = undefined;
      if (known === undefined) this.#tell({ type: 'enter', member });
      else if (how === 'update' || !isSame(known, member)) this.#tell({ type: 'update', member });
    } else if (known !== undefined && how === 'fade') {
      if (!this.#departing.has(key)) this.#departing.set(key, this.#clock.monotonic() + GRACE_MS);
    } else if (known !== undefined && (how === 'leave' || how === 'timeout')) this.#depart(key, how);
  }

  #depart(key: string, type: 'leave' | 'timeout'): void {
    const member = this.#members.get(key);
    this.#departing.delete(key);
    this.#members.delete(key);
    this.#listed = undefined;
    if (member !== undefined) this.#tell({ type, member });
  }

  #memberOf(key: string): Member | undefined {
    const all = [...(this.#connections.get(key) ?? [])].map((id) => this.#tracked.get(id));
    const entries = all.filter((tracked) => tracked?.shown === true).map((tracked) => tracked?.entry);
    let newest: PresenceEntry | undefined;
    let said: PresenceEntry | undefined;
    let since = FOR_GOOD;
    for (const entry of entries) {
      if (entry === undefined) continue;
      if (newest === undefined || entry.version > newest.version) newest = entry;
      if (entry.data !== undefined && (said === undefined || entry.version > said.version)) said = entry;
      since = Math.min(since, entry.since);
    }
    if (newest === undefined || this.#isHidden(newest)) return undefined;
    return {
      userId: newest.user.id ?? newest.connection,
      user: newest.user,
      ...(said?.data === undefined ? {} : { data: said.data }),
      connections: entries.length,
      since: new Date(since),
      own: this.#isOwn(newest),
    };
  }
}

/** A user with an id is one member; a user without is one for each connection. */
function keyOf({ user, connection }: PresenceEntry): string {
  return user.id === undefined ? `c${connection}` : `u${user.id}`;
}

/**
 * When a lease is over by our monotonic clock, whatever the member's clock says: it began when a sighting says at the
 * earliest. A member whose clock jumps has half a lease at least.
 */
function endOf({ score, lag, changedAt }: Tracked): number {
  return Math.max(score + lag, changedAt + leaseOf(score) / 2);
}

function order(score: number, { connection }: PresenceEntry): string {
  return `${leaseOf(score)}`.padStart(6) + connection;
}

function bySince(a: Member, b: Member): number {
  return a.since.getTime() - b.since.getTime() || (a.userId < b.userId ? -1 : a.userId > b.userId ? 1 : 0);
}

function isSame(a: Member, b: Member): boolean {
  return a.user.name === b.user.name && JSON.stringify(a.data) === JSON.stringify(b.data);
}
