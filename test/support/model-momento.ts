import type {
  CacheClientLike,
  ResponseLike,
  SubscribeOptionsLike,
  TopicClientLike,
  TopicItemLike,
} from '../../src/transport/client-types.js';
import { randomFrom, type VirtualTime } from './virtual-time.js';
import { FAIR, type Weather } from './weather.js';

export type Rpc = 'publish' | 'push' | 'fetch' | 'subscribe';
export type Cut = 'told' | 'silent' | 'healed' | 'healed-unseen';

interface Subscriber {
  options: SubscribeOptionsLike;
  client: ModelClient;
  open: boolean;
  token: string;
}

const error = (code: string, message = code): ResponseLike =>
  ({ type: 'Error', errorCode: () => code, message: () => message }) as ResponseLike;
const NO_ANSWER = 'Http response at 400 or 500 level, http status code: 0';

/**
 * The service as far as a room's logic can tell, in virtual time: a list and a topic per name, subscribers that can
 * be cut with or without a word, tokens that can be revoked. It is a model for exploring interleavings; the real
 * SDKs are tested against the local Momento over sockets.
 */
export class ModelMomento {
  readonly lists = new Map<string, string[]>();
  /** Names under which an entry of another kind stands in the place of the list. */
  readonly replaced = new Set<string>();
  /** Entries that fetches brought, all together. */
  fetched = 0;
  readonly #time: VirtualTime;
  readonly #subscribers = new Set<Subscriber>();
  readonly #revoked = new Set<string>();
  readonly #sequences = new Map<string, number>();
  readonly #random: () => number;
  readonly #heartbeatMs: number;
  weather: Weather = FAIR;
  #cancelHeartbeat: (() => void) | undefined;

  constructor(time: VirtualTime, seed: number, { heartbeatMs = 5000 } = {}) {
    this.#heartbeatMs = heartbeatMs;
    this.#time = time;
    this.#random = randomFrom(seed);
    this.#beat();
  }

  client(token = 'root'): ModelClient {
    return new ModelClient(this, token);
  }

  get subscriptions(): number {
    return [...this.#subscribers].filter(({ open }) => open).length;
  }

  close(): void {
    this.#cancelHeartbeat?.();
  }

  /**
   * Ends streams: with a word to the client, without one, or as the SDKs do when they begin a stream anew by
   * themselves, with a word before (the Node SDK) or none at all (the web SDK).
   */
  cut(which: (client: ModelClient) => boolean, how: Cut): void {
    for (const subscriber of [...this.#subscribers]) {
      if (!which(subscriber.client)) continue;
      this.#subscribers.delete(subscriber);
      if (how === 'told') this.#fail(subscriber, error('INTERNAL_SERVER_ERROR'));
      if (how === 'silent' || how === 'told') continue;
      if (how === 'healed') subscriber.options.onConnectionLost();
      this.#time.after(500, () => {
        if (!subscriber.open || !subscriber.client.connected) return;
        this.#subscribers.add(subscriber);
        subscriber.options.onHeartbeat({});
      });
    }
  }

  revoke(token: string): void {
    this.#revoked.add(token);
    for (const subscriber of [...this.#subscribers]) {
      if (subscriber.token !== token) continue;
      this.#subscribers.delete(subscriber);
      this.#fail(subscriber, error('AUTHENTICATION_ERROR'));
    }
  }

  /** One call through the weather: `work` happens at the service, or not. */
  async call(client: ModelClient, rpc: Rpc, work: () => ResponseLike): Promise<ResponseLike> {
    const { latencyMs, loseRequest, loseResponse, slow, refuse } = this.weather;
    const leg = () =>
      this.#random() * latencyMs + (this.#random() < slow.chance ? this.#random() * slow.ms : 0);
    const fixed = client.delays?.(rpc);
    await this.#wait(fixed?.there ?? leg());
    if (!client.connected || this.#random() < loseRequest) return this.#unanswered();
    if (this.#random() < refuse) return error('SERVER_UNAVAILABLE', 'the service is busy');
    const response = this.#revoked.has(client.token) ? error('AUTHENTICATION_ERROR') : work();
    const ms = this.#transferMs(response);
    if (ms > 5000) {
      await this.#wait(5000);
      return error('TIMEOUT_ERROR');
    }
    await this.#wait((fixed?.back ?? leg()) + ms);
    if (!client.connected || this.#random() < loseResponse) return this.#unanswered();
    return response;
  }

  async subscribe(client: ModelClient, topic: string, options: SubscribeOptionsLike): Promise<ResponseLike> {
    const subscriber: Subscriber = { options, client, open: true, token: client.token };
    const response = await this.call(client, 'subscribe', () => {
      client.topicOf.set(subscriber, topic);
      this.#subscribers.add(subscriber);
      return { type: 'Subscription' };
    });
    if (response.type !== 'Subscription') {
      subscriber.open = false;
      this.#subscribers.delete(subscriber);
      return response;
    }
    options.onHeartbeat({});
    return Object.assign(response, {
      unsubscribe: () => {
        subscriber.open = false;
        this.#subscribers.delete(subscriber);
      },
    });
  }

  publish(topic: string, payload: string): void {
    const sequence = (this.#sequences.get(topic) ?? 0) + 1;
    this.#sequences.set(topic, sequence);
    for (const subscriber of this.#subscribers) {
      if (subscriber.client.topicOf.get(subscriber) !== topic) continue;
      const item: TopicItemLike = {
        value: () => payload,
        sequenceNumber: () => sequence,
        tokenId: () => undefined,
      };
      // One stream keeps its order, so every item takes equally long.
      this.#time.after(this.weather.latencyMs, () => {
        if (subscriber.open && subscriber.client.connected && this.#subscribers.has(subscriber)) {
          subscriber.options.onItem(item);
        }
      });
    }
  }

  #transferMs(response: ResponseLike): number {
    if (!('valueListString' in response)) return 0;
    const values = (response as ResponseLike & { valueListString(): string[] }).valueListString();
    this.fetched += values.length;
    const bytes = values.reduce((sum, { length }) => sum + length, 0);
    return (bytes * 1000) / (this.weather.bytesPerSecond ?? Number.POSITIVE_INFINITY);
  }

  async #unanswered(): Promise<ResponseLike> {
    await this.#wait(this.#random() * 5000);
    return error('UNKNOWN_SERVICE_ERROR', NO_ANSWER);
  }

  #fail(subscriber: Subscriber, response: ResponseLike): void {
    this.#time.after(this.weather.latencyMs, () => {
      if (subscriber.open) subscriber.options.onError(response, response);
      subscriber.open = false;
    });
  }

  #beat(): void {
    this.#cancelHeartbeat = this.#time.after(this.#heartbeatMs, () => {
      for (const { options, open, client } of this.#subscribers)
        if (open && client.connected) options.onHeartbeat({});
      this.#beat();
    });
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#time.after(ms, resolve);
    });
  }
}

/** The web SDK's topic client counts so far, and takes nothing back. */
const MAX_SUBSCRIPTIONS = 100;

/** A pair of SDK clients of one device. */
export class ModelClient {
  readonly token: string;
  readonly topicOf = new Map<unknown, string>();
  readonly topics: TopicClientLike;
  readonly cache: CacheClientLike;
  connected = true;
  /** Subscriptions that were ever asked for. */
  subscribed = 0;
  /** Overrides the weather: how long a call takes to the service and back, in ms. */
  delays: ((rpc: Rpc) => { there: number; back: number }) | undefined;

  constructor(momento: ModelMomento, token: string) {
    this.token = token;
    this.topics = {
      publish: (_, topic, value) =>
        momento.call(this, 'publish', () => {
          momento.publish(topic, String(value));
          return { type: 'Success' };
        }),
      subscribe: async (_, topic, options) => {
        if (this.subscribed >= MAX_SUBSCRIPTIONS)
          return error('CLIENT_RESOURCE_EXHAUSTED', 'Already at maximum number of subscriptions');
        this.subscribed += 1;
        return momento.subscribe(this, topic, options);
      },
    };
    this.cache = {
      listPushFront: (_, name, value, options) =>
        momento.call(this, 'push', () => {
          if (momento.replaced.has(name)) return error('FAILED_PRECONDITION_ERROR');
          const list = [String(value), ...(momento.lists.get(name) ?? [])].slice(
            0,
            options?.truncateBackToSize,
          );
          momento.lists.set(name, list);
          return { type: 'Success' };
        }),
      listFetch: (_, name, options) =>
        momento.call(this, 'fetch', () => {
          if (momento.replaced.has(name)) return error('FAILED_PRECONDITION_ERROR');
          const values = (momento.lists.get(name) ?? []).slice(options?.startIndex, options?.endIndex);
          return values.length === 0
            ? { type: 'Miss' }
            : Object.assign({ type: 'Hit' }, { valueListString: () => values });
        }),
    };
  }
}
