import type { JsonObject } from '../messages/message.js';
import { onAbort } from '../shared/on-abort.js';
import type { FeatureHost } from './feature.js';
import type { Member, PresenceChange } from './member.js';
import { OwnPresence, RENEW_MS } from './own-presence.js';
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
  #timer: { at: number; cancel(): void } | undefined;
  #toldAt = Number.NEGATIVE_INFINITY;
  #untold: PresenceChange | undefined;

  /** `emit` is called with each change, and with the members after it. */
  constructor(host: FeatureHost, emit: (change: PresenceChange, members: readonly Member[]) => void) {
    this.#host = host;
    this.#emit = emit;
    this.#state = new PresenceState({
      clock: host.clock,
      isOwn: ({ user, connection }) => this.#own.is(connection) || host.isOwn(user, undefined),
      isMine: (connection) => this.#own.is(connection),
      isHidden: ({ user, connection }) => !this.#own.is(connection) && host.hides(user),
      tell: (change) => this.#tell(change),
    });
    const onDue = () => this.#arm();
    this.#own = new OwnPresence(host, this.#state, onDue);
    this.#reader = new PresenceReader(host, this.#state, this.#own, onDue);
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
    const isEntered = this.#own.connection !== undefined;
    return isEntered && this.#reader.isKnown && !this.#hasOthers && !this.#onlookers.areThere;
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

  get #hasOthers(): boolean {
    return this.#state.leases.nextEnd(this.#own.connection) < NEVER;
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
      const entry = asEntry(data, id, user);
      const score = data.e;
      if (entry === undefined || !Number.isSafeInteger(score)) reportMalformed(this.#host);
      else if (this.#own.is(entry.connection)) this.#own.disown(id);
      else this.#state.heard(entry, Number(score), data.do === 'update');
    }
    this.#arm();
  }

  /** Does what is due, and sets the timer for what is next. */
  #tick(): void {
    const signal = this.#own.signal;
    if (signal === undefined) return;
    const now = this.#host.clock.monotonic();
    this.#state.members.fade();
    if (this.#untold !== undefined) this.#tell(this.#untold);
    if (now >= this.#own.renewAt) this.#own.renew();
    this.#reader.tick(signal);
    this.#onlookers.tell();
    this.#arm();
  }

  #arm(): void {
    if (this.#own.signal === undefined) return;
    this.#onlookers.look();
    const { clock } = this.#host;
    const now = clock.monotonic();
    // Leases end and ranks change meanwhile: it looks again now and then, which costs no call.
    const look = this.#hasOthers ? now + RENEW_MS / 2 : NEVER;
    const untold = this.#untold === undefined ? NEVER : this.#toldAt + MANY_TELL_MS;
    const { nextFade } = this.#state.members;
    const { tellAt } = this.#onlookers;
    const at = Math.min(this.#own.renewAt, this.#reader.checkAt, tellAt, nextFade, untold, look);
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
    const isMany = this.count > MANY_MEMBERS;
    this.#untold = undefined;
    if (isMany && now < this.#toldAt + MANY_TELL_MS) {
      this.#untold = change;
      this.#arm();
      return;
    }
    this.#toldAt = now;
    this.#emit(change, this.members);
  }

  #end(signal: AbortSignal): void {
    if (this.#own.signal !== signal) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#untold = undefined;
    this.#own.end();
    this.#reader.end();
    this.#onlookers.end();
    this.#state.clear();
  }
}
