import { withTimeout } from '../shared/clock.js';
import type { FeatureHost } from './feature.js';
import { type How, type PutOptions, putEntry, removeEntries, tellLeft } from './presence-calls.js';
import type { PresenceEntry } from './presence-entry.js';

/** A room that is left waits so long for what is being stored, of the two seconds that it has (milliseconds). */
const STORED_MS = 1500;

/** The entries of the own connections that storage may hold, by their values. All of them have to be gone after a leave. */
export class OwnEntries {
  readonly #host: FeatureHost;
  readonly #values = new Set<string>();
  /** The entry that is being stored, and the call. */
  #putting: { entry: PresenceEntry; value: string; call: Promise<void> } | undefined;

  constructor(host: FeatureHost) {
    this.#host = host;
  }

  has(value: string): boolean {
    return this.#values.has(value);
  }

  /** Stores an entry, one after the other. */
  async put(entry: PresenceEntry, value: string, score: number, how: PutOptions): Promise<void> {
    this.#values.add(value);
    const call = putEntry(this.#host, value, score, how);
    this.#putting = { entry, value, call };
    await call.finally(() => {
      this.#putting = undefined;
    });
  }

  /** Removes these, or all. */
  async remove(values: readonly string[] = [...this.#values], how: How = {}): Promise<void> {
    if (values.length > 0) await removeEntries(this.#host, values, how);
    for (const value of values) this.#values.delete(value);
  }

  /** Removes all but the newest. */
  removeOlder(newest: string, how: How): Promise<void> {
    return this.remove(
      [...this.#values].filter((value) => value !== newest),
      how,
    );
  }

  /** Removes these, or all, and tells that their connection has left, at once and as far as that can be done. */
  async vanish(
    { connection }: PresenceEntry,
    now: boolean,
    how: How,
    values?: readonly string[],
  ): Promise<void> {
    await Promise.allSettled([this.remove(values, how), tellLeft(this.#host, connection, now, how)]);
  }

  /** The room is left: the entry that is being stored is removed after that, for a removal may overtake it. */
  async takeBack(): Promise<void> {
    if (this.#putting === undefined) return;
    const { entry, value, call } = this.#putting;
    await withTimeout(call, { ms: STORED_MS, scheduler: this.#host.clock }).catch(() => {});
    await this.vanish(entry, true, { once: true, late: true }, [value]);
  }
}
