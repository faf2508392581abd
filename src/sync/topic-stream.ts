import type { Scheduler } from '../shared/clock.js';
import { ChatError } from '../shared/errors.js';
import { onAbort } from '../shared/on-abort.js';
import { Cadence } from '../transport/cadence.js';
import type {
  TopicAddress,
  TopicItem,
  TopicPosition,
  TopicSink,
  Transport,
  Uncertainty,
} from '../transport/transport.js';

/** Why a stream may have skipped something although it is alive. */
export type SkipReason = 'sequence' | 'discontinuity' | Exclude<Uncertainty, 'restored'>;

export interface TopicStreamEvents {
  item(item: TopicItem): void;
  /** The stream showed that it lives. */
  sign(): void;
  /** The stream lives, but may not have brought everything. */
  skipped(reason: SkipReason): void;
  /** The connection was lost, and is there again. */
  restored(): void;
  /** The stream is over. */
  ended(error: ChatError, how: 'ended' | 'interrupted'): void;
}

/** One stream of a topic: its items, whose sequence numbers are checked, and silence once it is closed. */
export class TopicStream {
  readonly #events: TopicStreamEvents;
  readonly #cadence: Cadence;
  readonly #life = new AbortController();
  /** The error that ended it, which may be in the same turn in which it went live. */
  #failure: ChatError | undefined;
  #sequence: number | undefined;

  private constructor(scheduler: Scheduler, events: TopicStreamEvents, after: TopicPosition | undefined) {
    this.#cadence = new Cadence(scheduler);
    this.#events = events;
    this.#sequence = after?.sequence;
  }

  /** Subscribes; resolves once the stream is live. Rejects with a {@link ChatError}. */
  static async open(options: {
    transport: Transport;
    topic: TopicAddress;
    /** The last item known, where the transport tells. */
    after: TopicPosition | undefined;
    scheduler: Scheduler;
    events: TopicStreamEvents;
    signal: AbortSignal;
  }): Promise<TopicStream> {
    const { transport, topic, after, signal } = options;
    const stream = new TopicStream(options.scheduler, options.events, after);
    const life = stream.#life;
    const stopWaiting = onAbort(signal, () => stream.close());
    try {
      if (signal.aborted) throw left();
      await transport.subscribe(topic, stream.#sink(), { signal: life.signal, what: 'the room', after });
      if (life.signal.aborted) throw stream.#failure ?? left();
    } catch (problem) {
      stream.close();
      throw problem;
    } finally {
      stopWaiting();
    }
    return stream;
  }

  /** Milliseconds between heartbeats; undefined until two have come. */
  get cadenceMs(): number | undefined {
    return this.#cadence.ms;
  }

  close(): void {
    if (!this.#life.signal.aborted) this.#life.abort(left());
  }

  #sink(): TopicSink {
    const { signal } = this.#life;
    const whileOpen =
      <Args extends unknown[]>(act: (...args: Args) => void) =>
      (...args: Args) => {
        if (!signal.aborted) act(...args);
      };
    return {
      item: whileOpen((item: TopicItem) => this.#onItem(item)),
      heartbeat: whileOpen(() => {
        this.#cadence.beat();
        this.#events.sign();
      }),
      discontinuity: whileOpen(() => {
        this.#sequence = undefined;
        this.#events.sign();
        this.#events.skipped('discontinuity');
      }),
      uncertain: whileOpen((reason: Uncertainty) => {
        if (reason === 'restored') this.#events.restored();
        else this.#events.skipped(reason);
      }),
      closed: whileOpen((error: ChatError, how: 'interrupted' | undefined) => {
        this.#failure = error;
        this.close();
        this.#events.ended(error, how ?? 'ended');
      }),
    };
  }

  #onItem(item: TopicItem): void {
    this.#events.sign();
    const previous = this.#sequence;
    this.#sequence = item.sequence;
    this.#events.item(item);
    if (previous !== undefined && item.sequence !== previous + 1) this.#events.skipped('sequence');
  }
}

function left(): ChatError {
  return new ChatError('closed', 'unable to subscribe to the room; it was left');
}
