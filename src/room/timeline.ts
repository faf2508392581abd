import type { Message } from './message.js';

interface Entry {
  message: Message;
  /**
   * Where the message stands in the order of the list at rest: greater is newer. Live messages count up,
   * pages of history count down. It tells how deep in the list to read for what left memory.
   */
  arrival: number;
}

/**
 * The messages of a room in the order of their ids: without doubles, bounded, with immutable snapshots.
 *
 * An append in order costs O(1), any other insertion O(log n) comparisons. A snapshot is copied only when
 * somebody asks for it after a change.
 */
export class Timeline {
  readonly #entries = new Map<string, Entry>();
  /** The same messages, oldest first. */
  readonly #ordered: Message[] = [];
  readonly #onChange: () => void;
  readonly #limit: number;
  #snapshot: readonly Message[] = [];
  #stale = false;
  #allowance = 0;
  #newestArrival = 0;
  #oldestArrival = 0;
  /** Ids below this left memory: they are not new when they come again. */
  #floor = '';
  /** Newest arrival among what left memory and was not loaded again. */
  #evictedArrival: number | undefined;

  constructor(options: { limit: number; onChange: () => void }) {
    this.#limit = options.limit;
    this.#onChange = options.onChange;
  }

  get size(): number {
    return this.#ordered.length;
  }

  /** Oldest first; the same array until something changes. */
  get snapshot(): readonly Message[] {
    if (this.#stale) {
      this.#snapshot = this.#ordered.slice();
      this.#stale = false;
    }
    return this.#snapshot;
  }

  /** Whether messages left memory that may still be in the list. */
  get hasEvicted(): boolean {
    return this.#evictedArrival !== undefined;
  }

  get(id: string): Message | undefined {
    return this.#entries.get(id)?.message;
  }

  /** Adds a message that is newer in the list than all others. False when it was seen before. */
  addNewest(message: Message): boolean {
    if (this.#entries.has(message.id)) return false;
    if (message.id < this.#floor) {
      // It sorts among what left memory. Whether it is one of those or a latecomer, reading older messages
      // from the head of the list finds it.
      this.#evictedArrival = this.#newestArrival;
      return false;
    }
    this.#newestArrival += 1;
    this.#insert({ message, arrival: this.#newestArrival });
    this.#evict();
    return true;
  }

  /**
   * Adds what was read from {@link depth} downwards, newest first; `more` tells whether the list goes on below.
   * It is kept beyond the limit: the user asked for it. Returns what was added, oldest first.
   */
  addOlder(page: readonly Message[], more: boolean): Message[] {
    const added = page.filter((message) => {
      if (this.#entries.has(message.id)) return false;
      this.#oldestArrival -= 1;
      this.#insert({ message, arrival: this.#oldestArrival });
      return true;
    });
    this.#allowance = Math.max(this.#allowance, this.size - this.#limit);
    this.#evictedArrival = undefined;
    if (this.#floor !== '') this.#floor = more ? (this.#ordered[0]?.id ?? '') : '';
    return added.sort(byId);
  }

  /**
   * Takes over the order that the head of the list showed, newest first. What came in meanwhile and was not in it
   * stays on top: it is about to be stored.
   */
  arrange(head: readonly Message[]): void {
    const listed = head.map(({ id }) => this.#entries.get(id)).filter((entry) => entry !== undefined);
    const oldest = listed.reduce((least, { arrival }) => Math.min(least, arrival), Number.POSITIVE_INFINITY);
    const onTop = new Set(this.#byArrival().filter(({ arrival }) => arrival > oldest));
    for (const entry of listed) onTop.delete(entry);
    for (const entry of [...onTop, ...listed].reverse()) {
      this.#newestArrival += 1;
      entry.arrival = this.#newestArrival;
    }
  }

  /** Replaces a message by a newer state of it. */
  replace(message: Message): void {
    const entry = this.#entries.get(message.id);
    if (entry === undefined) return;
    entry.message = message;
    this.#ordered[this.#position(message.id)] = message;
    this.#touch();
  }

  remove(id: string): void {
    if (!this.#entries.delete(id)) return;
    this.#ordered.splice(this.#position(id), 1);
    this.#touch();
  }

  /** How many messages in memory are, in the list, newer than everything that left memory. */
  get depth(): number {
    const evicted = this.#evictedArrival;
    if (evicted === undefined) return this.size;
    let depth = 0;
    for (const { arrival } of this.#entries.values()) if (arrival > evicted) depth += 1;
    return depth;
  }

  /** The messages in memory in the order of the list, newest first. */
  inListOrder(): Message[] {
    return this.#byArrival().map(({ message }) => message);
  }

  #byArrival(): Entry[] {
    return [...this.#entries.values()].sort((a, b) => b.arrival - a.arrival);
  }

  #insert(entry: Entry): void {
    const { message } = entry;
    this.#entries.set(message.id, entry);
    const last = this.#ordered.at(-1);
    if (last === undefined || last.id < message.id) this.#ordered.push(message);
    else this.#ordered.splice(this.#position(message.id), 0, message);
    this.#touch();
  }

  /** What is being sent or has failed stays: nothing typed is lost silently. */
  #evict(): void {
    let excess = this.size - this.#limit - this.#allowance;
    for (let index = 0; excess > 0 && index < this.#ordered.length; ) {
      const message = this.#ordered[index];
      if (message === undefined || message.status !== 'sent') {
        index += 1;
        continue;
      }
      const arrival = this.#entries.get(message.id)?.arrival ?? 0;
      this.#evictedArrival = Math.max(this.#evictedArrival ?? arrival, arrival);
      this.#entries.delete(message.id);
      if (index === 0) this.#ordered.shift();
      else this.#ordered.splice(index, 1);
      const next = this.#ordered[index];
      if (next !== undefined && next.id > this.#floor) this.#floor = next.id;
      excess -= 1;
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
