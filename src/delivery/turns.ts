import { onAbort } from '../shared/on-abort.js';

/** Lets so much work be done at once. The rest waits for its turn, first come, first served. */
export class Turns {
  readonly #limit: number;
  #active = 0;
  /** Each begins a piece of work that waits. */
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many pieces of work are under way, or wait. */
  get size(): number {
    return this.#active + this.#waiting.length;
  }

  /** Begins the work before it returns, where there is a turn. Rejects with the signal's reason while it waits for one. */
  async take<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#active < this.#limit) this.#active += 1;
    else await this.#wait(signal);
    try {
      return await work();
    } finally {
      // The turn is handed on, or back.
      const next = this.#waiting.shift();
      if (next === undefined) this.#active -= 1;
      else next();
    }
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const begin = () => {
        stopWaiting();
        resolve();
      };
      const stopWaiting = onAbort(signal, () => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        reject(signal.reason);
      });
      this.#waiting.push(begin);
    });
  }
}
