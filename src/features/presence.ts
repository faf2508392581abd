import type { JsonObject } from '../messages/message.js';
import { Alarm } from '../shared/alarm.js';
import { onAbort } from '../shared/on-abort.js';
import type { FeatureHost } from './feature.js';
import type { Member, PresenceChange } from './member.js';
import { OwnPresence } from './own-presence.js';
import { MAX_TOLD, PRESENCE, reportMalformed } from './presence-calls.js';
import { asEntry } from './presence-entry.js';
import { Onlookers } from './presence-onlookers.js';
import { PresenceReader } from './presence-reader.js';
import { PresenceState } from './presence-state.js';
import type { RoomEvent } from './room-event.js';
import { isForged } from './user-key.js';

/** Among so many each change is told no more, but one every five seconds. */
const MANY_MEMBERS = 200;
const MANY_TELL_MS = 5000;
const NEVER = Number.POSITIVE_INFINITY;

/** The people in the room: entries with leases in a sorted set, and events that tell of their changes. */
export class Presence {
  readonly #host: FeatureHost;
  readonly #emit: (change: PresenceChange, members: readonly Member[]) => void;
  readonly #own: OwnPresence;
  readonly #state: PresenceState;
  readonly #reader: PresenceReader;
  readonly #onlookers: Onlookers;
  readonly #telling: Alarm;
  #toldAt = Number.NEGATIVE_INFINITY;
  #untold: PresenceChange | undefined;

  /** `emit` is called with each change, and with the members after it. */
  constructor(host: FeatureHost, emit: (change: PresenceChange, members: readonly Member[]) => void) {
    this.#host = host;
    this.#emit = emit;
    this.#telling = new Alarm(host.clock, () => {
      if (this.#untold !== undefined) this.#tell(this.#untold);
    });
    this.#state = new PresenceState({
      clock: host.clock,
      isOwn: ({ user, connection }) => this.#own.is(connection) || host.isOwn(user, undefined),
      isMine: (connection) => this.#own.is(connection),
      isHidden: ({ user, connection }) => !this.#own.is(connection) && host.hides(user),
      tell: (change) => this.#tell(change),
    });
    const onChange = () => this.#look();
    this.#own = new OwnPresence(host, this.#state, onChange);
    this.#reader = new PresenceReader(host, this.#state, this.#own, onChange);
    this.#onlookers = new Onlookers(host, this.#state, this.#own);
    host.events.on(PRESENCE, (event) => this.#receive(event));
    host.onJoined((signal) => {
      this.#own.signal = signal;
      onAbort(signal, () => this.#end(signal));
    });
    host.onResync(async (signal) => {
      await this.#reader.read(signal);
      if (this.#own.signal === signal) this.#own.resync();
    });
    host.onHidden(() => this.#state.refilter());
  }

  get members(): readonly Member[] {
    return this.#state.members.list;
  }

  get count(): number {
    return this.#state.members.count;
  }

  get connections(): number {
    return this.#state.members.connections;
  }

  /** Whether the own connection is known to be the only one, and nobody looks on who said so. */
  get isAlone(): boolean {
    const { connection } = this.#own;
    const isOnly = connection !== undefined && this.#state.leases.nextEnd(connection) === NEVER;
    return isOnly && this.#reader.isKnown && !this.#onlookers.areThere;
  }

  enter(data?: JsonObject): Promise<void> {
    return this.#own.enter(data);
  }

  update(data: JsonObject): Promise<void> {
    return this.#own.update(data);
  }

  leave(): Promise<void> {
    return this.#own.leave();
  }

  #receive({ data, id, user, own, verifiedUserId }: RoomEvent): void {
    if (isForged(user, verifiedUserId)) return;
    if (data.do === 'timeout' && Array.isArray(data.c)) {
      for (const connection of data.c.slice(0, MAX_TOLD)) {
        if (typeof connection !== 'string') continue;
        if (this.#own.is(connection)) this.#own.untold();
        else this.#state.silent(connection);
      }
    } else if (data.do === 'leave' && typeof data.c === 'string') {
      if (this.#own.is(data.c)) this.#own.disown();
      else if (this.#state.leases.mayBeOf(data.c, user)) this.#state.left(data.c, data.now === true);
    } else if (data.do === 'watch' && typeof data.c === 'string') this.#onlookers.heard(data.c, own);
    else if (data.do === 'enter' || data.do === 'update') {
      const entry = asEntry(data, data.r ?? id, user);
      const score = data.e;
      // A version from after its event is of no good.
      if (entry === undefined || entry.version > id || !Number.isSafeInteger(score))
        reportMalformed(this.#host);
      else if (this.#own.is(entry.connection)) this.#own.disown(id);
      else this.#state.heard(entry, Number(score), data.do === 'update');
    }
    this.#look();
  }

  /** The members may have changed: plans when to look who renewed, and whom to tell of an onlooker. */
  #look(): void {
    if (this.#own.signal === undefined) return;
    this.#reader.plan();
    this.#onlookers.look();
  }

  #tell(change: PresenceChange): void {
    const now = this.#host.clock.monotonic();
    this.#untold = undefined;
    if (this.count > MANY_MEMBERS && now < this.#toldAt + MANY_TELL_MS) {
      this.#untold = change;
      this.#telling.at = this.#toldAt + MANY_TELL_MS;
      return;
    }
    this.#toldAt = now;
    this.#emit(change, this.members);
  }

  #end(signal: AbortSignal): void {
    if (this.#own.signal !== signal) return;
    this.#telling.at = NEVER;
    this.#own.end();
    this.#reader.end();
    this.#onlookers.end();
    this.#state.clear();
  }
}
