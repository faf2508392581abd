import type { ChatUser, JsonObject, Message } from '../messages/message.js';
import { idTime } from '../messages/message-id.js';
import { onAbort } from '../shared/on-abort.js';
import { remember } from '../shared/remember.js';
import type { FeatureHost } from './feature.js';
import type { RoomEvent } from './room-event.js';
import { isForged, userKey } from './user-key.js';

/** The others who are writing in a room, and the part of the room's own user in it. */
export interface RoomTyping {
  /** Call it with each key while the draft is not empty; others are told every five seconds at most. */
  keystroke(): void;
  /** Call it when the draft is emptied or loses the focus. Sending the message does it as well. */
  stop(): void;
  /** The first ten of the others who are writing, in the order in which they began. The same array until it changes. */
  readonly users: readonly Readonly<ChatUser>[];
  /** Whether more are writing than `users` names. */
  readonly many: boolean;
}

export interface TypingOptions {
  /** Names the thread that this is about. Default: the room itself. */
  scope?: string | undefined;
}

const EVENT = 'typing';
/** Others are told so often at most (ms). */
const EVERY_MS = 5000;
/** A user who gives no sign for so long writes no more (ms). */
const GONE_MS = 7000;
/** In any minute others are told so often at most, and of the end of it. */
const MINUTE_MS = 60_000;
const PER_MINUTE = 12;
/** No sign comes later than this, since none is sent again: ids that are further apart are of two clocks (ms). */
const LATE_MS = 15_000;
const MAX_USERS = 10;
/** So many are kept at most: of users who write, and of users who stopped. */
const MAX_KEPT = 200;

interface Typist {
  user: Readonly<ChatUser>;
  /** Id of the last sign. */
  sign: string;
  /** When the user is gone (monotonic, ms). */
  until: number;
}

/** The end of somebody's writing: signs that were given before it count no more. */
interface End {
  id: string;
  at: number;
}

/** Tells others that the room's own user is writing, and keeps who else is. Nothing of it is stored. */
export class Typing implements RoomTyping {
  readonly #host: FeatureHost;
  readonly #onChange: () => void;
  readonly #scope: string | undefined;
  readonly #typists = new Map<string, Typist>();
  readonly #ended = new Map<string, End>();
  /** When others were told in the last minute (monotonic, ms). */
  #told: number[] = [];
  /** When others were last told that the user is writing, unless they know the end of it. */
  #startedAt: number | undefined;
  #users: readonly Readonly<ChatUser>[] = [];
  #many = false;
  #isJoined = false;
  /** Somebody else typed or wrote since the room was joined. */
  #metOthers = false;
  #cancel = () => {};

  /** Calls `onChange` when `users` or `many` has a new value. */
  constructor(host: FeatureHost, onChange: () => void, { scope }: TypingOptions = {}) {
    this.#host = host;
    this.#onChange = onChange;
    this.#scope = scope;
    host.events.on(EVENT, (event) => this.#receive(event));
    host.timeline.onMessage((message) => this.#receiveMessage(message));
    host.onVisibility((state) => {
      if (state !== 'visible') void this.#stop({ keepalive: true });
    });
    host.onLeave(() => this.#stop({ keepalive: true }));
    host.onHidden(() => {
      for (const [key, { user }] of this.#typists) if (host.hides(user)) this.#typists.delete(key);
      this.#changed();
    });
    host.onJoined((signal) => {
      this.#isJoined = true;
      onAbort(signal, () => this.#forget());
    });
  }

  get users(): readonly Readonly<ChatUser>[] {
    return this.#users;
  }

  get many(): boolean {
    return this.#many;
  }

  keystroke(): void {
    const now = this.#host.clock.monotonic();
    if (this.#startedAt !== undefined && now - this.#startedAt < EVERY_MS) return;
    // Where many are writing already, one more is no news.
    if (!this.#host.isVisible() || this.#many) return;
    // Somebody who wrote here may be in the room without having entered its presence.
    if (!this.#metOthers && this.#host.isAlone()) return;
    this.#told = this.#told.filter((at) => now - at < MINUTE_MS);
    if (this.#told.length >= PER_MINUTE) return;
    if (this.#send({ on: true }) !== undefined) this.#startedAt = now;
  }

  stop(): void {
    void this.#stop({});
  }

  /** Resolves when others were told, as far as that could be done. */
  async #stop(how: { keepalive?: boolean }): Promise<void> {
    const startedAt = this.#startedAt;
    this.#startedAt = undefined;
    if (startedAt === undefined || this.#host.clock.monotonic() - startedAt > GONE_MS) return;
    await this.#send({ on: false }, how);
  }

  /** Returns undefined when nothing can be sent now. A failed event is not sent again: by then it would be wrong. */
  #send(data: JsonObject, { keepalive = false }: { keepalive?: boolean } = {}): Promise<unknown> | undefined {
    const { events, clock } = this.#host;
    if (!this.#isJoined || this.#host.isOffline()) return undefined;
    const scope = this.#scope === undefined ? {} : { thread: this.#scope };
    this.#told.push(clock.monotonic());
    return events
      .send(EVENT, { ...data, ...scope }, keepalive ? { keepalive } : { once: true })
      .catch(() => {});
  }

  #receive({ id, data: { on, thread }, user, own, verifiedUserId }: RoomEvent): void {
    if (own || thread !== this.#scope || typeof on !== 'boolean') return;
    if (isForged(user, verifiedUserId)) return;
    this.#metOthers = true;
    if (this.#host.hides(user, verifiedUserId)) return;
    const key = userKey(user);
    if (!on) {
      this.#end(key, id);
      return;
    }
    const typist = this.#typists.get(key);
    const now = this.#host.clock.monotonic();
    const ended = this.#ended.get(key);
    if (ended !== undefined && now - ended.at < LATE_MS && isLate(id, ended.id)) return;
    if (typist === undefined && this.#typists.size >= MAX_KEPT) return;
    const until = now + GONE_MS;
    if (typist === undefined) this.#typists.set(key, { user, sign: id, until });
    else Object.assign(typist, { until, sign: isLate(id, typist.sign) ? typist.sign : id });
    this.#changed();
  }

  #receiveMessage({ id, user, verifiedUserId, own, status }: Message): void {
    // The message tells others that it is written.
    if (own && status === 'sending') this.#startedAt = undefined;
    if (own) return;
    this.#metOthers = true;
    if (!isForged(user, verifiedUserId)) this.#end(userKey(user), id);
  }

  /** The user wrote no more when `id` was made. */
  #end(key: string, id: string): void {
    const before = this.#ended.get(key);
    const now = this.#host.clock.monotonic();
    const later = before !== undefined && now - before.at < LATE_MS && isLate(id, before.id);
    remember(this.#ended, key, later ? before : { id, at: now }, MAX_KEPT);
    const typist = this.#typists.get(key);
    const isOld = this.#host.clock.now() - idTime(id) >= LATE_MS;
    if (typist === undefined || (id < typist.sign && (isOld || isLate(id, typist.sign)))) return;
    this.#typists.delete(key);
    this.#changed();
  }

  /** Looks who is gone, tells of a change, and waits for the next who may be. */
  #changed(): void {
    const { clock } = this.#host;
    const now = clock.monotonic();
    for (const [key, { until }] of this.#typists) if (until <= now) this.#typists.delete(key);
    this.#cancel();
    const next = Math.min(...[...this.#typists.values()].map(({ until }) => until));
    this.#cancel =
      this.#typists.size > 0
        ? clock.after(next - now, () => this.#changed(), { background: true })
        : () => {};
    const users = [...this.#typists.values()].slice(0, MAX_USERS).map(({ user }) => user);
    const many = this.#typists.size > MAX_USERS;
    const isSame =
      users.length === this.#users.length && users.every((user, index) => user === this.#users[index]);
    if (isSame && many === this.#many) return;
    this.#users = users;
    this.#many = many;
    this.#onChange();
  }

  /** The room was left. */
  #forget(): void {
    this.#isJoined = false;
    this.#metOthers = false;
    this.#startedAt = undefined;
    this.#told = [];
    this.#ended.clear();
    this.#typists.clear();
    this.#changed();
  }
}

/** Whether `id` came after `than` and was made before it. An id from the future makes none late. */
function isLate(id: string, than: string): boolean {
  return id < than && idTime(than) - idTime(id) < LATE_MS;
}
