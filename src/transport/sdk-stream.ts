import { elapsedSince, instant, type Scheduler, withTimeout } from '../shared/clock.js';
import { type ChatError, unable } from '../shared/errors.js';
import { Cadence } from './cadence.js';
import type { ResponseLike, SubscribeOptionsLike, TopicClientLike, TopicItemLike } from './client-types.js';
import { toChatError } from './sdk-errors.js';
import type { TopicAddress, TopicItem, TopicSink } from './transport.js';

/** A subscription that has not begun after this many milliseconds will not. */
const OPEN_TIMEOUT_MS = 10_000;
/** Older streams may have been begun anew, unseen, before their first item; younger ones are read up anyway. */
const YOUNG_MS = 10_000;
/** An SDK that lost its connection may take this long to restore it (milliseconds). */
const HEAL_MS = 2000;

interface SubscriptionLike extends ResponseLike {
  unsubscribe(): void;
  subscriptionState?: { setSubscribed?: () => void } | undefined;
}

interface StreamOptions {
  topics: TopicClientLike;
  topic: TopicAddress;
  sink: TopicSink;
  scheduler: Scheduler;
  signal: AbortSignal | undefined;
  what: string;
}

/**
 * Opens one subscription of an SDK, with what the SDK leaves out: a bound on how long it may take to begin, doubts where
 * it may have begun a stream anew without a word, an end when it does not restore a connection, and silence once the
 * subscription is over. Rejects with whatever made it fail, which may be a response of the SDK.
 */
export async function openSdkStream(options: StreamOptions): Promise<void> {
  const stream = new SdkStream(options);
  try {
    await stream.open(options);
  } catch (problem) {
    stream.close();
    throw problem;
  }
}

class SdkStream {
  readonly #sink: TopicSink;
  readonly #scheduler: Scheduler;
  readonly #what: string;
  readonly #signal: AbortSignal | undefined;
  readonly #openedAt;
  readonly #cadence: Cadence;
  #subscription: SubscriptionLike | undefined;
  #live = false;
  #closed = false;
  /** An error that came before the stream was live. */
  #failure: ChatError | undefined;
  /** The number of the last item; undefined while none came, or none since a discontinuity. */
  #sequence: number | undefined;
  #cancelHeal: (() => void) | undefined;
  /** Whether the SDK marks each beginning of the stream; else a new one may begin unseen. */
  #marked = false;
  /** The SDK has begun the stream anew, and nothing came on it yet. */
  #restarted = false;

  constructor({ sink, scheduler, what, signal }: StreamOptions) {
    this.#sink = sink;
    this.#scheduler = scheduler;
    this.#what = what;
    this.#signal = signal;
    this.#openedAt = instant(scheduler);
    this.#cadence = new Cadence(scheduler);
    signal?.addEventListener('abort', this.#onAbort);
  }

  async open({ topics, topic, signal }: StreamOptions): Promise<void> {
    const subscribing = topics.subscribe(topic.cache, topic.topic, this.#callbacks());
    const begun = await withTimeout(
      subscribing.then((response) => this.#begin(response)),
      { ms: OPEN_TIMEOUT_MS, scheduler: this.#scheduler, signal },
    );
    if (!begun) throw unable('timeout', `subscribe to ${this.#what}`, 'no answer in time');
    if (this.#failure !== undefined) throw this.#failure;
    this.#live = true;
  }

  /** Known as soon as there is one: it may be given up, or begun anew, in the same turn. Throws what is no subscription. */
  #begin(response: ResponseLike): true {
    if (!isSubscription(response)) throw response;
    this.#subscription = response;
    this.#watchForGivingUp(response);
    this.#watchForRestarts(response);
    // A subscription that begins after it was given up is ended.
    if (this.#closed) this.close();
    return true;
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
      queueMicrotask(() => {
        if (this.#closed) return;
        const why = 'the SDK gave the stream up when Momento could not be reached';
        this.#end(unable('network', `stay subscribed to ${this.#what}`, why));
      });
    };
  }

  /**
   * The SDKs mark the state of a subscription each time that they begin its stream. Where they do not, a heartbeat off its
   * time and a late first item may be the only traces.
   */
  #watchForRestarts({ subscriptionState: state }: SubscriptionLike): void {
    const mark = state?.setSubscribed;
    if (state === undefined || mark === undefined) return;
    this.#marked = true;
    state.setSubscribed = () => {
      mark.call(state);
      this.#restarted = true;
    };
  }

  /** The first sign of a stream that the SDK has begun anew: it may not begin where the last one ended. */
  #tellRestart(): void {
    if (!this.#restarted) return;
    this.#restarted = false;
    this.#sink.uncertain('restart');
  }

  close(): void {
    this.#closed = true;
    this.#cancelHeal?.();
    this.#signal?.removeEventListener('abort', this.#onAbort);
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
  }

  readonly #onAbort = (): void => this.close();

  #callbacks(): SubscribeOptionsLike {
    const whileOpen =
      <Args extends unknown[]>(act: (...args: Args) => void) =>
      (...args: Args) => {
        if (!this.#closed) act(...args);
      };
    return {
      onItem: whileOpen((item: TopicItemLike) =>
        // A token without an id has an empty one.
        this.#onItem({
          value: item.value(),
          sequence: item.sequenceNumber(),
          publisherId: item.tokenId() || undefined,
        }),
      ),
      onHeartbeat: whileOpen(() => this.#onHeartbeat()),
      onDiscontinuity: whileOpen(() => {
        this.#healed();
        this.#sequence = undefined;
        this.#sink.discontinuity();
      }),
      onError: whileOpen((error: ResponseLike) => {
        const cause = toChatError(`stay subscribed to ${this.#what}`, error);
        if (!/unknown item/i.test(cause.message)) this.#end(cause);
        // An item without text or bytes is reported this way, without its number, which must not be missed; the stream goes on.
        else if (/value/i.test(cause.message) && this.#sequence !== undefined)
          this.#onItem({ value: '', sequence: this.#sequence + 1 });
      }),
      onConnectionLost: whileOpen(() => this.#onInterrupted()),
      onSubscriptionEnd: whileOpen(() => this.#onInterrupted()),
    };
  }

  #onItem(item: TopicItem): void {
    this.#healed();
    const first = this.#sequence === undefined;
    this.#sequence = item.sequence;
    this.#sink.item(item);
    this.#tellRestart();
    const late = first && elapsedSince(this.#openedAt, this.#scheduler) > YOUNG_MS;
    if (late && !this.#marked) this.#sink.uncertain('first-item');
  }

  /** The service sends a heartbeat when a stream begins, off the time of those of the one before. */
  #onHeartbeat(): void {
    const onTime = this.#cadence.beat();
    this.#healed();
    this.#sink.heartbeat();
    this.#tellRestart();
    if (!onTime && !this.#marked) this.#sink.uncertain('heartbeat');
  }

  /** The SDK says that it will restore the connection. */
  #onInterrupted(): void {
    if (!this.#live) return;
    this.#cancelHeal ??= this.#scheduler.after(HEAL_MS, () =>
      this.#end(
        unable('network', `stay subscribed to ${this.#what}`, 'the connection was lost'),
        'interrupted',
      ),
    );
  }

  /** The stream showed that it lives. */
  #healed(): void {
    if (this.#cancelHeal === undefined) return;
    this.#cancelHeal();
    this.#cancelHeal = undefined;
    this.#sink.uncertain('restored');
  }

  #end(error: ChatError, how?: 'interrupted'): void {
    this.close();
    if (this.#live) this.#sink.closed(error, how);
    else this.#failure = error;
  }
}

function isSubscription(response: unknown): response is SubscriptionLike {
  return (response as Partial<ResponseLike> | null | undefined)?.type === 'Subscription';
}
