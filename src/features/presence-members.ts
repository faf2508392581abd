import { Alarm } from '../shared/alarm.js';
import type { Scheduler } from '../shared/clock.js';
import { bySince, looksSame, type Member, type PresenceChange } from './member.js';

/** A member who has no connection any more may be reloading the page (milliseconds). */
const GRACE_MS = 5000;
/** Members of whom more than a count is kept for the app. */
const MAX_LISTED = 200;

/** How a connection changed. `fade`: gone, but its member may come back within the grace. */
export type ConnectionChange = 'none' | 'update' | 'leave' | 'fade' | 'timeout';

/** The members as the app sees them, and the changes that it is told of. */
export class PresenceMembers {
  readonly #clock: Scheduler;
  readonly #tell: (change: PresenceChange) => void;
  readonly #members = new Map<string, Member>();
  /** Until when members without a connection are taken to reload (monotonic). */
  readonly #departing = new Map<string, number>();
  readonly #fading: Alarm;
  #listed: readonly Member[] | undefined;

  constructor(clock: Scheduler, tell: (change: PresenceChange) => void) {
    this.#clock = clock;
    this.#tell = tell;
    this.#fading = new Alarm(clock, () => this.#fade());
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
  get list(): readonly Member[] {
    this.#listed ??= [...this.#members.values()].sort(bySince).slice(0, MAX_LISTED);
    return this.#listed;
  }

  /** Tells what the change of a connection means for its member, who is `member` now; undefined without a connection. */
  settle(key: string, member: Member | undefined, how: ConnectionChange): void {
    const known = this.#members.get(key);
    if (member !== undefined) {
      this.#departing.delete(key);
      this.#members.set(key, member);
      this.#listed = undefined;
      if (known === undefined) this.#tell({ type: 'enter', member });
      else if (how === 'update' || !looksSame(known, member)) this.#tell({ type: 'update', member });
    } else if (known !== undefined && how === 'fade') {
      const until = this.#departing.get(key) ?? this.#clock.monotonic() + GRACE_MS;
      this.#departing.set(key, until);
      this.#fading.at = Math.min(this.#fading.at, until);
    } else if (known !== undefined && (how === 'leave' || how === 'timeout')) this.#depart(key, how);
  }

  /** Members whose grace is over have left. */
  #fade(): void {
    const now = this.#clock.monotonic();
    for (const [key, at] of this.#departing) if (at <= now) this.#depart(key, 'leave');
    this.#fading.at = Math.min(Number.POSITIVE_INFINITY, ...this.#departing.values());
  }

  /** The join is over: nobody is told to have left. */
  clear(): void {
    this.#members.clear();
    this.#departing.clear();
    this.#fading.at = Number.POSITIVE_INFINITY;
    this.#listed = undefined;
  }

  #depart(key: string, type: 'leave' | 'timeout'): void {
    const member = this.#members.get(key);
    this.#departing.delete(key);
    this.#members.delete(key);
    this.#listed = undefined;
    if (member !== undefined) this.#tell({ type, member });
  }
}
