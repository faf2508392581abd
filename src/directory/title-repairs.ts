import { type Scheduler, sleep } from '../shared/clock.js';
import type { Title } from './directory-entry.js';

/** Between two titles that are written again (milliseconds): any member may provoke it, as often as they like. */
const PAUSE_MS = 1000;

/** Writes titles again that were given from here and that somebody wrote over, one after the other; there are as many as own ones. */
export class TitleRepairs {
  readonly #options: {
    scheduler: Scheduler;
    signal: AbortSignal;
    write(name: string, title: Title): Promise<void>;
  };
  readonly #waiting = new Map<string, Title>();
  #working = false;

  constructor(options: {
    scheduler: Scheduler;
    signal: AbortSignal;
    write(name: string, title: Title): Promise<void>;
  }) {
    this.#options = options;
  }

  /** Has a title written again; once, however often it is asked for until then. */
  want(name: string, title: Title): void {
    this.#waiting.set(name, title);
    if (this.#working) return;
    this.#working = true;
    void this.#work();
  }

  async #work(): Promise<void> {
    const { scheduler, signal, write } = this.#options;
    for (const [name, title] of this.#waiting) {
      if (signal.aborted) break;
      this.#waiting.delete(name);
      // A title that could not be written is written when it is found missing again.
      await write(name, title).catch(() => {});
      await sleep(scheduler, PAUSE_MS, signal);
    }
    this.#working = false;
  }
}
