import type { Title } from './directory-entry.js';
import { newerTitle } from './directory-state.js';

/** Titles that are remembered; the ones given first are forgotten first. */
const MAX_TITLES = 1000;

/** The titles that were given from here. A client that knows a newer one than is stored writes it again. */
export class OwnTitles {
  readonly #titles = new Map<string, Title>();

  /** A title was stored from here. */
  add(name: string, title: Title): void {
    const newest = newerTitle(this.#titles.get(name), title) ?? title;
    this.#titles.delete(name);
    this.#titles.set(name, newest);
    for (const oldest of this.#titles.keys()) {
      if (this.#titles.size <= MAX_TITLES) break;
      this.#titles.delete(oldest);
    }
  }

  /** The own title of the room, where it is newer than that one. */
  newerThan(name: string, other: Title | undefined): Title | undefined {
    const own = this.#titles.get(name);
    return own !== undefined && (other === undefined || other.id < own.id) ? own : undefined;
  }

  /** Rooms whose stored title is older than the own one, or is missing. */
  *lost(rooms: ReadonlyMap<string, unknown>, stored: ReadonlyMap<string, Title>): Generator<[string, Title]> {
    for (const name of this.#titles.keys()) {
      const title = this.newerThan(name, stored.get(name));
      if (title !== undefined && rooms.has(name)) yield [name, title];
    }
  }
}
