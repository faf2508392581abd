/** A set that forgets its oldest members. */
export class RecentSet {
  readonly #limit: number;
  readonly #members = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(member: string): boolean {
    return this.#members.has(member);
  }

  /** False when it is a member already. */
  add(member: string): boolean {
    if (this.#members.has(member)) return false;
    this.#members.add(member);
    if (this.#members.size > this.#limit) {
      for (const oldest of this.#members) {
        this.#members.delete(oldest);
        break;
      }
    }
    return true;
  }
}
