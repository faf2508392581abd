/**
 * A set that forgets: it holds at least the last `limit` members, and at most twice as many. In two generations,
 * because taking the oldest out of a `Set` one by one costs more the larger it is.
 */
export class RecentSet<T extends string | number = string> {
  readonly #limit: number;
  #young = new Set<T>();
  #old = new Set<T>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(member: T): boolean {
    return this.#young.has(member) || this.#old.has(member);
  }

  /** A member that comes again is recent again. False when it is a member already. */
  add(member: T): boolean {
    const { size } = this.#young;
    const isNew = this.#young.add(member).size > size && !this.#old.has(member);
    if (this.#young.size > this.#limit) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    return isNew;
  }
}
