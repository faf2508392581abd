import type { JoinedRoom, RoomSummary } from '../session/room-directory.js';
import type { Scheduler } from '../shared/clock.js';
import type { DirectoryState } from './directory-state.js';
import { preview, type RoomHead } from './room-head.js';
import { MAX_READ } from './room-heads.js';

const NO_ROOMS: readonly RoomSummary[] = [];
/** Changes are told so often at most (milliseconds). */
const INTERVAL_MS = 100;
/** A room is read anew after so long when events may have been missed (milliseconds). */
const STALE_MS = 60_000;

interface KnownHead extends RoomHead {
  /** The room's last activity when it was read. */
  readonly at: number | undefined;
  readonly readAt: number;
}

export interface RoomListOptions {
  state: DirectoryState;
  joined: ReadonlySet<JoinedRoom>;
  scheduler: Scheduler;
  /** The room is to be read. */
  onNeeded(room: string): void;
  onChange(list: readonly RoomSummary[]): void;
}

/** The list that an app shows: what the directory says, and what is known of each room. */
export class RoomList {
  readonly #options: RoomListOptions;
  readonly #heads = new Map<string, KnownHead>();
  /** Rooms that something was heard of. */
  readonly #touched = new Set<string>();
  /** The facts that each summary of a room that is not joined was made of. */
  readonly #facts = new WeakMap<RoomSummary, readonly unknown[]>();
  #list = NO_ROOMS;
  #open = false;
  #announcedAt = Number.NEGATIVE_INFINITY;
  #cancel: (() => void) | undefined;

  constructor(options: RoomListOptions) {
    this.#options = options;
  }

  get list(): readonly RoomSummary[] {
    return this.#list;
  }

  begin(): void {
    this.#open = true;
    this.refresh();
    this.#build();
  }

  end(): void {
    this.#open = false;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#heads.clear();
    this.#touched.clear();
    this.#list = NO_ROOMS;
  }

  /** Something was heard of a room. */
  touch(room: string): void {
    if (!this.#open) return;
    this.#touched.add(room);
    this.#soon();
  }

  setHead(room: string, head: RoomHead): void {
    const { state, scheduler } = this.#options;
    this.#heads.set(room, { ...head, at: state.at(room), readAt: scheduler.monotonic() });
    this.#soon();
  }

  /** Everything may have changed. Returns the names of the rooms, the latest activity first. */
  refresh(): readonly string[] {
    const { state, scheduler } = this.#options;
    const names = state.names();
    const stale = scheduler.monotonic() - STALE_MS;
    for (const room of names.slice(0, MAX_READ)) {
      const head = this.#heads.get(room);
      if (head === undefined || head.at !== state.at(room) || head.readAt <= stale) this.#touched.add(room);
    }
    this.#soon();
    return names;
  }

  #soon(): void {
    if (!this.#open || this.#cancel !== undefined) return;
    const { scheduler } = this.#options;
    const wait = Math.max(0, this.#announcedAt + INTERVAL_MS - scheduler.monotonic());
    this.#cancel = scheduler.after(wait, () => {
      this.#cancel = undefined;
      this.#announcedAt = scheduler.monotonic();
      const before = this.#list;
      this.#build();
      if (this.#list !== before) this.#options.onChange(this.#list);
    });
  }

  #build(): void {
    const { state, joined, onNeeded } = this.#options;
    const names = state.names();
    const rooms = new Map([...joined].map((room) => [room.room, room]));
    const before = new Map(this.#list.map((room) => [room.name, room]));
    const list: RoomSummary[] = [];
    const needed: string[] = [];
    for (const [index, name] of names.entries()) {
      if (this.#touched.has(name) && (index < MAX_READ || this.#heads.has(name)) && !this.#isKnown(name))
        needed.push(name);
      list.push(this.#summary(name, rooms.get(name), before.get(name)));
    }
    // The one that is asked for last is read first.
    for (const name of needed.reverse()) onNeeded(name);
    for (const name of this.#heads.keys()) if (!state.has(name)) this.#heads.delete(name);
    this.#touched.clear();
    const same = list.length === this.#list.length && list.every((room, index) => room === this.#list[index]);
    if (!same) this.#list = Object.freeze(list);
  }

  #summary(name: string, joined: JoinedRoom | undefined, shown: RoomSummary | undefined): RoomSummary {
    const { state } = this.#options;
    const head = this.#heads.get(name);
    // To make all summaries of a long list ten times a second would be work. A joined room tells other things at any moment.
    const facts = [head, state.at(name), state.title(name)];
    const known = joined === undefined && shown !== undefined ? this.#facts.get(shown) : undefined;
    if (shown && known?.every((fact, index) => fact === facts[index])) return shown;
    const last = joined?.messages().findLast((one) => one.status === 'sent' && one.deletedAt === undefined);
    const lastMessage = joined === undefined ? head?.lastMessage : last && preview(last);
    const unread = joined?.unread();
    const title = state.title(name)?.text;
    const summary = {
      name,
      ...(title === undefined ? {} : { title }),
      ...(lastMessage === undefined ? {} : { lastMessage }),
      unread: unread?.count ?? head?.unread ?? 0,
      mentions: unread?.mentions ?? head?.mentions ?? 0,
      capped: unread?.capped ?? head?.capped ?? false,
      lastActivityAt: new Date(state.at(name) ?? 0),
    };
    const result = JSON.stringify(shown) === JSON.stringify(summary) && shown ? shown : summary;
    if (joined === undefined) this.#facts.set(result, facts);
    else this.#facts.delete(result);
    return result;
  }

  /** Whether a joined room tells of itself. */
  #isKnown(name: string): boolean {
    for (const room of this.#options.joined)
      if (room.room === name && room.unread() !== undefined) return true;
    return false;
  }
}
