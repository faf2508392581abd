import { Alarm } from '../shared/alarm.js';
import { inTurn } from '../shared/in-turn.js';
import type { FeatureHost } from './feature.js';
import { isFromFuture } from './from-future.js';
import { memberKey } from './member.js';
import { type OwnPresence, RENEW_MS } from './own-presence.js';
import { readEntries, removeEntries, reportMalformed, tellSilent } from './presence-calls.js';
import { decodeEntry, LEASE_MS, type PresenceEntry } from './presence-entry.js';
import type { FoundEntry, PresenceState } from './presence-state.js';

const MAX_CLEANED = 100;
/** Between two looks at who renewed (milliseconds). */
const LEAST_CHECK_MS = 15_000;
const LATEST_TURN_MS = 15 * 60_000;

/** Reads who is there, looks in time who renewed, and cleans away what nobody needs. */
export class PresenceReader {
  /** Whether storage was read in this join. */
  isKnown = false;
  readonly #host: FeatureHost;
  readonly #state: PresenceState;
  readonly #own: OwnPresence;
  readonly #onRead: () => void;
  readonly #check: Alarm;
  readonly #inTurn = inTurn();
  #checkedAt = 0;

  /** `onRead` is called when storage was read. */
  constructor(host: FeatureHost, state: PresenceState, own: OwnPresence, onRead: () => void) {
    this.#host = host;
    this.#state = state;
    this.#own = own;
    this.#onRead = onRead;
    this.#check = new Alarm(host.clock, () => this.#look());
  }

  /** Reads who is there; one reading after the other. */
  read(signal: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#readNow(signal));
  }

  /** Plans when to look. */
  plan(): void {
    if (this.#own.signal !== undefined) this.#check.at = this.#nextCheck();
  }

  #look(): void {
    const { signal } = this.#own;
    // Entries that cannot be read now are read when the connection is there again.
    if (signal === undefined || this.#host.isOffline()) {
      this.#checkedAt = this.#host.clock.monotonic();
      this.plan();
    } else this.read(signal).catch(() => this.plan());
  }

  /** The join is over. */
  end(): void {
    this.isKnown = false;
    this.#check.at = Number.POSITIVE_INFINITY;
  }

  async #readNow(signal: AbortSignal): Promise<void> {
    this.#checkedAt = this.#host.clock.monotonic();
    this.plan();
    const reading = this.#state.begin();
    const found = await readEntries(this.#host, signal);
    if (signal.aborted || found === undefined) return;
    const entries = new Map<string, FoundEntry>();
    const useless: string[] = [];
    let malformed = false;
    for (const { value, score } of found) {
      const entry = Number.isSafeInteger(score) ? decodeEntry(value) : undefined;
      const other = entry && entries.get(entry.connection);
      malformed ||= entry === undefined;
      if (entry === undefined) useless.push(value);
      else if (other === undefined) entries.set(entry.connection, { entry, score, value });
      else {
        const found = { entry, score, value };
        const [stands, falls] = this.#isBetter(entry, other.entry) ? [found, other] : [other, found];
        entries.set(entry.connection, stands);
        // Of two members nobody knows for sure who is lying, but the one whose connection it is.
        const isOfOne = memberKey(entry) === memberKey(other.entry);
        if (isOfOne || this.#own.is(entry.connection)) useless.push(falls.value);
      }
    }
    if (malformed) reportMalformed(this.#host);
    const own = this.#own.connection;
    if (own !== undefined) this.#own.found(entries.get(own));
    const { silent, stale } = this.#state.read(entries, reading);
    this.isKnown = true;
    if (own !== undefined) this.#clean([...stale, ...useless], silent);
    this.#onRead();
  }

  /**
   * Of two entries of a connection: that of the member whose connection it was so far, else the newer one. One from the future is
   * older than any other, or it would stand until then.
   */
  #isBetter(a: PresenceEntry, b: PresenceEntry): boolean {
    const { leases } = this.#state;
    const [mayBeA, mayBeB] = [a, b].map(({ connection, user }) => leases.mayBeOf(connection, user));
    if (mayBeA !== mayBeB) return mayBeA === true;
    const [isFuture, wasFuture] = [a, b].map(({ version }) => isFromFuture(this.#host, version));
    return isFuture === wasFuture ? a.version > b.version : wasFuture === true;
  }

  /** Removes what nobody needs, and tells the others of who went silent: they need not read it. */
  #clean(values: readonly string[], silent: readonly string[]): void {
    if (values.length > 0)
      removeEntries(this.#host, values.slice(0, MAX_CLEANED), { once: true }).catch(() => {});
    if (silent.length > 0) tellSilent(this.#host, silent).catch(() => {});
  }

  /**
   * When to look who renewed: as the first lease that is known ends. The first two of the members' connections do so, and
   * tell of who went silent; the others do it a minute later each, should those two be gone.
   */
  #nextCheck(): number {
    const { leases } = this.#state;
    const { connection } = this.#own;
    const rank = leases.rankOf(connection);
    const turn = rank < 2 ? rank * 2000 : Math.min((rank - 1) * LEASE_MS, LATEST_TURN_MS);
    const least = this.#checkedAt + LEAST_CHECK_MS;
    const next = Math.max(leases.nextEnd(connection) + 500 + turn, least);
    return leases.hasDoubts(this.#checkedAt) ? Math.min(next, this.#checkedAt + RENEW_MS + 2000) : next;
  }
}
