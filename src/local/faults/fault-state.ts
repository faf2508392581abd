import type { LocalClock } from '../engine/clock.js';
import type { Engine } from '../engine/engine.js';
import type { Subscription } from '../engine/subscription.js';
import type { TopicFilter } from '../engine/topics.js';
import { type FailureCode, isFailure, MomentoError } from '../status.js';
import { type ChargeFilter, FaultQueue } from './fault-queue.js';
import type { FaultInjector, Restore } from './faults.js';

/** The part of the port that faults act on. */
export interface Connections {
  dropAll(): number;
  /** While it is true every new connection is cut. */
  refusing: boolean;
}

/** Names whose values are bytes, are gRPC's own, or belong to the connection: a trailer of that name breaks the answer. */
const NOT_METADATA =
  /-bin$|^(connection|content-length|content-type|grpc-message|grpc-status|http2-settings|keep-alive|proxy-connection|te|transfer-encoding|upgrade)$/;

/** The faults in force: set by tests through {@link FaultInjector}, asked by the dispatch on every call. */
export class FaultState implements FaultInjector {
  readonly #engine: Engine;
  readonly #clock: LocalClock;
  readonly #connections: Connections;
  readonly #rpcs: ReadonlySet<string>;
  readonly #delays = new FaultQueue<number>();
  readonly #failures = new FaultQueue<MomentoError>();
  readonly #losses = new FaultQueue<{ numbered: boolean }>();
  readonly #unanswered = new FaultQueue<'cut' | 'hang'>();
  readonly #ends = new FaultQueue<(subscription: Subscription) => void>();
  readonly #silences = new FaultQueue<Set<Restore>>();
  /** Takes back the faults that last, refusals and silences. */
  readonly #lasting = new Set<Restore>();
  #refusals = 0;

  constructor(engine: Engine, connections: Connections, rpcs: Iterable<string>) {
    this.#engine = engine;
    this.#clock = engine.clock;
    this.#connections = connections;
    this.#rpcs = new Set(rpcs);
  }

  dropConnections(): number {
    return this.#connections.dropAll();
  }

  refuseConnections(ms?: number): Restore {
    this.#connections.refusing = ++this.#refusals > 0;
    let stopTimer = (): void => {};
    const restore = this.#restorable(() => {
      stopTimer();
      this.#connections.refusing = --this.#refusals > 0;
    });
    // A clock that a test moves would run no timer before it moves.
    if (ms === 0) restore();
    else if (ms !== undefined) stopTimer = this.#clock.setTimeout(restore, ms);
    return restore;
  }

  goOffline(ms?: number): Restore {
    const restore = this.refuseConnections(ms);
    this.dropConnections();
    return restore;
  }

  restart(downMs = 0): Restore {
    const restore = this.goOffline(downMs);
    this.resetTopic(undefined, { announce: false });
    return restore;
  }

  silenceStreams(options: TopicFilter & { includeNew?: boolean } = {}): Restore {
    const restores = new Set<Restore>();
    for (const topic of this.#engine.topics.matching(options)) {
      for (const subscription of topic.subscriptions) restores.add(subscription.silence());
    }
    const restoreNew = options.includeNew
      ? this.#charge(this.#silences, options, Number.POSITIVE_INFINITY, restores)
      : () => {};
    return this.#restorable(() => {
      restoreNew();
      for (const restore of restores) restore();
    });
  }

  endStreams(options: Parameters<FaultInjector['endStreams']>[0]): Restore {
    const { code, after = 0, message = `Injected fault: ${code}`, topic, cache } = options;
    if (!(after >= 0)) throw new TypeError('unable to inject the fault; after must be 0 or more');
    const error = failure(code, message);
    const restores = new Set<Restore>();
    const end = (subscription: Subscription): void => {
      restores.add(subscription.endAfter(after, error));
    };
    for (const found of this.#engine.topics.matching({ topic, cache })) {
      for (const subscription of [...found.subscriptions]) end(subscription);
    }
    const restoreNew = options.includeNew
      ? this.#charge(this.#ends, { topic, cache }, Number.POSITIVE_INFINITY, end)
      : () => {};
    return this.#restorable(() => {
      restoreNew();
      for (const restore of restores) restore();
    });
  }

  delay(options: { rpc?: string; ms: number; times?: number }): Restore {
    if (!(options.ms >= 0)) throw new TypeError('unable to inject the fault; ms must be 0 or more');
    return this.#charge(this.#delays, options, options.times ?? Number.POSITIVE_INFINITY, options.ms);
  }

  failNext(options: Parameters<FaultInjector['failNext']>[0]): Restore {
    const message = options.message ?? `Injected fault: ${options.code}`;
    for (const [key, value] of Object.entries(options.metadata ?? {})) {
      const isText = typeof value === 'string' && /^[\x20-\x7e]*$/.test(value);
      if (!/^[a-z0-9_.-]+$/.test(key) || NOT_METADATA.test(key) || !isText) {
        throw new TypeError(`unable to inject the fault; '${key}: ${value}' cannot be sent as metadata`);
      }
    }
    const error = failure(options.code, message, options.metadata);
    return this.#charge(this.#failures, options, options.times ?? 1, error);
  }

  losePublishes(count: number, options: TopicFilter & { numbered?: boolean } = {}): Restore {
    return this.#charge(this.#losses, options, count, { numbered: options.numbered ?? true });
  }

  dropResponses(options: { rpc?: string; times?: number; how?: 'cut' | 'hang' } = {}): Restore {
    const { how = 'cut' } = options;
    if (how !== 'cut' && how !== 'hang')
      throw new TypeError(`unable to inject the fault; how must be 'cut' or 'hang', got '${how}'`);
    return this.#charge(this.#unanswered, options, options.times ?? 1, how);
  }

  resetTopic(topic?: string, options: { cache?: string; announce?: boolean } = {}): void {
    for (const found of this.#engine.topics.matching({ topic, cache: options.cache })) {
      found.reset(options.announce ?? true);
    }
  }

  discontinuity(topic?: string, options: { cache?: string } = {}): void {
    for (const found of this.#engine.topics.matching({ topic, cache: options.cache })) found.discontinuity();
  }

  expireToken(token: string): void {
    this.#engine.tokens.expire(token);
  }

  expireAllTokens(): void {
    this.#engine.tokens.expireAll();
  }

  reset(): void {
    for (const charges of this.#charges) charges.clear();
    for (const restore of [...this.#lasting]) restore();
  }

  /** How long this call has to wait, in milliseconds: the longest of its delays, which pass together. */
  takeDelay(rpc: string): number {
    return Math.max(0, ...this.#delays.takeAll({ rpc }));
  }

  /** Returns the error that this call is to be answered with instead of being done. */
  takeFailure(rpc: string): MomentoError | undefined {
    return this.#failures.take({ rpc });
  }

  /** Whether this publish is to be lost, and how. */
  takeLoss(cache: string, topic: string): { numbered: boolean } | undefined {
    return this.#losses.take({ cache, topic });
  }

  /** Whether this call's answer is to be lost, and how. */
  takeUnanswered(rpc: string): 'cut' | 'hang' | undefined {
    return this.#unanswered.take({ rpc });
  }

  /** Tells of a stream that is about to open. */
  onSubscription(subscription: Subscription, cache: string, topic: string): void {
    for (const restores of this.#silences.takeAll({ cache, topic })) restores.add(subscription.silence());
    for (const end of this.#ends.takeAll({ cache, topic })) end(subscription);
  }

  get #charges(): FaultQueue<unknown>[] {
    return [this.#delays, this.#failures, this.#losses, this.#unanswered, this.#silences, this.#ends];
  }

  #charge<T>(charges: FaultQueue<T>, filter: ChargeFilter, times: number, effect: T): Restore {
    if (filter.rpc !== undefined && !this.#rpcs.has(filter.rpc)) {
      throw new TypeError(`unable to inject the fault; Momento has no RPC named '${filter.rpc}'`);
    }
    return charges.add(filter, times, effect);
  }

  #restorable(undo: () => void): Restore {
    const restore = (): void => {
      if (this.#lasting.delete(restore)) undo();
    };
    this.#lasting.add(restore);
    return restore;
  }
}

/** A code that gRPC does not have would reach clients as another one: a typing error must not make a test pass. */
function failure(code: FailureCode, message: string, metadata?: Record<string, string>): MomentoError {
  if (!isFailure(code))
    throw new TypeError(`unable to inject the fault; gRPC has no failure named '${code}'`);
  return new MomentoError(code, message, metadata);
}
