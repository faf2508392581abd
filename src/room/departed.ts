import { idTime } from './ids.js';
import { RecentSet } from './recent-set.js';

/** So many ids are remembered one by one, at least: about 1 MB at most. */
const REMEMBERED = 5000;

/**
 * The ids that left memory: they are not new when they come again, however late (G1). The last thousands are known
 * exactly, so that a message that is old by its id and comes for the first time is not taken for one of them. Beyond
 * these a single id stands for all below it; one from the future does not, or it would stand for what is yet to come.
 */
export class Departed {
  readonly #recent: RecentSet;
  #floor = '';

  constructor(now: () => number) {
    this.#recent = new RecentSet(REMEMBERED, (forgotten) => {
      for (const id of forgotten) if (id > this.#floor && idTime(id) <= now()) this.#floor = id;
    });
  }

  has(id: string): boolean {
    return id <= this.#floor || this.#recent.has(id);
  }

  add(id: string): void {
    this.#recent.add(id);
  }
}
