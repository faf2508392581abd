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
const NEVER = Number.POSITIVE_INFINITY;

/** Reads who is there, looks in time who renewed, and cleans away what nobody needs. */
export class PresenceReader {
  /** When to look (monotonic); see {@link tick}. */
  checkAt = NEVER;
  /** Whether storage was read in this join. */
  isKnown = false;
  readonly #host: FeatureHost;
  readonly #state: PresenceState;
  readonly #own: OwnPresence;
  readonly #onDue: () => void;
  #reading: Promise<unknown> = Promise.resolve();
  #checkedAt = 0;

  /** `onDue` is called when `checkAt` may have changed. */
  constructor(host: FeatureHost, state: PresenceState, own: OwnPresence, onDue: () => void) {
    this.#host = host;
    this.#state = state;
    this.#own = own;
    this.#onDue = onDue;
  }

  /** Reads who is there; one reading after the other. */
  read(signal: AbortSignal): Promise<void> {
    const reading = this.#reading.then(() => this.#readNow(signal));
    this.#reading = reading.catch(() => {});
    return reading;
  }

  /** Looks when it is time, and else says when that will be. */
  tick(signal: AbortSignal): void {
    const now = this.#host.clock.monotonic();
    if (now < this.checkAt) this.checkAt = this.#nextCheck();
    // Entries that cannot be read now are read when the connection is there again.
    else if (this.#host.isOffline()) this.checkAt = now + LEAST_CHECK_MS;
    else {
      this.checkAt = NEVER;
      this.read(signal).catch(() => {
        this.checkAt = this.#host.clock.monotonic() + LEAST_CHECK_MS;
        this.#onDue();
      });
    }
  }

  /** The join is over. */
  end(): void {
    this.isKnown = false;
    this.checkAt = NEVER;
  }

  async #readNow(signal: AbortSignal): Promise<void> {
    this.#checkedAt = this.#host.clock.monotonic();
    this.checkAt = NEVER;
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
    this.#onDue();
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
