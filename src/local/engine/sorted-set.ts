import type { ItemKey } from './item-key.js';

export interface ScoredElement {
  /** The element's bytes, one character per byte. */
  value: ItemKey;
  score: number;
}

/** An end of a range of scores. */
export interface ScoreBound {
  score: number;
  exclusive: boolean;
}

/**
 * Elements with scores, in the order of their scores; those with the same score in the order of their bytes. The order
 * is kept in an array: to find a place in it costs a binary search, to make room a move of memory, which is nothing
 * against a call over a socket.
 */
export class SortedSet {
  readonly #scores = new Map<ItemKey, number>();
  readonly #order: ScoredElement[] = [];

  static from(elements: Iterable<ScoredElement>): SortedSet {
    const set = new SortedSet();
    for (const { value, score } of elements) set.#scores.set(value, score);
    for (const [value, score] of set.#scores) set.#order.push({ value, score });
    set.#order.sort(compare);
    return set;
  }

  get size(): number {
    return this.#order.length;
  }

  score(value: ItemKey): number | undefined {
    return this.#scores.get(value);
  }

  put(value: ItemKey, score: number): void {
    this.remove(value);
    this.#scores.set(value, score);
    const element = { value, score };
    this.#order.splice(this.#placeOf(element), 0, element);
  }

  remove(value: ItemKey): boolean {
    const score = this.#scores.get(value);
    if (score === undefined) return false;
    this.#order.splice(this.#placeOf({ value, score }), 1);
    return this.#scores.delete(value);
  }

  /** How many elements come before it; undefined when it is not in the set. */
  rank(value: ItemKey): number | undefined {
    const score = this.#scores.get(value);
    return score === undefined ? undefined : this.#placeOf({ value, score });
  }

  /** All elements, lowest first. */
  elements(): readonly ScoredElement[] {
    return this.#order;
  }

  /** The elements with scores within the bounds, lowest first. */
  between(min: ScoreBound | undefined, max: ScoreBound | undefined): ScoredElement[] {
    const from = min ? this.#first((score) => (min.exclusive ? score > min.score : score >= min.score)) : 0;
    const to = max
      ? this.#first((score) => (max.exclusive ? score >= max.score : score > max.score))
      : this.#order.length;
    return this.#order.slice(from, Math.max(from, to));
  }

  /** The place of the first element whose score holds, where all after it do so too. */
  #first(holds: (score: number) => boolean): number {
    return this.#search((element) => holds(element.score));
  }

  #placeOf(element: ScoredElement): number {
    return this.#search((other) => compare(other, element) >= 0);
  }

  #search(holds: (element: ScoredElement) => boolean): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const element = this.#order[middle];
      if (element && holds(element)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function compare(a: ScoredElement, b: ScoredElement): number {
  if (a.score !== b.score) return a.score < b.score ? -1 : 1;
  if (a.value === b.value) return 0;
  return a.value < b.value ? -1 : 1;
}
