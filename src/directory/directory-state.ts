import type { RoomNews, Title } from './directory-entry.js';

/** Rooms that are listed. */
export const MAX_ROOMS = 1000;
/** Rooms beyond the limit that are kept before they are dropped, many at a time. */
const SLACK = 100;

/** The content of storage. */
export interface Stored {
  /** When each room was written to, by its name. */
  readonly times: ReadonlyMap<string, number>;
  readonly titles: ReadonlyMap<string, Title>;
  /** Names that somebody else's list has, who tells no time. */
  readonly others: readonly string[];
}

interface Entry {
  at: number;
  title: Title | undefined;
}

/**
 * The rooms that are known, each once. Events only move a room up; what storage says is taken as it is, but for what was heard
 * while it was being read: that may be newer.
 */
export class DirectoryState {
  readonly #entries = new Map<string, Entry>();
  #heard: Set<string> | undefined;

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  at(name: string): number | undefined {
    return this.#entries.get(name)?.at;
  }

  title(name: string): Title | undefined {
    return this.#entries.get(name)?.title;
  }

  /** Something was heard of a room. */
  note({ name, at, title }: RoomNews): void {
    this.#heard?.add(name);
    const known = this.#entries.get(name);
    this.#entries.set(name, { at: Math.max(at, known?.at ?? 0), title: newerTitle(known?.title, title) });
    if (this.#entries.size > MAX_ROOMS + SLACK) this.names();
  }

  /** A reading of storage begins. */
  begin(): void {
    this.#heard = new Set();
  }

  /** It has ended. */
  take({ times, titles, others }: Stored): void {
    const heard = this.#heard ?? new Set();
    this.#heard = undefined;
    const known = new Map(this.#entries);
    this.#entries.clear();
    const put = (name: string, at: number) => {
      const title = newerTitle(known.get(name)?.title, titles.get(name));
      this.#entries.set(name, { at, title });
    };
    for (const [name, at] of times) put(name, heard.has(name) ? Math.max(at, known.get(name)?.at ?? 0) : at);
    for (const name of [...others, ...heard])
      if (!this.#entries.has(name)) put(name, known.get(name)?.at ?? 0);
  }

  /** Names, the latest activity first. Those beyond the limit are forgotten. */
  names(): string[] {
    const sorted = [...this.#entries].sort(
      ([a, { at: atA }], [b, { at: atB }]) => atB - atA || (a < b ? -1 : 1),
    );
    for (const [name] of sorted.splice(MAX_ROOMS)) {
      this.#entries.delete(name);
      this.#heard?.delete(name);
    }
    return sorted.map(([name]) => name);
  }

  clear(): void {
    this.#entries.clear();
    this.#heard = undefined;
  }
}

export function newerTitle(a: Title | undefined, b: Title | undefined): Title | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return b.id > a.id ? b : a;
}
