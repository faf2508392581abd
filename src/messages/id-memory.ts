/**
 * Remembers that ids were here, in eight bytes each: as 64-bit hashes in tables with open addressing. It holds at least
 * the last `limit` ids, and at most twice as many, in two generations. A generation takes at most 32 bytes an id, right
 * after it grew.
 *
 * Two of 100,000 ids have the same hash once in some four billion rooms. Nobody can make an id that collides with one
 * of somebody else's that is yet to come, since that one is random.
 */
export class IdMemory {
  readonly #limit: number;
  #young = new HashTable();
  #old = new HashTable();

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(id: string): boolean {
    const { high, low } = hash64(id);
    return this.#young.has(high, low) || this.#old.has(high, low);
  }

  add(id: string): void {
    const { high, low } = hash64(id);
    // An old one that comes again is recent again.
    if (!this.#young.add(high, low) || this.#young.size <= this.#limit) return;
    this.#old = this.#young;
    this.#young = new HashTable();
  }
}

/** A set of 64-bit numbers, given as two halves. A pair of zeros marks a free place. */
class HashTable {
  #slots = new Uint32Array(2 * 64);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(high: number, low: number): boolean {
    const slot = this.#find(high, low);
    return this.#slots[slot] !== 0 || this.#slots[slot + 1] !== 0;
  }

  /** False when it was there. */
  add(high: number, low: number): boolean {
    const slot = this.#find(high, low);
    if (this.#slots[slot] !== 0 || this.#slots[slot + 1] !== 0) return false;
    this.#slots[slot] = high;
    this.#slots[slot + 1] = low;
    this.#size += 1;
    if (this.#size * 4 > this.#slots.length) this.#grow();
    return true;
  }

  /** Where it stands, or where it would. */
  #find(high: number, low: number): number {
    const mask = this.#slots.length - 1;
    let slot = (low << 1) & mask;
    for (;;) {
      const h = this.#slots[slot];
      const l = this.#slots[slot + 1];
      if ((h === high && l === low) || (h === 0 && l === 0)) return slot;
      slot = (slot + 2) & mask;
    }
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(2 * before.length);
    for (let index = 0; index < before.length; index += 2) {
      const high = before[index] ?? 0;
      const low = before[index + 1] ?? 0;
      if (high === 0 && low === 0) continue;
      const slot = this.#find(high, low);
      this.#slots[slot] = high;
      this.#slots[slot + 1] = low;
    }
  }
}

/** Two multiplicative hashes over UTF-16 code units, each mixed into the other at the end; never a pair of zeros. */
function hash64(text: string): { high: number; low: number } {
  let a = 0xdeadbeef;
  let b = 0x41c6ce57;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    a = Math.imul(a ^ unit, 2_654_435_761);
    b = Math.imul(b ^ unit, 1_597_334_677);
  }
  const high = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
  const low = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909);
  return { high: high >>> 0, low: low >>> 0 || 1 };
}
