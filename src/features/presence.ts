import type { JsonObject } from '../messages/message.js';
import { ChatError, invalidArgument } from '../shared/errors.js';
import { isObject } from '../shared/is-object.js';
import { onAbort } from '../shared/on-abort.js';
import { sortedSetFetchByScore, sortedSetPut, sortedSetRemove } from '../transport/operations/sorted-sets.js';
import { isWrongKind } from '../transport/wrong-kind.js';
import type { FeatureHost } from './feature.js';
import {
  asEntry,
  decodeEntry,
  encodeEntry,
  HIDDEN_LEASE_MS,
  LEASE_MS,
  leaseOf,
  type PresenceEntry,
  scoreFor,
} from './presence-entry.js';
import { type FoundEntry, type Member, type PresenceChange, PresenceState } from './presence-state.js';
import type { RoomEvent } from './room-event.js';

const EVENT = 'presence';
const RENEW_MS = 25_000;
const HIDDEN_RENEW_MS = 60_000;
/** A renewal that failed is tried again after this, and so is what others took for gone (milliseconds). */
const AGAIN_MS = 5000;
/** The set outlives the longest lease, and no more: nobody who is gone stays in an empty room. */
const TTL_SECONDS = 300;
const MAX_READ = 5000;
const MAX_CLEANED = 100;
const MAX_TOLD = 50;
/** Between two looks at who renewed (milliseconds). */
const LEAST_CHECK_MS = 15_000;
const LATEST_TURN_MS = 15 * 60_000;
/** Among so many each change is told no more, but one every five seconds. */
const MANY_MEMBERS = 200;
const MANY_TELL_MS = 5000;
const NEVER = Number.POSITIVE_INFINITY;

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

/** The people in the room: entries with leases in a sorted set, and events that tell of their changes. */
export class Presence {
  readonly #host: FeatureHost;
  readonly #emit: (change: PresenceChange, members: readonly Member[]) => void;
  readonly #state: PresenceState;
  #mine: Mine | undefined;
  /** The entry that the page had entered with when it went away. */
  #away: PresenceEntry | undefined;
  #signal: AbortSignal | undefined;
  /** Own changes go one after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  #reading: Promise<unknown> = Promise.resolve();
  #renewAt = NEVER;
  #checkAt = NEVER;
  #checkedAt = 0;
  /** Whether storage was read in this join. */
  #isKnown = false;
  #timer: { at: number; cancel(): void } | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;
  #untold: PresenceChange | undefined;

  /** `emit` is called with each change, and with the members after it. */
  constructor(host: FeatureHost, emit: (change: PresenceChange, members: readonly Member[]) => void) {
    this.#host = host;
    this.#emit = emit;
    this.#state = new PresenceState({
      clock: host.clock,
      isOwn: ({ user, connection }) => this.#isMine(connection) || host.isOwn(user, undefined),
      isMine: (connection) => this.#isMine(connection),
      isHidden: ({ user, connection }) => !this.#isMine(connection) && host.hides(user),
      tell: (change) => this.#tell(change),
    });
    host.events.on(EVENT, (event) => this.#receive(event));
    host.onJoined((signal) => {
      this.#signal = signal;
      onAbort(signal, () => this.#end(signal));
    });
    host.onResync((signal) => this.#resync(signal));
    host.onVisibility((state) => this.#visibility(state));
    host.onHidden(() => this.#state.refilter());
    host.onLeave(() => this.#sayGoodbye(true, { once: true }));
  }

  get members(): readonly Member[] {
    return this.#state.members;
  }

  get count(): number {
    return this.#state.count;
  }

  get connections(): number {
    return this.#state.connections;
  }

  /** Whether the own connection is known to be the only one. */
  get isAlone(): boolean {
    return this.#mine !== undefined && this.#isKnown && !this.#state.hasOthers;
  }

  /** Enters with `data`. Entered already, it is an update if the data is given and another. */
  enter(data?: JsonObject): Promise<void> {
    return this.#inTurn(async () => {
      const mine = this.#mine;
      if (mine === undefined) await this.#appear({ data, since: Math.round(this.#host.clock.now()) });
      else if (data !== undefined && JSON.stringify(data) !== JSON.stringify(mine.entry.data))
        await this.#change(mine, data);
    });
  }

  /** Replaces the data. */
  async update(data: JsonObject): Promise<void> {
    const action = 'update the presence';
    if (!isObject(data)) throw invalidArgument(action, 'the data must be a JSON object');
    return this.#inTurn(async () => {
      const mine = this.#mine;
      if (mine === undefined) throw invalidArgument(action, 'call enter() first');
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
      this.#renewAt = NEVER;
      this.#state.left(mine.entry.connection, true);
      await this.#remove([mine.value]);
      await this.#send({ do: 'leave', c: mine.entry.connection, now: true });
    });
  }

  #isMine(connection: string): boolean {
    return this.#mine?.entry.connection === connection;
  }

  /** Stores first and tells then. */
  async #appear({ data, since }: { data?: JsonObject | undefined; since: number }): Promise<void> {
    const version = this.#host.nextId();
    const made = { connection: version, version, user: this.#host.author(), since };
    const entry = data === undefined ? made : { ...made, data };
    const mine = await this.#put(entry, 0);
    this.#mine = mine;
    this.#state.heard(entry, mine.score, false);
    await this.#announce(mine, 'enter');
  }

  async #change(mine: Mine, data: JsonObject): Promise<void> {
    const entry = { ...mine.entry, user: this.#host.author(), version: this.#host.nextId(), data };
    const changed = await this.#put(entry, mine.score, { action: 'update the presence' });
    // The page went away, or was shut out, meanwhile.
    if (this.#mine !== mine) return this.#remove([changed.value]);
    this.#mine = { ...changed, disowned: mine.disowned };
    this.#state.heard(entry, changed.score, true);
    await this.#announce(this.#mine, 'update');
    // Nobody takes the older version for the newer one.
    this.#remove([mine.value], { once: true }).catch(() => {});
  }

  /** Renews the lease, and tells what others may not know. */
  async #renew(): Promise<void> {
    const mine = this.#mine;
    if (mine === undefined) return;
    try {
      if (mine.disowned) {
        const { data, since } = mine.entry;
        await this.#appear({ data, since });
        this.#state.left(mine.entry.connection, true);
        await this.#remove([mine.value], { once: true });
        return;
      }
      // While a device sleeps, its monotonic clock may stand still and its wall clock goes on.
      const { clock } = this.#host;
      const isOver = clock.monotonic() - mine.putAt >= leaseOf(mine.score) || clock.now() >= mine.score;
      const { score, putAt } = await this.#put(mine.entry, mine.score, { once: true });
      Object.assign(mine, { score, putAt });
      if (this.#mine !== mine) await this.#remove([mine.value], { once: true });
      else if (isOver || !mine.told) await this.#announce(mine, 'enter', this.#host.nextId());
    } catch (problem) {
      this.#renewAt = this.#host.clock.monotonic() + AGAIN_MS;
      if (problem instanceof ChatError && !problem.retryable && problem.code !== 'closed')
        this.#host.report(problem);
    } finally {
      this.#arm();
    }
  }

  /** Writes the lease. `after`: the score must be greater, for it is the sign of life. */
  async #put(
    entry: PresenceEntry,
    after: number,
    how: { once?: boolean; action?: string } = {},
  ): Promise<Mine> {
    const value = encodeEntry(entry);
    const { clock } = this.#host;
    const signal = this.#signal;
    const visible = this.#host.isVisible();
    const lease = visible ? LEASE_MS : HIDDEN_LEASE_MS;
    const least = after - (after % 1000) + 1000 + lease / 1000;
    const score = Math.max(scoreFor(clock.now(), lease), least);
    // A call that takes long may have been stored at its beginning.
    const putAt = clock.monotonic();
    this.#renewAt = NEVER;
    await this.#host.call(
      sortedSetPut,
      { set: this.#key(), elements: new Map([[value, score]]), ttlSeconds: TTL_SECONDS },
      { action: 'enter the presence', ...how },
    );
    if (signal === undefined || signal !== this.#signal || signal.aborted)
      throw new ChatError('closed', 'unable to enter the presence; the room was left');
    this.#renewAt = clock.monotonic() + (visible ? RENEW_MS : HIDDEN_RENEW_MS);
    this.#arm();
    return { entry, value, score, putAt, told: false, disowned: false };
  }

  /** Tells of the entry. Should that fail, it is told with the next renewal, or read by others. */
  async #announce(mine: Mine, what: 'enter' | 'update', id = mine.entry.version): Promise<void> {
    const { connection, since, data } = mine.entry;
    try {
      const said = { do: what, c: connection, s: since, e: mine.score };
      await this.#send(data === undefined ? said : { ...said, d: data }, { id });
      mine.told = true;
    } catch {
      mine.told = false;
    }
  }

  async #send(data: JsonObject, how: { id?: string; once?: boolean; keepalive?: boolean } = {}) {
    await this.#host.events.send(EVENT, data, how).catch((problem: ChatError) => {
      if (problem.code === 'permission-denied') this.#host.report(problem);
      throw problem;
    });
  }

  #remove(values: readonly string[], how: { once?: boolean; keepalive?: boolean } = {}): Promise<void> {
    return this.#host.call(
      sortedSetRemove,
      { set: this.#key(), values },
      { action: 'leave the presence', ...how },
    );
  }

  /** The room is left or the page goes away: both calls at once, for there is no time. */
  async #sayGoodbye(now: boolean, how: { once?: boolean; keepalive?: boolean }): Promise<void> {
    const mine = this.#mine;
    if (mine === undefined) return;
    this.#mine = undefined;
    this.#renewAt = NEVER;
    if (!now) this.#state.left(mine.entry.connection, false);
    await Promise.allSettled([
      this.#remove([mine.value], how),
      this.#send({ do: 'leave', c: mine.entry.connection, now }, how),
    ]);
  }

  #visibility(state: 'visible' | 'hidden' | 'pagehide'): void {
    const mine = this.#mine;
    if (state === 'pagehide') {
      this.#away = mine?.entry ?? this.#away;
      void this.#sayGoodbye(false, { keepalive: true });
    } else if (state === 'visible' && this.#away !== undefined) {
      // Out of the browser's cache of pages.
      const away = this.#away;
      this.#away = undefined;
      this.#inTurn(() => this.#appear(away)).catch((problem: ChatError) => this.#host.report(problem));
    } else if (mine !== undefined) {
      // A hidden page needs the longer lease at once; one that is visible again has time.
      const due = state === 'hidden' ? 0 : mine.putAt + RENEW_MS;
      if (state === 'visible' || leaseOf(mine.score) === LEASE_MS) this.#renewAt = due;
      this.#arm();
    }
  }

  #receive({ data, id, user, verifiedUserId }: RoomEvent): void {
    // Somebody who claims to be somebody else.
    if (user.id !== undefined && verifiedUserId !== undefined && user.id !== verifiedUserId) return;
    if (data.do === 'timeout' && Array.isArray(data.c)) {
      for (const connection of data.c.slice(0, MAX_TOLD)) {
        if (typeof connection !== 'string') continue;
        if (this.#isMine(connection)) this.#disowned();
        else this.#state.silent(connection);
      }
    } else if (data.do === 'leave' && typeof data.c === 'string') {
      if (this.#isMine(data.c)) this.#disowned();
      else this.#state.left(data.c, data.now === true);
    } else if (data.do === 'enter' || data.do === 'update') {
      const entry = asEntry(data, id, user);
      const score = data.e;
      if (entry === undefined || typeof score !== 'number') this.#reportMalformed();
      else if (!this.#isMine(entry.connection)) this.#state.heard(entry, score, data.do === 'update');
    }
    this.#arm();
  }

  /** Others were told that this connection is gone. It is not. */
  #disowned(): void {
    const mine = this.#mine;
    if (mine === undefined || mine.disowned) return;
    mine.disowned = true;
    this.#renewAt = Math.max(this.#host.clock.monotonic(), mine.putAt + AGAIN_MS);
  }

  async #resync(signal: AbortSignal): Promise<void> {
    await this.#read(signal);
    const mine = this.#mine;
    if (mine === undefined || this.#signal !== signal) return;
    if (this.#host.clock.monotonic() - mine.putAt >= leaseOf(mine.score)) this.#renewAt = 0;
    this.#arm();
  }

  /** Reads who is there; one reading after the other. */
  #read(signal: AbortSignal): Promise<void> {
    const reading = this.#reading.then(() => this.#readNow(signal));
    this.#reading = reading.catch(() => {});
    return reading;
  }

  async #readNow(signal: AbortSignal): Promise<void> {
    const { clock } = this.#host;
    this.#checkedAt = clock.monotonic();
    this.#checkAt = NEVER;
    const reading = this.#state.begin();
    const range = { set: this.#key(), descending: true, count: MAX_READ };
    const found = await this.#host
      .call(sortedSetFetchByScore, range, { once: true, signal })
      .catch((problem: ChatError) => {
        if (problem.code !== 'permission-denied' && !isWrongKind(problem)) throw problem;
        this.#host.report(problem);
      });
    if (signal.aborted || found === undefined) return;
    const entries = new Map<string, FoundEntry>();
    const useless: string[] = [];
    let malformed = false;
    for (const { value, score } of found) {
      const entry = decodeEntry(value);
      const other = entry && entries.get(entry.connection);
      malformed ||= entry === undefined;
      if (entry === undefined || (other !== undefined && other.entry.version >= entry.version))
        useless.push(value);
      else {
        if (other !== undefined) useless.push(other.value);
        entries.set(entry.connection, { entry, score, value });
      }
    }
    if (malformed) this.#reportMalformed();
    const mine = this.#mine;
    if (mine !== undefined && entries.get(mine.entry.connection)?.score !== mine.score)
      this.#renewAt = Math.min(this.#renewAt, clock.monotonic() + AGAIN_MS);
    const { silent, stale } = this.#state.read(entries, reading);
    this.#isKnown = true;
    if (mine !== undefined) this.#clean([...stale, ...useless], silent);
    this.#arm();
  }

  /** Removes what nobody needs, and tells the others of who went silent: they need not read it. */
  #clean(values: readonly string[], silent: readonly string[]): void {
    if (values.length > 0) this.#remove(values.slice(0, MAX_CLEANED), { once: true }).catch(() => {});
    if (silent.length > 0)
      this.#send({ do: 'timeout', c: silent.slice(0, MAX_TOLD) }, { once: true }).catch(() => {});
  }

  /** Does what is due, and sets the timer for what is next. */
  #tick(): void {
    const now = this.#host.clock.monotonic();
    const signal = this.#signal;
    if (signal === undefined) return;
    this.#state.fade();
    if (this.#untold !== undefined) this.#tell(this.#untold);
    if (now >= this.#renewAt) {
      this.#renewAt = NEVER;
      this.#inTurn(() => this.#renew()).catch(() => {});
    }
    if (now >= this.#checkAt) {
      this.#checkAt = NEVER;
      // Entries that cannot be read now are read when the connection is there again.
      if (!this.#host.isOffline())
        this.#read(signal).catch(() => {
          this.#checkAt = this.#host.clock.monotonic() + LEAST_CHECK_MS;
          this.#arm();
        });
      else this.#checkAt = now + LEAST_CHECK_MS;
    } else this.#checkAt = this.#nextCheck();
    this.#arm();
  }

  /**
   * When to look who renewed: as the first lease that is known ends. The first two of the members' connections do so, and
   * tell of who went silent; the others do it a minute later each, should those two be gone.
   */
  #nextCheck(): number {
    const rank = this.#state.rankOf(this.#mine?.entry.connection);
    const turn = rank < 2 ? rank * 2000 : Math.min((rank - 1) * LEASE_MS, LATEST_TURN_MS);
    const least = this.#checkedAt + LEAST_CHECK_MS;
    const next = Math.max(this.#state.nextEnd + 500 + turn, least);
    return this.#state.hasDoubts(this.#checkedAt) ? Math.min(next, this.#checkedAt + RENEW_MS + 2000) : next;
  }

  #arm(): void {
    if (this.#signal === undefined) return;
    const { clock } = this.#host;
    const now = clock.monotonic();
    // Leases end and ranks change meanwhile: it looks again now and then, which costs no call.
    const look = this.#state.hasOthers ? now + RENEW_MS / 2 : NEVER;
    const untold = this.#untold === undefined ? NEVER : this.#toldAt + MANY_TELL_MS;
    const at = Math.min(this.#renewAt, this.#checkAt, this.#state.nextFade, untold, look);
    if (at === NEVER || (this.#timer !== undefined && this.#timer.at <= at)) return;
    this.#timer?.cancel();
    const cancel = clock.after(Math.max(0, at - now), () => {
      this.#timer = undefined;
      this.#tick();
    });
    this.#timer = { at, cancel };
  }

  #tell(change: PresenceChange): void {
    const now = this.#host.clock.monotonic();
    const isMany = this.#state.count > MANY_MEMBERS;
    this.#untold = undefined;
    if (isMany && now < this.#toldAt + MANY_TELL_MS) {
      this.#untold = change;
      this.#arm();
      return;
    }
    this.#toldAt = now;
    this.#emit(change, this.#state.members);
  }

  #end(signal: AbortSignal): void {
    if (this.#signal !== signal) return;
    this.#signal = undefined;
    this.#isKnown = false;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#mine = undefined;
    this.#away = undefined;
    this.#untold = undefined;
    this.#renewAt = NEVER;
    this.#checkAt = NEVER;
    this.#state.clear();
  }

  #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  #reportMalformed(): void {
    const why = 'unable to read who is present; something else is stored or told there';
    this.#host.report(new ChatError('malformed-message', why));
  }

  #key(): string {
    return this.#host.key('presence');
  }
}
