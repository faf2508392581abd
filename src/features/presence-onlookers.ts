import type { FeatureHost } from './feature.js';
import type { OwnPresence } from './own-presence.js';
import { tellWatching } from './presence-calls.js';
import type { PresenceState } from './presence-state.js';

/** A member who is alone is told within this time, by the first onlooker for all of them (milliseconds). */
const LATEST_MS = 3000;
/** Lets a thousand onlookers answer as rarely as one: most draw a late moment, and hear the first one before it. */
const LATENESS = 1 / 8;
/** It is told again after so long, should that fail (milliseconds). */
const AGAIN_MS = 15_000;
const NEVER = Number.POSITIVE_INFINITY;

/**
 * Those who look on without having entered. They are in no entry, so a member whose connection is the only one would take
 * the room for empty, and tell nobody of typing. An onlooker tells that connection, once.
 */
export class Onlookers {
  /** When to tell (monotonic); see {@link tell}. */
  tellAt = NEVER;
  /** Whether an onlooker told the own connection in this join. */
  areThere = false;
  readonly #host: FeatureHost;
  readonly #state: PresenceState;
  readonly #own: OwnPresence;
  /** The connection that was told, by whomever. */
  #told: string | undefined;

  constructor(host: FeatureHost, state: PresenceState, own: OwnPresence) {
    this.#host = host;
    this.#state = state;
    this.#own = own;
  }

  /** Something may have changed: looks whether there is a connection to be told. */
  look(): void {
    const { clock } = this.#host;
    if (this.#lonely() === undefined) this.tellAt = NEVER;
    else if (this.tellAt === NEVER) this.tellAt = clock.monotonic() + LATEST_MS * clock.random() ** LATENESS;
  }

  /** Tells, if it is time. */
  tell(): void {
    const { clock } = this.#host;
    if (clock.monotonic() < this.tellAt) return;
    this.tellAt = NEVER;
    const connection = this.#lonely();
    if (connection === undefined) return;
    this.#told = connection;
    tellWatching(this.#host, connection).catch(({ retryable }) => {
      if (!retryable || this.#told !== connection) return;
      this.#told = undefined;
      this.tellAt = clock.monotonic() + AGAIN_MS;
    });
  }

  /** An onlooker told this connection. */
  heard(connection: string, own: boolean): void {
    if (!this.#own.is(connection)) this.#told = connection;
    else if (!own) this.areThere = true;
  }

  /** The join is over. */
  end(): void {
    this.areThere = false;
    this.#told = undefined;
    this.tellAt = NEVER;
  }

  /** The only connection, if it is somebody else's and was not told. */
  #lonely(): string | undefined {
    const [first, second] = this.#state.leases.all();
    if (first === undefined || second !== undefined || this.#host.isOffline()) return undefined;
    const { connection, user } = first.entry;
    const knows = connection === this.#told || this.#own.is(connection);
    return knows || this.#host.isOwn(user, undefined) ? undefined : connection;
  }
}
