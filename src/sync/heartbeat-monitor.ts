import { elapsedSince, type Instant, instant, type Scheduler } from '../shared/clock.js';

/** Silence is suspicious after so many heartbeats that did not come, and not before the least (ms). */
const HEARTBEATS = 3;
const LEAST_MS = 10_000;
const WITHOUT_CADENCE_MS = 30_000;

export interface HeartbeatMonitorOptions {
  scheduler: Scheduler;
  /** Time between the stream's heartbeats, as soon as it is known (milliseconds). */
  cadenceMs(): number | undefined;
  /** Called again and again while the silence lasts. */
  onSilence(): void;
}

/** Notices that a stream has shown no sign of life for far longer than its own cadence, and for how long it has not. */
export class HeartbeatMonitor {
  readonly #options: HeartbeatMonitorOptions;
  /** The last sign of life, or when its absence was last told. */
  #since: Instant;
  #cancel: (() => void) | undefined;

  constructor(options: HeartbeatMonitorOptions) {
    this.#options = options;
    this.#since = instant(options.scheduler);
  }

  /** A stream is there, and lives. */
  start(): void {
    this.beat();
    this.#watch();
  }

  /** The stream lives. */
  beat(): void {
    this.#since = instant(this.#options.scheduler);
  }

  stop(): void {
    this.#cancel?.();
  }

  /** Milliseconds until the silence is too long; none when it is. */
  get rest(): number {
    const cadence = this.#options.cadenceMs();
    const limit = cadence === undefined ? WITHOUT_CADENCE_MS : Math.max(LEAST_MS, HEARTBEATS * cadence);
    return Math.max(0, limit - elapsedSince(this.#since, this.#options.scheduler));
  }

  #watch(): void {
    this.#cancel?.();
    // The cadence may become known meanwhile, and the limit with it shorter.
    const wait = Math.max(1000, Math.min(LEAST_MS, this.rest));
    this.#cancel = this.#options.scheduler.after(wait, () => {
      const silent = this.rest === 0;
      if (silent) this.beat();
      this.#watch();
      if (silent) this.#options.onSilence();
    });
  }
}
