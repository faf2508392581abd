import type { MomentoError } from '../status.js';
import type { LocalClock } from './clock.js';
import { type EventSink, type ResumePoint, Subscription } from './subscription.js';
import type { TopicDiscontinuity, TopicEvent, TopicItem, TopicValue } from './topic-events.js';

export interface TopicOptions {
  clock: LocalClock;
  heartbeatMs: number;
  /** Items kept for those who resume. */
  replayItems: number;
  /** The number of the next sequence page, different from every one given before. */
  nextPage: () => number;
}

/** One topic: numbers what is published, hands it to every subscriber, remembers the last few items for those who resume. */
export class Topic {
  readonly #options: TopicOptions;
  readonly #subscriptions = new Set<Subscription>();
  #replay: TopicItem[] = [];
  #page: number;
  #sequence = 0;

  constructor(options: TopicOptions) {
    this.#options = options;
    this.#page = options.nextPage();
  }

  get subscriptions(): ReadonlySet<Subscription> {
    return this.#subscriptions;
  }

  publish(value: TopicValue, publisherId: string): void {
    const item: TopicItem = {
      kind: 'item',
      value,
      sequence: ++this.#sequence,
      page: this.#page,
      publisherId,
    };
    this.#replay.push(item);
    if (this.#replay.length > this.#options.replayItems) this.#replay.shift();
    for (const subscription of this.#subscriptions) subscription.deliver(item);
  }

  /** Uses up a number without an item: a value that was taken and then lost. */
  skip(): void {
    this.#sequence++;
  }

  /** A subscription that is yet to be started; it must be before anything else happens. */
  subscribe(sink: EventSink, onClose: () => void): Subscription {
    const subscription = new Subscription({
      sink,
      clock: this.#options.clock,
      heartbeatMs: this.#options.heartbeatMs,
      missed: (resume) => this.#missed(resume),
      onClose: (closed) => {
        this.#subscriptions.delete(closed);
        onClose();
      },
    });
    this.#subscriptions.add(subscription);
    return subscription;
  }

  /** Starts a new sequence page, numbers from 1 again, forgets what could be replayed; tells its subscribers unless `announce` is false. */
  reset(announce: boolean): void {
    const lastSequence = this.#sequence;
    this.#page = this.#options.nextPage();
    this.#sequence = 0;
    this.#replay = [];
    if (announce) this.#tell({ kind: 'discontinuity', lastSequence, newSequence: 0, newPage: this.#page });
  }

  /** Tells every subscriber that something may be missing, although nothing is. */
  discontinuity(): void {
    this.#tell({
      kind: 'discontinuity',
      lastSequence: this.#sequence,
      newSequence: this.#sequence,
      newPage: this.#page,
    });
  }

  closeAll(): void {
    for (const subscription of [...this.#subscriptions]) subscription.close();
  }

  endAll(error: MomentoError): void {
    for (const subscription of [...this.#subscriptions]) subscription.end(error);
  }

  /** Returns the events missed by a subscriber that resumes there; a discontinuity replaces those not remembered. */
  #missed({ sequence, page }: ResumePoint): TopicEvent[] {
    if (sequence === 0) return [];
    const events: TopicEvent[] = [];
    let seen = sequence - 1;
    const skipTo = (newSequence: number): void => {
      events.push({ kind: 'discontinuity', lastSequence: seen, newSequence, newPage: this.#page });
      seen = newSequence;
    };
    const samePage = (page === 0 || page === this.#page) && seen <= this.#sequence;
    const remembered = samePage ? this.#replay.filter((item) => item.sequence >= sequence) : this.#replay;
    if (!samePage) skipTo((remembered[0]?.sequence ?? this.#sequence + 1) - 1);
    for (const item of remembered) {
      if (item.sequence > seen + 1) skipTo(item.sequence - 1);
      events.push(item);
      seen = item.sequence;
    }
    if (seen < this.#sequence) skipTo(this.#sequence);
    return events;
  }

  #tell(event: TopicDiscontinuity): void {
    for (const subscription of this.#subscriptions) subscription.deliver(event);
  }
}
