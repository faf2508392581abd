import { backoffDelay, CALL_BACKOFF } from '../shared/backoff.js';
import { type Scheduler, sleep, withTimeout } from '../shared/clock.js';
import { type ChatError, unable } from '../shared/errors.js';
import type { PageVisibility } from '../shared/page-visibility.js';

/** Holds all calls back while the connection is lost, and after one of them met a rate limit. */
export class SendGate {
  readonly #scheduler: Scheduler;
  #isLost = false;
  /** A browser ends the streams of a page that goes away. That is no reason to wait with the page's last words. */
  #pageGoes = false;
  /** Resolves when calls need not wait for the connection any more; undefined while they need not. */
  #lost: Promise<void> | undefined;
  #release: (() => void) | undefined;
  /** The limit that a call met last. */
  #limit: ChatError | undefined;
  #slowedUntil = 0;
  #slowdowns = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Whether calls wait for the connection. */
  get isPaused(): boolean {
    return this.#lost !== undefined;
  }

  /** Whether a call may be made now. */
  get isOpen(): boolean {
    return this.#lost === undefined && this.#slowedUntil <= this.#scheduler.monotonic();
  }

  /** Lets the last words of the page out, until the returned function is called. It may come back, with or without its streams. */
  watch(visibility: PageVisibility): () => void {
    const turn = (goes: boolean) => {
      this.#pageGoes = goes;
      this.#turn();
    };
    turn(false);
    return visibility.watch((state) => turn(state === 'pagehide' || (this.#pageGoes && state === 'hidden')));
  }

  /** The connection is lost. */
  pause(): void {
    this.#isLost = true;
    this.#turn();
  }

  resume(): void {
    this.#isLost = false;
    this.#turn();
  }

  /** A call that began at `from` (monotonic) met a rate limit. One that began before the last of them tells nothing new. */
  slowDown(from: number, limit: ChatError): void {
    if (from < this.#slowedUntil) return;
    this.#limit = limit;
    this.#slowdowns += 1;
    const wait = 100 + backoffDelay(this.#slowdowns, CALL_BACKOFF, this.#scheduler);
    this.#slowedUntil = Math.max(this.#slowedUntil, this.#scheduler.monotonic() + wait);
  }

  /** A call was acknowledged: the next limit counts as the first one. */
  ease(): void {
    this.#slowdowns = 0;
  }

  /**
   * Resolves when a call may be made. Rejects with a {@link ChatError} when that is not before `until` (monotonic), and with
   * the signal's reason.
   */
  async pass(until: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      if (signal.aborted) throw signal.reason;
      if (this.isOpen) return;
      const now = this.#scheduler.monotonic();
      const rest = until - now;
      if (rest <= 0) {
        // The service says which limit it is: one that never passes, such as that of a TTL, is called the same.
        if (!this.isPaused && this.#limit !== undefined) throw this.#limit;
        throw unable('network', 'send the message', 'the connection did not come back in time');
      }
      if (this.#lost === undefined)
        await sleep(this.#scheduler, Math.min(rest, this.#slowedUntil - now), signal);
      else await withTimeout(this.#lost, { ms: rest, scheduler: this.#scheduler, signal });
    }
  }

  #turn(): void {
    if (this.#isLost && !this.#pageGoes)
      this.#lost ??= new Promise((resolve) => {
        this.#release = resolve;
      });
    else {
      this.#release?.();
      this.#lost = undefined;
    }
  }
}
