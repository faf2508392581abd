import { type BackoffBounds, backoffDelay } from '../shared/backoff.js';
import type { Scheduler } from '../shared/clock.js';

/** Between two rounds. Each write is repeated for some seconds itself (milliseconds). */
const BACKOFF: BackoffBounds = { baseMs: 5000, maxMs: 120_000 };
/** Rounds in a row that write nothing, before it is given up: half an hour at most, mostly. */
const MAX_ROUNDS = 20;

/** Rooms whose writing failed. They are written again, round by round. */
export class FailedWrites {
  readonly #scheduler: Scheduler;
  readonly #signal: AbortSignal;
  readonly #write: (room: string) => void;
  readonly #rooms = new Set<string>();
  #rounds = 0;
  #cancel: (() => void) | undefined;

  constructor(scheduler: Scheduler, signal: AbortSignal, write: (room: string) => void) {
    this.#scheduler = scheduler;
    this.#signal = signal;
    this.#write = write;
  }

  add(room: string): void {
    this.#rooms.add(room);
  }

  /** The room was written. */
  done(room: string): void {
    this.#rooms.delete(room);
    this.#rounds = 0;
  }

  /** Writes them in a while, if there are any. */
  later(): void {
    if (this.#rooms.size === 0 || this.#cancel !== undefined || this.#signal.aborted) return;
    if (this.#rounds >= MAX_ROUNDS) {
      this.#rooms.clear();
      this.#rounds = 0;
      return;
    }
    const ms = backoffDelay(this.#rounds, BACKOFF, this.#scheduler);
    const round = () => {
      this.#rounds += 1;
      this.atOnce();
    };
    this.#cancel = this.#scheduler.after(ms, round, { background: true });
  }

  atOnce(): void {
    this.pause();
    const rooms = [...this.#rooms];
    this.#rooms.clear();
    for (const room of rooms) this.#write(room);
  }

  /** Nothing is written until one of the others is called. */
  pause(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
