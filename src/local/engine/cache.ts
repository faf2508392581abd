import { MomentoError } from '../status.js';
import { type LocalClock, monotonic } from './clock.js';
import type { Deque } from './deque.js';
import type { ItemKey } from './item-key.js';
import type { SortedSet } from './sorted-set.js';

/** The values that an item can hold. Every kind has its own file of operations; this file knows only keys and TTLs. */
export interface StoredValues {
  scalar: Uint8Array;
  list: Deque<Uint8Array>;
  dictionary: Map<ItemKey, Uint8Array>;
  set: Set<ItemKey>;
  'sorted set': SortedSet;
}
export type StoredKind = keyof StoredValues;

interface Item {
  kind: StoredKind;
  value: StoredValues[StoredKind];
  /** By the monotonic clock. */
  expiresAt: number;
}

/** An item as a whole: its kind, a value of that kind, its end in milliseconds since the Unix epoch. */
export type StoredItem = {
  [K in StoredKind]: { readonly kind: K; readonly value: StoredValues[K]; readonly expiresAt: number };
}[StoredKind];

/** Writes between two sweeps for expired items: often enough that forgotten keys do not pile up, rare enough to cost nothing. */
const WRITES_PER_SWEEP = 1024;

/** How a write treats the item's TTL. */
export interface Ttl {
  ttlMs: number;
  /** Whether an item that exists already gets the new TTL; otherwise it keeps the one it has. */
  refresh: boolean;
}

/** For changes that say nothing of the TTL. */
const KEEP_TTL: Ttl = { ttlMs: 0, refresh: false };

/** One cache: items that expire. Nothing expired is ever seen, whether or not it was swept yet. */
export class Cache {
  readonly name: string;
  readonly #clock: LocalClock;
  readonly #items = new Map<ItemKey, Item>();
  #writes = 0;

  constructor(name: string, clock: LocalClock) {
    this.name = name;
    this.#clock = clock;
  }

  /** How many items are held, those included that expired and were not swept yet. */
  get size(): number {
    return this.#items.size;
  }

  /** The value of that kind at `key`; FAILED_PRECONDITION when there is one of another kind. */
  get<K extends StoredKind>(key: ItemKey, kind: K): StoredValues[K] | undefined {
    const item = this.#live(key);
    if (!item) return undefined;
    if (item.kind !== kind) {
      throw new MomentoError('FAILED_PRECONDITION', `the item is not a ${kind}, it is a ${item.kind}`);
    }
    return item.value as StoredValues[K];
  }

  set<K extends StoredKind>(key: ItemKey, kind: K, value: StoredValues[K], ttl: Ttl): void {
    if (++this.#writes % WRITES_PER_SWEEP === 0) this.#sweep();
    const present = this.#live(key);
    const expiresAt = present && !ttl.refresh ? present.expiresAt : this.#now() + ttl.ttlMs;
    this.#items.set(key, { kind, value, expiresAt });
  }

  /**
   * Puts a collection back that was changed. One without elements is none: its key is free again, so that the next
   * fetch is a miss.
   */
  put<K extends Exclude<StoredKind, 'scalar'>>(
    key: ItemKey,
    kind: K,
    value: StoredValues[K],
    ttl: Ttl = KEEP_TTL,
  ): void {
    const elements = 'size' in value ? value.size : value.length;
    if (elements === 0) this.delete(key);
    else this.set(key, kind, value, ttl);
  }

  delete(key: ItemKey): boolean {
    return this.#items.delete(key);
  }

  clear(): void {
    this.#items.clear();
  }

  has(key: ItemKey): boolean {
    return this.#live(key) !== undefined;
  }

  kindOf(key: ItemKey): StoredKind | undefined {
    return this.#live(key)?.kind;
  }

  /** Milliseconds that the item at `key` has left; undefined when there is none. */
  remainingTtl(key: ItemKey): number | undefined {
    const item = this.#live(key);
    return item && item.expiresAt - this.#now();
  }

  /** Gives the item at `key` a new TTL, counted from now. */
  expireIn(key: ItemKey, ttlMs: number): void {
    const item = this.#live(key);
    if (item) item.expiresAt = this.#now() + ttlMs;
  }

  /** Every item that has not expired, for whoever keeps them elsewhere. */
  *entries(): Generator<readonly [key: ItemKey, item: StoredItem]> {
    const now = this.#now();
    const ahead = this.#clock.now() - now;
    for (const [key, item] of this.#items) {
      if (item.expiresAt > now) yield [key, { ...item, expiresAt: item.expiresAt + ahead } as StoredItem];
    }
  }

  /** Puts an item back that was kept elsewhere, with the end it had. */
  restore(key: ItemKey, item: StoredItem): void {
    const expiresAt = item.expiresAt - this.#clock.now() + this.#now();
    this.#items.set(key, { ...item, expiresAt });
  }

  #now(): number {
    return monotonic(this.#clock);
  }

  #live(key: ItemKey): Item | undefined {
    const item = this.#items.get(key);
    if (item && item.expiresAt <= this.#now()) {
      this.#items.delete(key);
      return undefined;
    }
    return item;
  }

  #sweep(): void {
    const now = this.#now();
    for (const [key, item] of this.#items) if (item.expiresAt <= now) this.#items.delete(key);
  }
}
