import type { Connections } from '../faults/fault-state.js';

/** Connections of several kinds, as one to the faults. */
export class ConnectionGroup implements Connections {
  readonly #members = new Set<Connections>();
  #refusing = false;

  add(member: Connections): void {
    member.refusing = this.#refusing;
    this.#members.add(member);
  }

  get refusing(): boolean {
    return this.#refusing;
  }

  set refusing(refusing: boolean) {
    this.#refusing = refusing;
    for (const member of this.#members) member.refusing = refusing;
  }

  dropAll(): number {
    return [...this.#members].reduce((sum, member) => sum + member.dropAll(), 0);
  }
}
