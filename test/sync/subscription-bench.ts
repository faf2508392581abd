import { expect } from 'vitest';
import type { Scheduler } from '../../src/shared/clock.js';
import { Subscription } from '../../src/sync/subscription.js';
import { Hints } from '../support/hints.js';
import { VirtualTime } from '../support/virtual-time.js';
import { TopicModel } from './topic-model.js';

/** A subscription in virtual time, to a topic whose streams do as they are told. */
export class SubscriptionBench {
  readonly time = new VirtualTime(1, 0);
  readonly hints = new Hints();
  /** The events, with the time: streams that are opened and closed, and what the room is told of. */
  readonly log: string[] = [];
  /** How often other rooms of the session were told that the service answers. */
  reached = 0;
  readonly topic = new TopicModel(this.time, (what) => this.#note(what));
  subscription: Subscription = this.subscribe();

  /** Another subscription takes the place of the one there is. */
  subscribe({
    scheduler = this.time.withoutJitter(),
    ...options
  }: {
    scheduler?: Scheduler;
    patienceMs?: number;
  } = {}): Subscription {
    const note = (what: string) => this.#note(what);
    this.subscription = new Subscription({
      connection: this.topic,
      topic: { cache: 'chat', topic: 'r-chat' },
      environment: {
        scheduler,
        connectivity: this.hints,
        connect: () => this.topic.transport(),
        connectClients: () => this.topic.transport(),
      },
      events: {
        item: ({ value }) => note(`item ${value}`),
        live: () => note('live'),
        doubt: (reason) => note(`doubt: ${reason}`),
        lost: (reason) => note(`lost: ${reason}`),
        trouble: ({ code }) => note(`trouble: ${code}`),
        renewalFailed: ({ code }) => note(`renewal failed: ${code}`),
        failed: ({ code }) => note(`failed: ${code}`),
      },
      ...options,
    });
    return this.subscription;
  }

  /** Starts it; the log holds how that ended. */
  async start(): Promise<void> {
    this.subscription.start().then(
      () => {},
      ({ code }) => this.#note(`start: ${code}`),
    );
    await this.time.advance(0);
  }

  /** Starts it on a stream that goes live, and forgets that. */
  async goLive(): Promise<void> {
    await this.start();
    expect(this.log).toEqual(['0 open', '0 live']);
    this.log.length = 0;
  }

  /** Lets stream `number` show `count` heartbeats. */
  async beat(number: number, count: number, everyMs: number): Promise<void> {
    for (let beats = 0; beats < count; beats += 1) {
      this.topic.stream(number).heartbeat();
      if (beats < count - 1) await this.time.advance(everyMs);
    }
  }

  /** Stream `number` brings an item. */
  item(number: number, sequence: number, page?: number): void {
    const value = `${number}:${sequence}`;
    this.topic.stream(number).item({ value, sequence, ...(page !== undefined && { page }) });
  }

  #note(what: string): void {
    if (what === 'reached') this.reached += 1;
    else this.log.push(`${this.time.monotonic()} ${what}`);
  }
}
