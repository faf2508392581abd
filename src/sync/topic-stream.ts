import { elapsedSince, type Instant, instant, type Scheduler } from '../shared/clock.js';
import { type ChatError, unable } from '../shared/errors.js';
import { onAbort } from '../shared/on-abort.js';
import { Cadence } from '../transport/cadence.js';
import type { TopicItem, TopicSink, Uncertainty } from '../transport/transport.js';

/** A stream lives on for so long after its successor is live: items may still be on their way (milliseconds). */
const OVERLAP_MS = 2000;
/** Silence is suspicious after so many heartbeats that did not come, and not before the least (ms). */
const HEARTBEATS = 3;
const LEAST_MS = 10_000;
const WITHOUT_CADENCE_MS = 30_000;

/** Why a stream may have skipped something although it is alive. */
export type SkipReason = 'sequence' | 'discontinuity' | Exclude<Uncertainty, 'restored'>;

export interface TopicStreamEvents {
  item(item: TopicItem): void;
  /** The stream lives, but may not have brought everything. */
  skipped(reason: SkipReason): void;
  /** The connection was lost, and is there again. */
  restored(): void;
  /** No sign of life for far longer than the stream's own cadence. Told of again and again while that lasts. */
  silent(): void;
  /** The stream is over. */
  ended(error: ChatError, how: 'ended' | 'interrupted'): void;
}

/**
 * One stream of a topic: its items, whose sequence numbers are checked, and its heartbeats, which are missed. Once another
 * took its place, only its items count; once it is closed, nothing does.
 */
export class TopicStream implements TopicSink {
  readonly #scheduler: Scheduler;
  readonly #events: TopicStreamEvents;
  readonly #cadence: Cadence;
  readonly #life = new AbortController();
  readonly #stopWaiting: () => void;
  #state: 'opening' | 'live' | 'retired' = 'opening';
  /** The error that ended it, which may be in the same turn in which it went live. */
  #failure = unable('closed', 'subscribe to the room', 'it was left');
  #sequence: number | undefined;
  /** The last sign of life, or when its absence was last told. */
  #since: Instant;
  #cancelTimer = (): void => {};

  /** `signal` closes it. `after`: the sequence number of the last item known, where the stream begins behind it. */
  constructor(options: {
    scheduler: Scheduler;
    events: TopicStreamEvents;
    signal: AbortSignal;
    after: number | undefined;
  }) {
    const { scheduler, events, signal, after } = options;
    this.#scheduler = scheduler;
    this.#cadence = new Cadence(scheduler);
    this.#events = events;
    this.#sequence = after;
    this.#since = instant(scheduler);
    this.#stopWaiting = onAbort(signal, () => this.close());
    if (signal.aborted) this.close();
  }

  /** Aborts when the stream is over. */
  get signal(): AbortSignal {
    return this.#life.signal;
  }

  /** Milliseconds between heartbeats; undefined until two have come. */
  get cadenceMs(): number | undefined {
    return this.#cadence.ms;
  }

  /** Whether it has shown no sign of life for too long. */
  get isSilent(): boolean {
    return this.#patience === 0;
  }

  /** The transport says that it is live. Throws the {@link ChatError} that has ended it since. */
  begin(): void {
    if (this.signal.aborted) throw this.#failure;
    this.#state = 'live';
    this.#beat();
    this.#watch();
  }

  /** Another stream took its place. */
  retire(): void {
    this.#state = 'retired';
    this.#cancelTimer();
    this.#cancelTimer = this.#scheduler.after(OVERLAP_MS, () => this.close());
  }

  close(): void {
    this.#cancelTimer();
    this.#stopWaiting();
    this.#life.abort(this.#failure);
  }

  item(item: TopicItem): void {
    if (this.signal.aborted) return;
    this.#beat();
    const previous = this.#sequence;
    this.#sequence = item.sequence;
    if (previous !== undefined && item.sequence !== previous + 1) this.#skipped('sequence');
    this.#events.item(item);
  }

  heartbeat(): void {
    this.#cadence.beat();
    this.#beat();
  }

  discontinuity(): void {
    this.#sequence = undefined;
    this.#beat();
    this.#skipped('discontinuity');
  }

  uncertain(reason: Uncertainty): void {
    if (reason !== 'restored') this.#skipped(reason);
    else if (this.#counts) this.#events.restored();
  }

  closed(error: ChatError, how: 'ended' | 'interrupted' = 'ended'): void {
    const isLive = this.#counts && this.#state === 'live';
    if (this.#counts) this.#failure = error;
    this.close();
    // One that ended before it was taken over fails to open.
    if (isLive) this.#events.ended(error, how);
  }

  get #counts(): boolean {
    return !this.signal.aborted && this.#state !== 'retired';
  }

  /** Milliseconds until the silence is too long. */
  get #patience(): number {
    const cadence = this.cadenceMs;
    const limit = cadence === undefined ? WITHOUT_CADENCE_MS : Math.max(LEAST_MS, HEARTBEATS * cadence);
    return Math.max(0, limit - elapsedSince(this.#since, this.#scheduler));
  }

  #beat(): void {
    this.#since = instant(this.#scheduler);
  }

  #watch(): void {
    // The cadence may become known meanwhile, and the limit with it shorter.
    const wait = Math.max(1000, Math.min(LEAST_MS, this.#patience));
    this.#cancelTimer = this.#scheduler.after(wait, () => {
      const { isSilent } = this;
      if (isSilent) this.#beat();
      this.#watch();
      if (isSilent) this.#events.silent();
    });
  }

  #skipped(reason: SkipReason): void {
    if (this.#counts) this.#events.skipped(reason);
  }
}
