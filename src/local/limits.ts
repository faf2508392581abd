import { type LocalClock, monotonic } from './engine/clock.js';
import { MomentoError } from './status.js';

/**
 * The limits of a Momento account, each off unless given. A call beyond one is answered with RESOURCE_EXHAUSTED,
 * which the SDKs turn into a `LimitExceededError` with the reason in its message.
 */
export interface LocalLimits {
  /** Calls per second of all kinds together, over all clients; a subscription counts once, when it opens. Momento has no such limit. */
  operationsPerSecond: number;
  /** Calls per second on items of caches. Momento's soft default is 100. */
  cacheOperationsPerSecond: number;
  /** Publishes and new subscriptions per second. Momento's soft default is 10. */
  topicOperationsPerSecond: number;
  /** Calls per second that create, delete, list or flush caches. Momento's soft default is 5. */
  controlOperationsPerSecond: number;
  /** Streams open at the same time. Momento's soft default is 100. */
  subscriptions: number;
  /** Bytes in one published value. Momento: 4,096. */
  publishBytes: number;
  /** Bytes in one element of a collection; in a dictionary, of a field and its value. Momento: 131,072. */
  elementBytes: number;
  /** Bytes in one scalar item, its key and its value. Momento: 5,000,192. */
  itemBytes: number;
  /** The longest TTL, in seconds. Momento on demand: 86,400. */
  ttlSeconds: number;
  /** Disposable tokens minted per second. Momento: 5. */
  tokenMintsPerSecond: number;
}

/**
 * The limits that Momento documents for an account that has asked for nothing more.
 *
 * @example
 * ```ts
 * const momento = await startLocalMomento({ limits: MOMENTO_LIMITS });
 * ```
 */
export const MOMENTO_LIMITS: Readonly<Omit<LocalLimits, 'operationsPerSecond'>> = {
  cacheOperationsPerSecond: 100,
  topicOperationsPerSecond: 10,
  controlOperationsPerSecond: 5,
  subscriptions: 100,
  publishBytes: 4096,
  elementBytes: 128 * 1024,
  itemBytes: 4883 * 1024,
  ttlSeconds: 24 * 60 * 60,
  tokenMintsPerSecond: 5,
};

/** Checks calls against the limits that are on. */
export class LimitChecks {
  readonly #limits: Partial<LocalLimits>;
  readonly #operations: Rate;
  readonly #byService: readonly [service: string, rate: Rate][];
  readonly #mints: Rate;

  constructor(limits: Partial<LocalLimits>, clock: LocalClock) {
    for (const [name, value] of Object.entries(limits)) {
      if (value !== undefined && !(value > 0)) {
        throw new RangeError(
          `unable to start the local Momento; limits.${name} must be greater than 0, got ${value}`,
        );
      }
    }
    this.#limits = limits;
    this.#operations = new Rate(limits.operationsPerSecond, clock);
    // By the beginning of a call's path.
    this.#byService = [
      ['/control_client.ScsControl/', new Rate(limits.controlOperationsPerSecond, clock)],
      ['/cache_client.pubsub.Pubsub/', new Rate(limits.topicOperationsPerSecond, clock)],
      ['/cache_client.Scs/', new Rate(limits.cacheOperationsPerSecond, clock)],
    ];
    this.#mints = new Rate(limits.tokenMintsPerSecond, clock);
  }

  /** @param path - As in `/cache_client.Scs/Get`. */
  operation(path: string): void {
    const own = this.#byService.find(([service]) => path.startsWith(service))?.[1];
    if (own?.take() === false || !this.#operations.take()) {
      exceeded('Too many operations per second', 'operations_rate_limit_exceeded');
    }
  }

  mint(): void {
    if (!this.#mints.take()) exceeded('Too many tokens minted per second', 'operations_rate_limit_exceeded');
  }

  subscription(open: number): void {
    const most = this.#limits.subscriptions;
    if (most !== undefined && open >= most) {
      exceeded(`Too many subscribers: ${most} are allowed`, 'topic_subscriptions_limit_exceeded');
    }
  }

  publish(bytes: number): void {
    this.#size(bytes, this.#limits.publishBytes, 'Request limit exceeded', 'request_size_limit_exceeded');
  }

  element(bytes: number): void {
    this.#size(bytes, this.#limits.elementBytes, 'Element size exceeded', 'element_size_limit_exceeded');
  }

  /** The service refuses an item that is too large as a request that is. */
  item(key: Uint8Array, value: Uint8Array): void {
    const bytes = key.length + value.length;
    this.#size(bytes, this.#limits.itemBytes, 'Request limit exceeded', 'request_size_limit_exceeded');
  }

  ttl(ttlMs: number): void {
    const most = this.#limits.ttlSeconds;
    if (most !== undefined && ttlMs > most * 1000) {
      throw new MomentoError('RESOURCE_EXHAUSTED', `The TTL can be at most ${most} seconds`);
    }
  }

  /** Returns the limits of a cache for ListCaches: those in force, the service's defaults for the rest. */
  ofCaches(): {
    max_traffic_rate: number;
    max_throughput_kbps: number;
    max_item_size_kb: number;
    max_ttl_seconds: number;
  } {
    const { operationsPerSecond = 500, itemBytes = 4883 * 1024, ttlSeconds = 86_400 } = this.#limits;
    const { cacheOperationsPerSecond = operationsPerSecond } = this.#limits;
    return {
      max_traffic_rate: cacheOperationsPerSecond,
      max_throughput_kbps: 10_240,
      max_item_size_kb: Math.ceil(itemBytes / 1024),
      max_ttl_seconds: ttlSeconds,
    };
  }

  /** Returns the limits of a cache's topics for ListCaches. */
  ofTopics(): {
    max_publish_rate: number;
    max_subscription_count: number;
    max_publish_message_size_kb: number;
  } {
    const { operationsPerSecond = 100, subscriptions = 100, publishBytes = 100 * 1024 } = this.#limits;
    const { topicOperationsPerSecond = operationsPerSecond } = this.#limits;
    return {
      max_publish_rate: topicOperationsPerSecond,
      max_subscription_count: subscriptions,
      max_publish_message_size_kb: Math.ceil(publishBytes / 1024),
    };
  }

  #size(bytes: number, most: number | undefined, message: string, reason: string): void {
    if (most !== undefined && bytes > most)
      exceeded(`${message}: ${bytes} bytes, ${most} are allowed`, reason);
  }
}

/**
 * `err` is what the SDKs mean to read. In 1.118 they look at it before they have stored it and go by words of the
 * message instead ("operations", "subscribers", "request limit", "item size", "element size"), so both say it.
 */
function exceeded(message: string, err: string): never {
  throw new MomentoError('RESOURCE_EXHAUSTED', message, { err });
}

/** At most so many in any one second; undefined allows all. */
class Rate {
  readonly #perSecond: number | undefined;
  readonly #clock: LocalClock;
  #taken: number[] = [];

  constructor(perSecond: number | undefined, clock: LocalClock) {
    this.#perSecond = perSecond;
    this.#clock = clock;
  }

  take(): boolean {
    if (this.#perSecond === undefined) return true;
    const now = monotonic(this.#clock);
    this.#taken = this.#taken.filter((at) => at > now - 1000);
    if (this.#taken.length >= this.#perSecond) return false;
    this.#taken.push(now);
    return true;
  }
}
