import { elapsedSince, type Instant, instant, type Scheduler, withTimeout } from '../shared/clock.js';
import { ChatError } from '../shared/errors.js';
import type { MomentoClients, ResponseLike, TopicItemLike } from '../transport/client-types.js';
import { toChatError } from '../transport/sdk-errors.js';

/** Why a stream may have skipped something although it is alive. */
export type SkipReason = 'sequence' | 'discontinuity' | 'heartbeat' | 'first-item' | 'restart';

export interface TopicStreamEvents {
  item(item: TopicItemLike): void;
  /** The stream showed that it lives. */
  sign(): void;
  /** The stream lives, but may not have brought everything. */
  skipped(reason: SkipReason): void;
  /** The SDK lost the connection and says that it will restore it. */
  interrupted(): void;
  /** The stream is over. */
  ended(error: ChatError): void;
}

/** A subscription that has not begun after this many milliseconds will not. */
const OPEN_TIMEOUT_MS = 10_000;
/** A heartbeat off its time by more than this share of the cadence is one that a new stream began with. */
const HEARTBEAT_TOLERANCE = 0.2;
/** A longer interval is no cadence: the device slept, or heartbeats are too rare to be missed. */
const MAX_CADENCE_MS = 20_000;
/** Older streams may have been begun anew, unseen, before their first item; younger ones are read up anyway. */
const YOUNG_MS = 10_000;

const GIVEN_UP = new ChatError(
  'network',
  'unable to stay subscribed to the room; the SDK gave the stream up when Momento could not be reached',
);

interface SubscriptionLike extends ResponseLike {
  unsubscribe(): void;
  subscriptionState?: { setSubscribed?: () => void } | undefined;
}

/**
 * One subscription of an SDK, with what the SDK leaves out: a bound on how long it may take to begin, sequence
 * numbers that are looked at, and silence once it is closed.
 */
export class TopicStream {
  readonly #scheduler: Scheduler;
  readonly #events: TopicStreamEvents;
  readonly #openedAt: Instant;
  #subscription: SubscriptionLike | undefined;
  #closed = false;
  /** What ended it, which may be in the same turn in which it went live. */
  #failure: ChatError | undefined;
  #sequence: number | undefined;
  #heartbeatAt: Instant | undefined;
  #restarted = false;
  #cadenceMs: number | undefined;

  private constructor(scheduler: Scheduler, events: TopicStreamEvents) {
    this.#scheduler = scheduler;
    this.#events = events;
    this.#openedAt = instant(scheduler);
  }

  /** Subscribes; resolves once the stream is live. Rejects with a {@link ChatError}. */
  static async open(options: {
    clients: MomentoClients;
    cacheName: string;
    topic: string;
    scheduler: Scheduler;
    events: TopicStreamEvents;
    signal: AbortSignal;
  }): Promise<TopicStream> {
    const stream = new TopicStream(options.scheduler, options.events);
    try {
      await stream.#subscribe(options);
    } catch (problem) {
      stream.close();
      throw toChatError('subscribe to the room', problem);
    }
    return stream;
  }

  /** Milliseconds between heartbeats; undefined until two have come. */
  get cadenceMs(): number | undefined {
    return this.#cadenceMs;
  }

  close(): void {
    this.#closed = true;
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
  }

  async #subscribe(options: Parameters<typeof TopicStream.open>[0]): Promise<void> {
    const subscribing = options.clients.topics.subscribe(options.cacheName, options.topic, this.#callbacks());
    // A subscription that begins after it was given up is ended as soon as it is known.
    void subscribing.then(
      (response) => this.#closed && isSubscription(response) && response.unsubscribe(),
      () => {},
    );
    const response = await withTimeout(subscribing, {
      ms: OPEN_TIMEOUT_MS,
      scheduler: this.#scheduler,
      signal: options.signal,
    });
    // Kept before anything else, so that whatever goes wrong from here ends it.
    if (isSubscription(response)) this.#subscription = response;
    if (options.signal.aborted) throw new ChatError('closed', 'unable to subscribe to the room; it was left');
    if (response === undefined)
      throw new ChatError('timeout', 'unable to subscribe to the room; no answer in time');
    if (!isSubscription(response)) throw response;
    if (this.#failure !== undefined) throw this.#failure;
    this.#watchForGivingUp(response);
  }

  /**
   * The web SDK begins a broken stream anew by itself. When that fails and no item came before, it tells nobody; all it
   * does is to unsubscribe, on the object that it gave us.
   */
  #watchForGivingUp(subscription: SubscriptionLike): void {
    const unsubscribe = subscription.unsubscribe.bind(subscription);
    subscription.unsubscribe = () => {
      unsubscribe();
      // Where it has a reason to tell, it tells it in the same turn.
      queueMicrotask(() => this.#end(GIVEN_UP));
    };
    // The SDKs mark the state of a subscription each time that they begin its stream. Where they do not, heartbeats tell.
    const state = subscription.subscriptionState;
    const mark = state?.setSubscribed;
    if (state === undefined || mark === undefined) return;
    state.setSubscribed = () => {
      mark.call(state);
      this.#restarted = true;
    };
  }

  /** The first sign of a stream that the SDK has begun anew: it may not begin where the last one ended. */
  #tellRestart(): void {
    if (!this.#restarted) return;
    this.#restarted = false;
    this.#events.skipped('restart');
  }

  #end(failure: ChatError): void {
    if (this.#closed) return;
    this.close();
    this.#failure = failure;
    this.#events.ended(failure);
  }

  #callbacks() {
    const whileOpen =
      <Args extends unknown[]>(act: (...args: Args) => void) =>
      (...args: Args) => {
        if (!this.#closed) act(...args);
      };
    return {
      onItem: whileOpen((item: TopicItemLike) => this.#onItem(item)),
      onHeartbeat: whileOpen(() => this.#onHeartbeat()),
      onDiscontinuity: whileOpen(() => {
        this.#sequence = undefined;
        this.#events.sign();
        this.#events.skipped('discontinuity');
      }),
      onError: whileOpen((error: ResponseLike) => {
        const cause = toChatError('stay subscribed to the room', error);
        // An item without text or bytes is reported this way; the stream goes on.
        if (/unknown item/i.test(cause.message)) return;
        this.#end(cause);
      }),
      onConnectionLost: whileOpen(() => this.#events.interrupted()),
      onSubscriptionEnd: whileOpen(() => this.#events.interrupted()),
    };
  }

  #onItem(item: TopicItemLike): void {
    this.#events.sign();
    const previous = this.#sequence;
    const sequence = item.sequenceNumber();
    this.#sequence = sequence;
    this.#events.item(item);
    this.#tellRestart();
    if (previous !== undefined && sequence !== previous + 1) this.#events.skipped('sequence');
    else if (previous === undefined && elapsedSince(this.#openedAt, this.#scheduler) > YOUNG_MS)
      this.#events.skipped('first-item');
  }

  /**
   * The service sends a heartbeat when a stream begins. One that comes off its time may be the only trace that an
   * SDK leaves when it has begun a stream anew without a word.
   */
  #onHeartbeat(): void {
    const last = this.#heartbeatAt;
    this.#heartbeatAt = instant(this.#scheduler);
    this.#events.sign();
    this.#tellRestart();
    if (last === undefined) return;
    const interval = Math.max(1, elapsedSince(last, this.#scheduler));
    const cadence = this.#cadenceMs;
    this.#cadenceMs = interval > MAX_CADENCE_MS ? undefined : interval;
    if (cadence !== undefined && Math.abs(interval - cadence) <= HEARTBEAT_TOLERANCE * cadence) return;
    this.#events.skipped('heartbeat');
  }
}

function isSubscription(response: unknown): response is SubscriptionLike {
  return (
    typeof response === 'object' &&
    response !== null &&
    'type' in response &&
    response.type === 'Subscription'
  );
}
