import { type Scheduler, sleep } from './clock.js';
import { onAbort } from './on-abort.js';

/** The pause between two attempts, which {@link retryNow} ends; also one that has not begun: an attempt under way may be doomed. */
export class RetryPause {
  readonly #scheduler: Scheduler;
  #cut = new AbortController();

  /** `signal` ends every pause. */
  constructor(scheduler: Scheduler, signal?: AbortSignal) {
    this.#scheduler = scheduler;
    if (signal) onAbort(signal, () => this.retryNow());
  }

  /** The service answers again: the next attempt need not wait. */
  retryNow(): void {
    this.#cut.abort();
  }

  /** Other attempts begin. */
  reset(): void {
    this.#cut = new AbortController();
  }

  /** Waits between two attempts; see `RetryOptions.sleep`. */
  readonly sleep = async (ms: number): Promise<void> => {
    await sleep(this.#scheduler, ms, this.#cut.signal);
    this.reset();
  };
}
