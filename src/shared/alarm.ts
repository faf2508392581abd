import type { Scheduler } from './clock.js';

const NEVER = Number.POSITIVE_INFINITY;

/** One moment at which something is to be done. Set anew, it takes the place of the one before. */
export class Alarm {
  readonly #clock: Scheduler;
  readonly #ring: () => void;
  #at = NEVER;
  #cancel = () => {};

  /** `ring` is called when the moment has come; by then no other one is set. */
  constructor(clock: Scheduler, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** When it rings (monotonic); Infinity when it does not. */
  get at(): number {
    return this.#at;
  }

  set at(at: number) {
    if (at === this.#at) return;
    this.#cancel();
    this.#cancel = () => {};
    this.#at = at;
    if (at === NEVER) return;
    this.#cancel = this.#clock.after(Math.max(0, at - this.#clock.monotonic()), () => {
      this.#at = NEVER;
      this.#ring();
    });
  }
}
