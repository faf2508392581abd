import { Alarm } from '../shared/alarm.js';
import type { FeatureHost } from './feature.js';
import type { OwnPresence } from './own-presence.js';
import { tellWatching } from './presence-calls.js';
import { LEASE_MS } from './presence-entry.js';
import type { PresenceState } from './presence-state.js';

/** A member who is alone is told within this time, by the first onlooker for all of them (milliseconds). */
const LATEST_MS = 3000;
/** Lets a thousand onlookers answer as rarely as one: most draw a late moment, and hear the first one before it. */
const LATENESS = 1 / 8;
/** It is told again after so long, should that fail (milliseconds). */
const AGAIN_MS = 15_000;
/** The user who told it last tells it again after so long, and others a little later (milliseconds). */
const RENEW_MS = 45_000;
const NEVER = Number.POSITIVE_INFINITY;

/**
 * Those who look on without having entered. They are in no entry, so a member whose connection is the only one would take
 * the room for empty, and tell nobody of typing. An onlooker tells that connection, which believes it for the time of a lease.
 */
export class Onlookers {
  readonly #host: FeatureHost;
  readonly #state: PresenceState;
  readonly #own: OwnPresence;
  readonly #telling: Alarm;
  /** The connection that was told, when (monotonic), and whether by the room's own user. */
  #told: { connection: string; at: number; own: boolean } | undefined;
  /** The connection that is to be told next. */
  #next: string | undefined;
  /** Until when the own connection believes what it was told (monotonic). */
  #thereUntil = 0;

  constructor(host: FeatureHost, state: PresenceState, own: OwnPresence) {
    this.#host = host;
    this.#state = state;
    this.#own = own;
    this.#telling = new Alarm(host.clock, () => this.#tell());
  }

  /** Whether an onlooker told the own connection within the time of a lease. */
  get areThere(): boolean {
    return this.#host.clock.monotonic() < this.#thereUntil;
  }

  /** Something may have changed: looks whether there is a connection to be told. */
  look(): void {
    const { clock } = this.#host;
    const connection = this.#lonely();
    if (connection === undefined) this.#telling.at = NEVER;
    else if (this.#telling.at === NEVER || connection !== this.#next) {
      this.#next = connection;
      const told = this.#told;
      const again = told?.connection === connection ? told.at + RENEW_MS + (told.own ? 0 : LATEST_MS) : 0;
      this.#telling.at = Math.max(clock.monotonic(), again) + LATEST_MS * clock.random() ** LATENESS;
    }
  }

  #tell(): void {
    const { clock } = this.#host;
    const connection = this.#lonely();
    if (connection === undefined) return;
    const told = { connection, at: clock.monotonic(), own: true };
    this.#told = told;
    tellWatching(this.#host, connection).catch(({ retryable }) => {
      // Those who may not tell leave it to others.
      told.at = retryable ? clock.monotonic() + AGAIN_MS - RENEW_MS : NEVER;
      this.#telling.at = NEVER;
      this.look();
    });
    this.look();
  }

  /** An onlooker told this connection. */
  heard(connection: string, own: boolean): void {
    const now = this.#host.clock.monotonic();
    if (!this.#own.is(connection)) {
      this.#told = { connection, at: now, own };
      this.#telling.at = NEVER;
    } else if (!own) this.#thereUntil = now + LEASE_MS;
  }

  /** The join is over. */
  end(): void {
    this.#thereUntil = 0;
    this.#told = undefined;
    this.#telling.at = NEVER;
  }

  /** The only connection, if it is somebody else's. */
  #lonely(): string | undefined {
    const [first, second] = this.#state.leases.all();
    if (first === undefined || second !== undefined || this.#host.isOffline()) return undefined;
    const { connection, user } = first.entry;
    return this.#own.is(connection) || this.#host.isOwn(user, undefined) ? undefined : connection;
  }
}
