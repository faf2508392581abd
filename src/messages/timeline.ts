import { hashOf } from './hash.js';
import type { Message } from './message.js';
import { RecentSet } from './recent-set.js';

/** Gives a message as it is to be shown; the same object when there is nothing to change. Pure and quick. */
export type Overlay = (message: Message) => Message;

/** Whether a message is shown. */
export type Filter = (message: Message) => boolean;

/** So many ids of messages that left memory are remembered, at least: 4.5 MB at most. */
const REMEMBERED = 50_000;
/** An own message above which so many others came before it was stored is looked for in the whole list once it has left memory. */
const LATE = 4;

/**
 * The messages of a room in the order of their ids: without doubles, bounded, with immutable snapshots.
 * An append in order costs O(1), any other insertion O(log n) comparisons. A snapshot is copied only when
 * somebody asks for it after a change.
 */
export class Timeline {
  /** Gives what leaves messages out of the snapshot; undefined while all are shown. */
  readonly filter: (() => Filter | undefined) | undefined;
  /** Ids of what was stored late: others publish such a message once more. It may stand anywhere in the list. */
  readonly again = new RecentSet(1000);
  /** How often one of those left memory, or came when it had left. */
  returned = 0;
  /**
   * The messages by id, in the order of the list at rest, oldest first: it tells what leaves memory first, and where
   * memory ends in the list. It differs from the order of ids where clocks differ.
   */
  #stored = new Map<string, Message>();
  /** The same messages as they are shown, in the order of their ids, oldest first. */
  readonly #ordered: Message[] = [];
  readonly #overlays: Overlay[] = [];
  /** Hashes of ids that left memory. They are not new when they come again, however late; all others are, however old (G1). */
  readonly #evicted: RecentSet<number>;
  readonly #onChange: () => void;
  readonly #limit: number;
  #snapshot: readonly Message[] = [];
  #stale = false;
  /** The number of messages kept beyond the limit, since they were loaded on request. */
  #allowance = 0;
  /** Ids of those that are never evicted. They take nobody's place. */
  readonly #unsent = new Set<string>();
  #holds = 0;
  /** How many sent ones there were when a page began to be loaded. */
  #heldSent = 0;
  readonly #recordings = new Set<Set<string>>();
  #hasEvicted = false;

  /** `maxStored`: how many the list at rest may hold; so many come again with each reading of it. */
  constructor(options: {
    limit: number;
    maxStored: number;
    onChange: () => void;
    filter?: Timeline['filter'];
  }) {
    this.filter = options.filter;
    this.#limit = options.limit;
    this.#evicted = new RecentSet(Math.max(REMEMBERED, 2 * options.maxStored));
    this.#onChange = options.onChange;
  }

  get size(): number {
    return this.#ordered.length;
  }

  /** Oldest first, as they are shown; the same array until something changes. */
  get snapshot(): readonly Message[] {
    if (this.#stale) {
      const filter = this.filter?.();
      this.#snapshot = filter === undefined ? [...this.#ordered] : this.#ordered.filter(filter);
      this.#stale = false;
    }
    return this.#snapshot;
  }

  /** Whether messages left memory since older ones were loaded. */
  get hasEvicted(): boolean {
    return this.#hasEvicted;
  }

  /** Whether the message was in memory and is no more. */
  hasLeft(id: string): boolean {
    return !this.#stored.has(id) && this.#evicted.has(hashOf(id));
  }

  /** The message as its sender sent it. */
  get(id: string): Message | undefined {
    return this.#stored.get(id);
  }

  /** The message as it is shown. */
  shown(id: string): Message | undefined {
    // While a page is added, some of it has no place yet.
    const message = this.#stored.has(id) ? this.#ordered[this.#position(id)] : undefined;
    return message?.id === id ? message : undefined;
  }

  /** Ids in memory, oldest first. */
  ids(): readonly string[] {
    return this.#ordered.map(({ id }) => id);
  }

  /** Shows every message through `show`, after the overlays that were added before. */
  overlay(show: Overlay): void {
    this.#overlays.push(show);
    this.#ordered.splice(0, this.size, ...[...this.#ordered].map(show));
    this.#touch();
  }

  /** A message as it is shown, in memory or not. */
  overlaid(message: Message): Message {
    return this.#overlays.reduce((shown, show) => show(shown), message);
  }

  /** Shows the message anew; returns it if that gives something else than before. */
  refresh(id: string): Message | undefined {
    const message = this.#stored.get(id);
    if (message === undefined) return undefined;
    const index = this.#position(id);
    const shown = this.overlaid(message);
    if (shown === this.#ordered[index]) return undefined;
    this.#ordered[index] = shown;
    this.#touch();
    return shown;
  }

  /** The filter decides otherwise than before. */
  refilter(): void {
    this.#touch();
  }

  /** Whether the message is in the snapshot. */
  passes(message: Message): boolean {
    return this.filter?.()?.(message) ?? true;
  }

  /** Adds a message that is newer in the list than all others. False when it was seen before. */
  addNewest(message: Message): boolean {
    const { id } = message;
    if (this.#stored.has(id)) return false;
    if (this.hasLeft(id)) {
      this.returned += 1;
      this.again.add(id);
      return false;
    }
    this.#stored.set(id, message);
    this.#insert(message);
    for (const arrivals of this.#recordings) arrivals.add(id);
    this.#evict();
    return true;
  }

  /**
   * Adds what stands below all others in the list, newest first. So many more are kept from then on: the user asked
   * for it. A message that came live meanwhile counts like any live one. Returns the added messages that are shown, oldest first.
   */
  addOlder(page: readonly Message[]): Message[] {
    const before = Math.min(this.#holds > 0 ? this.#heldSent : this.#sent, this.#limit + this.#allowance);
    // The list may hold one of them twice.
    const unknown = new Map<string, Message>();
    for (const message of [...page].reverse())
      if (!this.#stored.has(message.id)) unknown.set(message.id, message);
    const added = [...unknown.values()];
    this.#stored = new Map([...unknown, ...this.#stored]);
    for (const message of added) this.#insert(message);
    this.#allowance = Math.max(this.#allowance, before + added.length - this.#limit);
    this.#hasEvicted = false;
    return added.sort(byId).flatMap(({ id }) => {
      const message = this.shown(id);
      return message !== undefined && this.passes(message) ? [message] : [];
    });
  }

  /** Nothing leaves memory until the returned function is called: a page is being loaded that joins on to it. */
  hold(): () => void {
    if (this.#holds === 0) this.#heldSent = this.#sent;
    this.#holds += 1;
    return () => {
      this.#holds -= 1;
      this.#evict();
    };
  }

  /** Notes the ids that come in until the returned function is called, which gives them. */
  record(): () => ReadonlySet<string> {
    const arrivals = new Set<string>();
    this.#recordings.add(arrivals);
    return () => {
      this.#recordings.delete(arrivals);
      return arrivals;
    };
  }

  /**
   * Takes over the order that the head of the list showed, newest first. A message that is not in it goes on top if it
   * stood above one that is, or came in while it was read (`arrivals`): it was or is about to be stored there.
   */
  arrange(head: readonly Message[], arrivals?: ReadonlySet<string>): void {
    const listed = new Set(head.map(({ id }) => id));
    const entries = [...this.#stored];
    const lowest = entries.findIndex(([id]) => listed.has(id));
    if (lowest === -1) return;
    const inHead = [...listed].reverse().flatMap((id) => {
      const message = this.#stored.get(id);
      return message === undefined ? [] : [[id, message] as const];
    });
    const below = entries.slice(0, lowest).filter(([id]) => !arrivals?.has(id));
    const settled = new Set([...listed, ...below.map(([id]) => id)]);
    const onTop = entries.filter(([id]) => !settled.has(id));
    this.#stored = new Map([...below, ...inHead, ...onTop]);
  }

  /** Replaces a message by a newer state of it. */
  replace(message: Message): void {
    const { id, status } = message;
    if (!this.#stored.has(id)) return;
    this.#stored.set(id, message);
    const position = this.#position(id);
    // It was stored late: what came meanwhile stands below it in the list, and leaves memory after it.
    if (status === 'sent' && this.#unsent.delete(id) && this.size - position > LATE) this.again.add(id);
    this.#ordered[position] = this.overlaid(message);
    this.#touch();
    // One that was being sent stayed beyond the limit until now.
    this.#evict();
  }

  remove(id: string): void {
    if (!this.#stored.delete(id)) return;
    this.#unsent.delete(id);
    this.#ordered.splice(this.#position(id), 1);
    this.#touch();
  }

  /** The messages in memory in the order of the list, newest first. */
  inListOrder(): Message[] {
    return [...this.#stored.values()].reverse();
  }

  /** Ids of up to `count` messages that stand lowest in the list, the lowest first: older ones follow on it there. */
  bottom(count: number): string[] {
    const sent = [...this.#stored.values()].filter(({ status }) => status === 'sent');
    return sent.slice(0, count).map(({ id }) => id);
  }

  get #sent(): number {
    return this.size - this.#unsent.size;
  }

  #insert(message: Message): void {
    if (message.status !== 'sent') this.#unsent.add(message.id);
    const last = this.#ordered.at(-1);
    const shown = this.overlaid(message);
    if (last === undefined || last.id < message.id) this.#ordered.push(shown);
    else this.#ordered.splice(this.#position(message.id), 0, shown);
    this.#touch();
  }

  /** Messages that are unsent or failed are never evicted, so that nothing typed is lost. */
  #evict(): void {
    let excess = this.#sent - this.#limit - this.#allowance;
    if (excess <= 0 || this.#holds > 0) return;
    for (const [id, { status }] of this.#stored) {
      if (status !== 'sent') continue;
      this.#stored.delete(id);
      this.#evicted.add(hashOf(id));
      if (this.again.has(id)) this.returned += 1;
      const index = this.#position(id);
      if (index === 0) this.#ordered.shift();
      else this.#ordered.splice(index, 1);
      this.#hasEvicted = true;
      this.#touch();
      excess -= 1;
      if (excess === 0) return;
    }
  }

  /** First index whose id is not below `id`. */
  #position(id: string): number {
    let low = 0;
    let high = this.#ordered.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ordered[middle]?.id ?? '') < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #touch(): void {
    this.#stale = true;
    this.#onChange();
  }
}

export function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
