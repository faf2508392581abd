import type { Clock } from '../shared/clock.js';
import { bySince, looksSame, type Member, type PresenceChange } from './member.js';

/** A member who has no connection any more may be reloading the page (milliseconds). */
const GRACE_MS = 5000;
/** Members of whom more than a count is kept for the app. */
const MAX_LISTED = 200;

/** How a connection changed. `fade`: gone, but its member may come back within the grace. */
export type ConnectionChange = 'none' | 'update' | 'leave' | 'fade' | 'timeout';

/** The members as the app sees them, and the changes that it is told of. */
export class PresenceMembers {
  readonly #clock: Clock;
  readonly #tell: (change: PresenceChange) => void;
  readonly #members = new Map<string, Member>();
  /** Until when members without a connection are taken to reload (monotonic). */
  readonly #departing = new Map<string, number>();
  #listed: readonly Member[] | undefined;

  constructor(clock: Clock, tell: (change: PresenceChange) => void) {
    this.#clock = clock;
    this.#tell = tell;
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
      if (!this.#departing.has(key)) this.#departing.set(key, this.#clock.monotonic() + GRACE_MS);
    } else if (known !== undefined && (how === 'leave' || how === 'timeout')) this.#depart(key, how);
  }

  /** Members whose grace is over have left. */
  fade(): void {
    const now = this.#clock.monotonic();
    for (const [key, at] of this.#departing) if (at <= now) this.#depart(key, 'leave');
  }

  /** When {@link fade} is to be called next (monotonic). */
  get nextFade(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.#departing.values());
  }

  /** The join is over: nobody is told to have left. */
  clear(): void {
    this.#members.clear();
    this.#departing.clear();
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
