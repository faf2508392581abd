const SMALLEST_RING = 16;

/**
 * A list that grows and shrinks at both ends in constant time, over a ring. A chat pushes every message to the
 * front of a list of thousands and cuts its back: on an array that is a copy of the whole list per message.
 */
export class Deque<T> {
  #ring: (T | undefined)[] = new Array(SMALLEST_RING);
  #head = 0;
  #length = 0;

  static from<T>(values: Iterable<T>): Deque<T> {
    const deque = new Deque<T>();
    for (const value of values) deque.pushBack(value);
    return deque;
  }

  get length(): number {
    return this.#length;
  }

  pushFront(value: T): void {
    this.#makeRoom();
    this.#head = (this.#head - 1 + this.#ring.length) % this.#ring.length;
    this.#ring[this.#head] = value;
    this.#length++;
  }

  pushBack(value: T): void {
    this.#makeRoom();
    this.#ring[(this.#head + this.#length) % this.#ring.length] = value;
    this.#length++;
  }

  popFront(): T | undefined {
    if (this.#length === 0) return undefined;
    const value = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#ring.length;
    this.#length--;
    return value;
  }

  popBack(): T | undefined {
    if (this.#length === 0) return undefined;
    this.#length--;
    const index = (this.#head + this.#length) % this.#ring.length;
    const value = this.#ring[index];
    this.#ring[index] = undefined;
    return value;
  }

  /** The elements from `start` up to, not including, `end`; both within `0 … length`. */
  slice(start = 0, end = this.#length): T[] {
    const from = this.#head + start;
    const to = this.#head + Math.max(start, end);
    const size = this.#ring.length;
    if (from < size && to > size) {
      return [...this.#ring.slice(from, size), ...this.#ring.slice(0, to - size)] as T[];
    }
    return this.#ring.slice(from >= size ? from - size : from, from >= size ? to - size : to) as T[];
  }

  clear(): void {
    this.#ring = new Array(SMALLEST_RING);
    this.#head = 0;
    this.#length = 0;
  }

  #makeRoom(): void {
    if (this.#length < this.#ring.length) return;
    const values: (T | undefined)[] = this.slice();
    values.length = this.#ring.length * 2;
    this.#ring = values;
    this.#head = 0;
  }
}
