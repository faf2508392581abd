import type { Scheduler } from '../shared/clock.js';
import { ChatError, unable } from '../shared/errors.js';
import type { MomentoClients } from './client-types.js';
import { isUsedUp, toChatError, unlessError } from './sdk-errors.js';
import { sdkRoute } from './sdk-routes.js';
import { openSdkStream } from './sdk-stream.js';
import type {
  CacheInput,
  CallOptions,
  Operation,
  SubscribeOptions,
  TopicAddress,
  TopicSink,
  Transport,
} from './transport.js';

/**
 * Clients open so many subscriptions. The web SDK counts to 100 a client and takes none back, neither for one that has
 * ended nor for one that failed to begin.
 */
const MAX_SUBSCRIPTIONS = 80;

/**
 * Returns a transport that speaks through the clients of an SDK. A call of an SDK cannot be taken back: one that is
 * aborted rejects when the SDK is done with it.
 */
export function sdkTransport(clients: MomentoClients, scheduler: Scheduler): Transport {
  return new SdkTransport(() => clients, scheduler);
}

/** Returns a transport that makes new clients when the ones in use are used up. The streams that they opened live on. */
export function renewingSdkTransport(makeClients: () => MomentoClients, scheduler: Scheduler): Transport {
  return new RenewingSdkTransport(makeClients, scheduler);
}

class SdkTransport implements Transport {
  readonly #clients: () => MomentoClients;
  readonly #scheduler: Scheduler;

  constructor(clients: () => MomentoClients, scheduler: Scheduler) {
    this.#clients = clients;
    this.#scheduler = scheduler;
  }

  async call<Input extends CacheInput, Output>(
    operation: Operation<Input, Output>,
    input: Input,
    { signal, action = operation.action }: CallOptions = {},
  ): Promise<Output> {
    try {
      const route = sdkRoute(operation);
      signal?.throwIfAborted();
      const response = unlessError(action, await route.call(this.#clients(), input));
      signal?.throwIfAborted();
      return route.read(response);
    } catch (problem) {
      throw signal?.aborted ? reasonOf(signal, action) : toChatError(action, problem);
    }
  }

  async subscribe(
    topic: TopicAddress,
    sink: TopicSink,
    { signal, what = 'the topic' }: SubscribeOptions = {},
  ): Promise<void> {
    try {
      signal?.throwIfAborted();
      const { topics } = this.#clients();
      await openSdkStream({ topics, topic, sink, signal, what, scheduler: this.#scheduler });
    } catch (problem) {
      if (signal?.aborted) throw reasonOf(signal, `subscribe to ${what}`);
      const error = toChatError(`subscribe to ${what}`, problem);
      if (!isUsedUp(error)) throw error;
      throw unable(
        error.code,
        `subscribe to ${what}`,
        `the topic client in \`clients\` has no subscription left, and that of the web SDK takes none back: give new clients, or \`token\` instead`,
        { cause: error.cause },
      );
    }
  }
}

class RenewingSdkTransport extends SdkTransport {
  readonly #renew: () => void;
  #subscriptions = 0;

  constructor(makeClients: () => MomentoClients, scheduler: Scheduler) {
    let clients = makeClients();
    super(() => clients, scheduler);
    this.#renew = () => {
      clients = makeClients();
      this.#subscriptions = 0;
    };
  }

  override async subscribe(topic: TopicAddress, sink: TopicSink, options?: SubscribeOptions): Promise<void> {
    if (this.#subscriptions >= MAX_SUBSCRIPTIONS) this.#renew();
    this.#subscriptions += 1;
    try {
      await super.subscribe(topic, sink, options);
    } catch (problem) {
      if (!(problem instanceof ChatError) || !isUsedUp(problem)) throw problem;
      this.#renew();
      this.#subscriptions += 1;
      await super.subscribe(topic, sink, options);
    }
  }
}

/** The signal's own reason counts, if it is one of ours. */
function reasonOf({ reason }: AbortSignal, action: string): ChatError {
  return reason instanceof ChatError ? reason : unable('closed', action, 'it was cancelled');
}
