import { MomentoError } from '../status.js';
import type { LocalClock } from './clock.js';
import type { EventSink, Subscription } from './subscription.js';
import { Topic, type TopicOptions } from './topic.js';
import type { TopicValue } from './topic-events.js';

/** Which topics a fault is about; what is absent is not restricted. */
export interface TopicFilter {
  topic?: string | undefined;
  cache?: string | undefined;
}

/** Every topic of every cache. A topic exists as soon as somebody speaks of it. */
export class Topics {
  readonly #topics = new Map<string, Map<string, Topic>>();
  readonly #options: TopicOptions;
  #page: number;
  #subscriptions = 0;

  constructor(options: { clock: LocalClock; heartbeatMs: number; replayItems: number }) {
    // Pages count on from the time of the start, so that a client of an earlier server never takes ours for its own.
    this.#page = Math.floor(options.clock.now() / 1000);
    this.#options = { ...options, nextPage: () => ++this.#page };
  }

  /** How many streams are open, over all topics. */
  get subscriptionCount(): number {
    return this.#subscriptions;
  }

  publish(cache: string, topic: string, value: TopicValue, publisherId: string): void {
    this.#topic(cache, topic).publish(value, publisherId);
  }

  skip(cache: string, topic: string): void {
    this.#topic(cache, topic).skip();
  }

  /** A subscription that is yet to be started, see {@link Topic.subscribe}. */
  subscribe(cache: string, topic: string, sink: EventSink): Subscription {
    const found = this.#topic(cache, topic);
    this.#subscriptions++;
    return found.subscribe(sink, () => this.#subscriptions--);
  }

  matching({ topic, cache }: TopicFilter): Topic[] {
    const caches = cache === undefined ? [...this.#topics.values()] : [this.#topics.get(cache) ?? new Map()];
    return caches.flatMap((topics: Map<string, Topic>) =>
      topic === undefined ? [...topics.values()] : [topics.get(topic) ?? []].flat(),
    );
  }

  /** Ends the streams of a cache that is gone, and forgets its topics. */
  deleteCache(cache: string): void {
    const error = new MomentoError('NOT_FOUND', `Cache with name: ${cache} does not exist`);
    for (const topic of this.matching({ cache })) topic.endAll(error);
    this.#topics.delete(cache);
  }

  /** Releases every stream, without a word to its client: its connection is about to break. */
  close(): void {
    for (const topic of this.matching({})) topic.closeAll();
    this.#topics.clear();
  }

  #topic(cache: string, name: string): Topic {
    if (name.trim() === '') throw new MomentoError('INVALID_ARGUMENT', 'the topic name must not be empty');
    const topics = this.#topics.get(cache) ?? new Map<string, Topic>();
    this.#topics.set(cache, topics);
    const topic = topics.get(name) ?? new Topic(this.#options);
    topics.set(name, topic);
    return topic;
  }
}
