import type { JsonObject } from '../messages/message.js';
import { Alarm } from '../shared/alarm.js';
import { ChatError, invalidArgument, unable } from '../shared/errors.js';
import { inTurn } from '../shared/in-turn.js';
import { isObject } from '../shared/is-object.js';
import type { FeatureHost } from './feature.js';
import { OwnEntries } from './own-entries.js';
import { type How, type PutOptions, tell, tellLeft } from './presence-calls.js';
import {
  decodeEntry,
  encodeEntry,
  HIDDEN_LEASE_MS,
  LEASE_MS,
  leaseOf,
  type PresenceEntry,
  scoreFor,
} from './presence-entry.js';
import type { FoundEntry, PresenceState } from './presence-state.js';

/** A lease is renewed so long after it was written, and that of a hidden tab (milliseconds). */
export const RENEW_MS = 25_000;
const HIDDEN_RENEW_MS = 60_000;
/** A renewal that failed is tried again after this, and so is what others took for gone (milliseconds). */
const AGAIN_MS = 5000;
const NEVER = Number.POSITIVE_INFINITY;
const UPDATE = 'update the presence';

/** The own connection, while it is entered. */
interface Mine {
  entry: PresenceEntry;
  value: string;
  score: number;
  /** When its lease was written last (monotonic). */
  putAt: number;
  /** Whether others were told of it. */
  told: boolean;
  /** Others were told that it is gone: it comes back under another name. */
  disowned: boolean;
}

/** The room's own entry: entered, changed, its lease renewed, and left. It is stored first and told then. */
export class OwnPresence {
  /** Ends with the join; undefined while there is none. */
  signal: AbortSignal | undefined;
  readonly #host: FeatureHost;
  readonly #state: PresenceState;
  readonly #onChange: () => void;
  /** When the lease is to be renewed. */
  readonly #renewal: Alarm;
  #mine: Mine | undefined;
  /** The connection that is leaving, until others know. */
  #leaving: Mine | undefined;
  /** The newest version that was made here: a newer one of the own connection is somebody else's. */
  #newest = '';
  readonly #entries: OwnEntries;
  /** The entry that the page had entered with when it went away. */
  #away: PresenceEntry | undefined;
  /** Own changes go one after the other. */
  readonly #inTurn = inTurn();

  /** `onChange` is called when the own connection is there or gone. */
  constructor(host: FeatureHost, state: PresenceState, onChange: () => void) {
    this.#host = host;
    this.#state = state;
    this.#onChange = onChange;
    this.#entries = new OwnEntries(host);
    this.#renewal = new Alarm(host.clock, () => {
      this.#inTurn(() => this.#renew()).catch(() => {});
    });
    host.onVisibility((now) => this.#visibility(now));
    host.onLeave(async () => {
      const takenBack = this.#entries.takeBack();
      await this.#sayGoodbye(true, { once: true });
      await takenBack;
    });
  }

  /** The id of the own connection, while it is entered. */
  get connection(): string | undefined {
    return this.#mine?.entry.connection;
  }

  is(connection: string): boolean {
    return this.connection === connection;
  }

  /** Enters with `data`. Entered already, it is an update if the data is given and another. */
  enter(data?: JsonObject): Promise<void> {
    return this.#inTurn(async () => {
      const mine = this.#mine;
      if (mine === undefined) await this.#appear({ data });
      else if (data !== undefined && JSON.stringify(data) !== JSON.stringify(mine.entry.data))
        await this.#change(mine, data);
    });
  }

  /** Replaces the data. */
  async update(data: JsonObject): Promise<void> {
    if (!isObject(data)) throw invalidArgument(UPDATE, 'the data must be a JSON object');
    return this.#inTurn(async () => {
      const mine = this.#mine;
      if (mine === undefined) throw invalidArgument(UPDATE, 'call enter() first');
      await this.#change(mine, data);
    });
  }

  /** Leaves at once. Nothing happens when it was not entered. */
  leave(): Promise<void> {
    this.#away = undefined;
    return this.#inTurn(async () => {
      const mine = this.#mine;
      if (mine === undefined) return;
      this.#mine = undefined;
      this.#leaving = mine;
      this.#renewal.at = NEVER;
      this.#state.left(mine.entry.connection, true);
      this.#onChange();
      await this.#entries.remove();
      await tellLeft(this.#host, mine.entry.connection, true);
      this.#leaving = undefined;
    });
  }

  /**
   * Others were told that this connection is gone, or what it is not. It comes back under another name, which an id from the
   * future does not bind. `version`: of what was told in its name.
   */
  disown(version?: string): void {
    const mine = this.#mine;
    if (mine === undefined || mine.disowned || (version !== undefined && version <= this.#newest)) return;
    mine.disowned = true;
    this.#renewal.at = Math.max(this.#host.clock.monotonic(), mine.putAt + AGAIN_MS);
  }

  /**
   * Others may have been told that this connection is silent. It is told of with its next renewal: anybody can say it of fifty
   * at once, as often as they like.
   */
  untold(): void {
    if (this.#mine !== undefined) this.#mine.told = false;
  }

  /** Storage was read, and this is what it holds of the own connection. Another lease than was written is written anew. */
  found(stored: FoundEntry | undefined): void {
    const mine = this.#mine;
    if (mine === undefined) return;
    const isOwn = stored === undefined || this.#entries.has(stored.value);
    if (!isOwn && stored.entry.version >= mine.entry.version) this.disown();
    if (stored?.score !== mine.score)
      this.#renewal.at = Math.min(this.#renewal.at, this.#host.clock.monotonic() + AGAIN_MS);
  }

  /** The connection is there again: a lease that is over by now is renewed at once. */
  resync(): void {
    this.#comeBack();
    const mine = this.#mine;
    if (mine === undefined || this.#host.clock.monotonic() - mine.putAt < leaseOf(mine.score)) return;
    this.#renewal.at = 0;
  }

  /** The join is over. */
  end(): void {
    this.signal = undefined;
    this.#mine = undefined;
    this.#leaving = undefined;
    this.#away = undefined;
    this.#renewal.at = NEVER;
  }

  /** Stores first and tells then. What was said before keeps its version: another tab may have said something newer. */
  async #appear({ data, since = this.#host.clock.now(), version }: Partial<PresenceEntry>): Promise<void> {
    const before = this.#mine;
    const connection = this.#nextVersion();
    const entry = { connection, version: version ?? connection, user: this.#host.author(), since, data };
    const mine = await this.#put(entry, 0);
    // The page went away, or was shut out, meanwhile.
    if (this.#mine !== before) return this.#entries.remove([mine.value]);
    this.#mine = mine;
    this.#state.heard(mine.entry, mine.score, false);
    this.#onChange();
    await this.#announce(mine, 'enter', connection);
  }

  async #change(mine: Mine, data: JsonObject): Promise<void> {
    if (mine.disowned) return this.#reappear(mine, { data, since: mine.entry.since });
    const entry = { ...mine.entry, user: this.#host.author(), version: this.#nextVersion(), data };
    const changed = await this.#put(entry, mine.score, { action: UPDATE });
    if (this.#mine !== mine) {
      // The page comes back with it.
      if (this.#away?.connection === entry.connection) this.#away = changed.entry;
      return this.#entries.remove([changed.value]);
    }
    this.#mine = { ...changed, disowned: mine.disowned };
    this.#state.heard(changed.entry, changed.score, true);
    await this.#announce(this.#mine, 'update', entry.version);
    // Nobody takes the older version for the newer one.
    this.#entries.removeOlder(changed.value, { once: true }).catch(() => {});
  }

  /** Renews the lease, and tells what others may not know. */
  async #renew(): Promise<void> {
    const mine = this.#mine;
    if (mine === undefined) return;
    try {
      if (mine.disowned) return await this.#reappear(mine, mine.entry);
      // While a device sleeps, its monotonic clock may stand still and its wall clock goes on.
      const { clock } = this.#host;
      const isOver = clock.monotonic() - mine.putAt >= leaseOf(mine.score) || clock.now() >= mine.score;
      const { score, putAt } = await this.#put(mine.entry, mine.score, { once: true });
      Object.assign(mine, { score, putAt });
      if (this.#mine !== mine) await this.#entries.remove([mine.value], { once: true });
      else if (isOver || !mine.told) await this.#announce(mine, 'enter', this.#nextVersion());
    } catch (problem) {
      if (problem instanceof ChatError && !problem.retryable && problem.code !== 'closed')
        this.#host.report(problem);
    }
  }

  /** Comes back as another connection, and ends the one that others speak for. */
  async #reappear({ entry, value }: Mine, next: Partial<PresenceEntry>): Promise<void> {
    await this.#appear(next);
    this.#state.left(entry.connection, true);
    await this.#entries.vanish(entry, true, { once: true }, [value]);
  }

  #nextVersion(): string {
    this.#newest = this.#host.nextId();
    return this.#newest;
  }

  /** Writes the lease. `after`: the score must be greater, for it is the sign of life. */
  async #put(given: PresenceEntry, after: number, how: PutOptions = {}): Promise<Mine> {
    const value = encodeEntry(given);
    // As others take it, and a copy: the app may go on to change its data.
    const entry = decodeEntry(value);
    if (entry === undefined) throw invalidArgument('enter the presence', 'the id of the user is too long');
    const { clock } = this.#host;
    const signal = this.signal;
    const visible = this.#host.isVisible();
    const score = scoreFor(clock.now(), visible ? LEASE_MS : HIDDEN_LEASE_MS, after);
    // A call that takes long may have been stored at its beginning.
    const putAt = clock.monotonic();
    this.#renewal.at = NEVER;
    await this.#entries.put(entry, value, score, how).catch((problem: unknown) => {
      if (this.#mine !== undefined) this.#renewal.at = clock.monotonic() + AGAIN_MS;
      throw problem;
    });
    if (signal === undefined || signal !== this.signal || signal.aborted)
      throw unable('closed', 'enter the presence', 'the room was left');
    this.#renewal.at = clock.monotonic() + (visible ? RENEW_MS : HIDDEN_RENEW_MS);
    return { entry, value, score, putAt, told: false, disowned: false };
  }

  /** Tells of the entry. Should that fail, it is told with the next renewal, or read by others. */
  async #announce(mine: Mine, what: 'enter' | 'update', id: string): Promise<void> {
    try {
      await tell(this.#host, what, mine.entry, mine.score, id);
      mine.told = true;
    } catch {
      mine.told = false;
    }
  }

  /** The room is left or the page goes away: both calls at once, for there is no time. */
  async #sayGoodbye(now: boolean, how: How): Promise<void> {
    // A leave that is under way ends with the join.
    const mine = this.#mine ?? this.#leaving;
    // An entry that failed may be stored all the same.
    if (mine === undefined) return now ? this.#entries.remove(undefined, how).catch(() => {}) : undefined;
    this.#mine = undefined;
    this.#leaving = undefined;
    this.#renewal.at = NEVER;
    if (!now) this.#state.left(mine.entry.connection, false);
    this.#onChange();
    await this.#entries.vanish(mine.entry, now, how);
  }

  /** Out of the browser's cache of pages it enters again: now, or else when the connection is there. */
  #comeBack(): void {
    this.#inTurn(async () => {
      const away = this.#away;
      if (away === undefined || !this.#host.isVisible()) return;
      if (this.#mine === undefined) await this.#appear(away);
      if (this.#away === away) this.#away = undefined;
    }).catch((problem: ChatError) => this.#host.report(problem));
  }

  #visibility(state: 'visible' | 'hidden' | 'pagehide'): void {
    const mine = this.#mine;
    if (state === 'visible') this.#comeBack();
    if (state === 'pagehide') {
      this.#away = mine?.entry ?? this.#away;
      void this.#sayGoodbye(false, { keepalive: true });
    } else if (mine !== undefined) {
      // A hidden page needs the longer lease at once; one that is visible again has time.
      const due = state === 'hidden' ? 0 : mine.putAt + RENEW_MS;
      if (state === 'visible' || leaseOf(mine.score) === LEASE_MS) this.#renewal.at = due;
    }
  }
}
