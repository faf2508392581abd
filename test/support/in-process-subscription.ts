import type { Scheduler } from '../../src/shared/clock.js';
import type { ResponseLike, SubscribeOptionsLike } from '../../src/transport/client-types.js';
import type { TopicAddress, TopicItem, Transport } from '../../src/transport/transport.js';

/**
 * How an SDK begins a broken stream anew by itself. `told`: with a word before, as the Node SDK. `marked`: with nothing but
 * a mark on the state of the subscription, as the web SDK. Items that are published meanwhile are missed.
 */
export type Restart = 'told' | 'marked';

/** How long it takes before it does so, in ms. */
const RESTART_MS = 500;

interface SdkSubscriptionOptions {
  transport: Transport;
  scheduler: Scheduler;
  topic: TopicAddress;
  on: SubscribeOptionsLike;
  errorOf(problem: unknown): ResponseLike;
  onOver(): void;
}

/** A subscription in the shape of the SDKs: one after the other, the streams that it is made of. */
export class SdkSubscription implements ResponseLike {
  readonly type = 'Subscription';
  readonly subscriptionState = { setSubscribed: () => {} };
  readonly #options: SdkSubscriptionOptions;
  #stop = new AbortController();
  #over = false;

  constructor(options: SdkSubscriptionOptions) {
    this.#options = options;
  }

  /** Opens the first stream. */
  begin(): Promise<void> {
    return this.#open(this.#stop.signal);
  }

  unsubscribe(): void {
    this.#stop.abort();
    if (this.#over) return;
    this.#over = true;
    this.#options.onOver();
  }

  restart(how: Restart): void {
    const { scheduler, on } = this.#options;
    this.#stop.abort();
    if (how === 'told') on.onConnectionLost();
    const { signal } = this.#renewed();
    scheduler.after(RESTART_MS, () => void this.#beginAnew(how, signal));
  }

  async #beginAnew(how: Restart, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    if (how === 'marked') this.subscriptionState.setSubscribed();
    try {
      await this.#open(signal);
    } catch (problem) {
      if (signal.aborted) return;
      if (how === 'told') this.#fail(problem);
      // The web SDK gives up without a word; nothing but its own unsubscribing shows it.
      else this.unsubscribe();
    }
  }

  #renewed(): AbortController {
    this.#stop = new AbortController();
    // It may have been given up by whoever heard that the connection was lost.
    if (this.#over) this.#stop.abort();
    return this.#stop;
  }

  #open(signal: AbortSignal): Promise<void> {
    const { transport, topic, on } = this.#options;
    const sink = {
      item: ({ value, sequence, publisherId }: TopicItem) =>
        on.onItem({ value: () => value, sequenceNumber: () => sequence, tokenId: () => publisherId }),
      heartbeat: () => on.onHeartbeat({}),
      discontinuity: () => on.onDiscontinuity({}),
      uncertain: () => {},
      closed: (error: unknown) => this.#fail(error),
    };
    return transport.subscribe(topic, sink, { signal });
  }

  #fail(problem: unknown): void {
    const { on, errorOf, onOver } = this.#options;
    if (this.#over) return;
    this.#over = true;
    this.#stop.abort();
    onOver();
    on.onError(errorOf(problem), this);
  }
}
