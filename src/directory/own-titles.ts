import { type Scheduler, sleep } from '../shared/clock.js';
import { remember } from '../shared/remember.js';
import type { Title } from './directory-entry.js';
import { newerTitle, type Stored } from './directory-state.js';

/** Titles that are remembered; the ones given first are forgotten first. */
const MAX_TITLES = 1000;
/** Between two titles that are written again (milliseconds): any member may provoke it, as often as they like. */
const PAUSE_MS = 1000;

export interface OwnTitlesOptions {
  scheduler: Scheduler;
  signal: AbortSignal;
  /** Stores and tells a title. */
  write(name: string, title: Title): Promise<void>;
}

/** The titles that were given from here. Those that an older one took the place of are written again, one after the other. */
export class OwnTitles {
  readonly #options: OwnTitlesOptions;
  readonly #titles = new Map<string, Title>();
  /** Rooms whose title is to be written again. */
  readonly #lost = new Set<string>();
  #working = false;

  constructor(options: OwnTitlesOptions) {
    this.#options = options;
  }

  /** A title was stored from here. */
  add(name: string, title: Title): void {
    remember(this.#titles, name, newerTitle(this.#titles.get(name), title) ?? title, MAX_TITLES);
  }

  /** Somebody stored or told this title, or none. An own one that is newer is written again, once for all who tell so until then. */
  heard(name: string, other: Title | undefined): void {
    const own = this.#titles.get(name);
    if (own === undefined || (other !== undefined && other.id >= own.id)) return;
    this.#lost.add(name);
    if (!this.#working) void this.#work();
  }

  /** Storage was read. */
  read({ times, titles }: Stored): void {
    for (const name of this.#titles.keys()) if (times.has(name)) this.heard(name, titles.get(name));
  }

  async #work(): Promise<void> {
    const { scheduler, signal, write } = this.#options;
    this.#working = true;
    for (const name of this.#lost) {
      const own = this.#titles.get(name);
      if (signal.aborted) break;
      this.#lost.delete(name);
      // A title that could not be written is written when it is found missing again.
      if (own !== undefined) await write(name, own).catch(() => {});
      await sleep(scheduler, PAUSE_MS, signal);
    }
    this.#working = false;
  }
}
