/**
 * A set that forgets: it holds at least the last `limit` members, and at most twice as many. In two generations,
 * because taking the oldest out of a `Set` one by one costs more the larger it is.
 */
export class RecentSet {
  readonly #limit: number;
  #young = new Set<string>();
  #old = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(member: string): boolean {
    return this.#young.has(member) || this.#old.has(member);
  }

  /** False when it is a member already. */
  add(member: string): boolean {
    if (this.has(member)) return false;
    this.#young.add(member);
    if (this.#young.size > this.#limit) {
      this.#old = this.#young;
      this.#young = new Set();
    }
    return true;
  }
}
