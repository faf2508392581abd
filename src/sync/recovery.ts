import type { CaughtUp } from '../messages/caught-up.js';
import { SETTLE_MS } from '../messages/settle-window.js';
import type { Scheduler } from '../shared/clock.js';
import type { ChatError } from '../shared/errors.js';
import { onAbort } from '../shared/on-abort.js';
import { retry } from '../shared/retry.js';
import { RetryPause } from '../shared/retry-pause.js';

export interface RecoveryOptions {
  /** `doubted`: whether anything gave reason to think that the stream missed something. */
  read(how: { doubted: boolean }): Promise<CaughtUp>;
  scheduler: Scheduler;
  /** Ends it. */
  signal: AbortSignal;
  /** A reading failed; it is tried again. */
  onTrouble(error: ChatError): void;
}

const BACKOFF = { baseMs: 500, maxMs: 10_000 };

/**
 * Reads the list whenever the stream may have missed something: once now and once more after the settle window,
 * which is what guarantee G2 rests on. Readings follow one another, so that one which began before the stream went
 * live never passes for one that began after.
 */
export class Recovery {
  readonly #options: RecoveryOptions;
  readonly #pause: RetryPause;
  #reading: Promise<unknown> = Promise.resolve();
  /** Each is told of an error that another attempt follows after so many milliseconds. */
  readonly #waiting = new Set<(error: ChatError, waitMs: number) => void>();
  /** A reading that has not begun yet serves everybody who wants one. */
  #next: Promise<CaughtUp> | undefined;
  /** Whether one of those who want it has doubts. */
  #doubted = false;
  #cancelSettle: (() => void) | undefined;

  constructor(options: RecoveryOptions) {
    this.#options = options;
    const { scheduler, signal } = options;
    this.#pause = new RetryPause(scheduler, signal);
    onAbort(signal, () => this.#cancelSettle?.());
  }

  /**
   * Reads now, and once more after the settle window. Resolves with what the first reading gave. Rejects with a
   * {@link ChatError} when trying again cannot help, when `patienceMs` is over, or when it was stopped. A reading serves
   * several; it goes on for those who have more patience.
   */
  run(patienceMs = Number.POSITIVE_INFINITY): Promise<CaughtUp> {
    const { scheduler } = this.#options;
    const until = scheduler.monotonic() + patienceMs;
    return new Promise((resolve, reject) => {
      const onTrouble = (error: ChatError, waitMs: number) => {
        if (scheduler.monotonic() + waitMs > until) reject(error);
      };
      this.#waiting.add(onTrouble);
      this.#readTwice()
        .finally(() => this.#waiting.delete(onTrouble))
        .then(resolve, reject);
    });
  }

  #readTwice(): Promise<CaughtUp> {
    this.#doubted = true;
    this.#cancelSettle?.();
    const { scheduler, signal, onTrouble } = this.#options;
    if (signal.aborted) return this.#enqueue();
    this.#cancelSettle = scheduler.after(SETTLE_MS, () => {
      this.#cancelSettle = undefined;
      this.#doubted = true;
      this.#enqueue().catch((error: ChatError) => {
        if (!signal.aborted) onTrouble(error);
      });
    });
    return this.#enqueue();
  }

  /** Reads once, without any doubt of the stream. Rejects like {@link run}. */
  audit(): Promise<CaughtUp> {
    return this.#enqueue();
  }

  /** The service answers again: a reading that failed need not wait for its next attempt. */
  retryNow(): void {
    this.#pause.retryNow();
  }

  #enqueue(): Promise<CaughtUp> {
    if (this.#next !== undefined) return this.#next;
    const next = this.#reading.then(() => {
      this.#next = undefined;
      return this.#readUntilDone();
    });
    this.#next = next;
    this.#reading = next.catch(() => {});
    return next;
  }

  #readUntilDone(): Promise<CaughtUp> {
    const { read, scheduler, signal, onTrouble } = this.#options;
    const how = { doubted: this.#doubted };
    this.#doubted = false;
    this.#pause.reset();
    return retry(() => read(how), {
      scheduler,
      signal,
      backoff: BACKOFF,
      onTrouble: (error, waitMs) => {
        for (const tell of this.#waiting) tell(error, waitMs);
        onTrouble(error);
      },
      sleep: this.#pause.sleep,
    });
  }
}
