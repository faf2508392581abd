import type { Connection } from '../session/connection.js';
import type { Environment } from '../session/environment.js';
import { tokenInTime } from '../session/token-in-time.js';
import { asChatError } from '../shared/as-chat-error.js';
import { backoffDelay, CALL_BACKOFF, CONNECTION_BACKOFF } from '../shared/backoff.js';
import type { ConnectivityHint } from '../shared/connectivity.js';
import type { ChatError } from '../shared/errors.js';
import { onAbort } from '../shared/on-abort.js';
import { retry } from '../shared/retry.js';
import { RetryPause } from '../shared/retry-pause.js';
import type { TopicAddress, TopicItem, TopicPosition, Transport } from '../transport/transport.js';
import { type SkipReason, TopicStream } from './topic-stream.js';

/**
 * Why the list should be read: something may have been missed. `unanswered`: a call could not reach the service, and the stream
 * may be dead too. `unclear`: only the list can tell what an item was.
 */
export type DoubtReason = SkipReason | ConnectivityHint | 'silence' | 'unanswered' | 'unclear';
/** Why there is no live stream. */
export type LossReason = 'ended' | 'interrupted' | 'silence' | 'unreachable';

export interface SubscriptionEvents {
  item(item: TopicItem): void;
  /** Something was missed, or may have been, before what comes next. */
  behind?(): void;
  /** A stream went live. The list must be read, now and once more after the settle window. */
  live(): void;
  /** The stream seems alive, but the list may hold what it did not bring. */
  doubt(reason: DoubtReason): void;
  /** There is no live stream any more; another is being opened. */
  lost(reason: LossReason): void;
  /** An attempt failed; the next is under way. */
  trouble(error: ChatError): void;
  /** A renewal of the token failed; the next is under way. Told of by each subscription of a connection. */
  renewalFailed(error: ChatError): void;
  /** It is over: trying again cannot help. */
  failed(error: ChatError): void;
}

const SUBSCRIBE = 'subscribe to the room';
/** A first subscription that cannot be had within this many milliseconds fails. */
const JOIN_PATIENCE_MS = 15_000;
/** A stream that is lost sooner was hardly live (ms). */
const BRIEF_MS = 2000;

export interface SubscriptionOptions {
  connection: Connection;
  topic: TopicAddress;
  environment: Environment;
  events: SubscriptionEvents;
  /** A first stream that cannot be had within this many milliseconds fails. Default 15,000. */
  patienceMs?: number | undefined;
}

/**
 * A subscription that is watched over: every way in which a stream can die is noticed, and it is replaced without a
 * gap. Items that were missed in between are in the list, so each new stream says that it is `live`.
 */
export class Subscription {
  readonly #connection: Connection;
  readonly #options: SubscriptionOptions;
  readonly #events: SubscriptionEvents;
  readonly #life = new AbortController();
  readonly #pause: RetryPause;
  /** The pause after streams that were live for a moment. */
  readonly #rest: RetryPause;
  #stream: TopicStream | undefined;
  #opening: Promise<void> | undefined;
  /** A new transport came while a stream was being opened with the old one. */
  #outdated = false;
  /** The stream is probably dead. */
  #doomed = false;
  /** When the last stream went live (monotonic, ms), and how many in a row were lost as soon as they did. */
  #liveAt = -BRIEF_MS;
  #brief = 0;
  /** The last item known, where the transport tells: the next stream begins after it. */
  #position: TopicPosition | undefined;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#connection = options.connection;
    this.#events = options.events;
    this.#pause = new RetryPause(options.environment.scheduler, this.#life.signal);
    this.#rest = new RetryPause(options.environment.scheduler, this.#life.signal);
  }

  /** Whether there is a stream. */
  get live(): boolean {
    return this.#stream !== undefined;
  }

  /** Resolves when the subscription is live for the first time; rejects with a {@link ChatError}, `closed` when it was stopped. */
  async start(): Promise<void> {
    const { patienceMs = JOIN_PATIENCE_MS, environment } = this.#options;
    const { signal } = this.#life;
    const unwatch = this.#connection.watch({
      renewed: () => this.#onRenewed(),
      reached: () => this.retryNow(),
      failed: (error) => (error.code === 'closed' ? this.#fail(error) : this.#events.renewalFailed(error)),
    });
    onAbort(signal, unwatch);
    onAbort(
      signal,
      environment.connectivity.watch((hint) => this.#onHint(hint)),
    );
    await tokenInTime(this.#open(patienceMs), {
      action: SUBSCRIBE,
      // An attempt and its patience are over by then.
      ms: 2 * patienceMs,
      scheduler: environment.scheduler,
      signal,
    });
  }

  /** The stream is probably dead: opens a new one, and closes this one only after that is live. */
  reopen(): void {
    this.#doomed = true;
    this.#openAgain();
  }

  /** Somebody found that the service cannot be reached, or that the stream is dead. */
  markLost(reason: LossReason): void {
    if (this.#lose(reason)) this.#openAgain();
  }

  /** The service answers again: the next attempt need not wait. */
  retryNow(): void {
    this.#pause.retryNow();
  }

  stop(): void {
    this.#life.abort();
    this.#stream = undefined;
  }

  #openAgain(rejected?: Transport): void {
    this.#open(undefined, rejected).catch((problem: unknown) => {
      if (!this.#life.signal.aborted) this.#fail(asChatError(SUBSCRIBE, problem));
    });
  }

  /** Opens a stream, unless one is being opened. `rejected`: Momento rejected the token of the last one. */
  #open(patienceMs?: number, rejected?: Transport): Promise<void> {
    this.#opening ??= this.#openUntilLive(patienceMs, rejected);
    return this.#opening;
  }

  async #openUntilLive(patienceMs: number | undefined, rejected: Transport | undefined): Promise<void> {
    let refused = rejected;
    const attempt = () => {
      const before = refused;
      refused = undefined;
      return this.#attempt(before);
    };
    const { scheduler } = this.#options.environment;
    const { signal } = this.#life;
    // Streams that are live for a moment, again and again, are as many attempts that failed. A success of others does not end this wait, a hint does.
    this.#brief = scheduler.monotonic() - this.#liveAt < BRIEF_MS ? this.#brief + 1 : 0;
    if (this.#brief > 1 && !rejected) {
      this.#rest.reset();
      await this.#rest.sleep(backoffDelay(this.#brief, CALL_BACKOFF, scheduler));
    }
    this.#pause.reset();
    await retry(attempt, {
      scheduler,
      signal,
      backoff: CONNECTION_BACKOFF,
      patienceMs,
      onTrouble: (error) => {
        this.#events.trouble(error);
        // The successor of a silent stream cannot be had: there is no live stream.
        if (this.#doomed) this.#lose('silence');
      },
      sleep: this.#pause.sleep,
    });
    this.#opening = undefined;
    // It may have ended in the turn in which it went live.
    if (this.#outdated || !this.live) this.#openAgain();
    this.#outdated = false;
  }

  /** Opens a stream; when Momento refuses the token, once more with another at once. */
  async #attempt(rejected?: Transport): Promise<void> {
    let refused = rejected;
    if (refused === undefined) {
      const transport = await this.#connection.transport();
      try {
        return await this.#openStream(transport);
      } catch (problem) {
        const error = asChatError(SUBSCRIBE, problem);
        if (error.code !== 'unauthenticated') throw error;
        refused = transport;
      }
    }
    await this.#connection.rejected(refused);
    await this.#openStream(await this.#connection.transport());
  }

  async #openStream(transport: Transport): Promise<void> {
    const { signal } = this.#life;
    const after = this.#position;
    const events = this.#events;
    const stream = new TopicStream({
      scheduler: this.#options.environment.scheduler,
      events: {
        item: (item) => this.#onItem(item),
        skipped: (reason) => {
          events.behind?.();
          events.doubt(reason);
        },
        restored: () => {
          events.behind?.();
          events.live();
        },
        silent: () => this.#onSilence(),
        ended: (error, how) => this.#onEnded(transport, error, how),
      },
      signal,
      after: after?.sequence,
    });
    try {
      if (!signal.aborted)
        await transport.subscribe(this.#options.topic, stream, {
          signal: stream.signal,
          what: 'the room',
          after,
        });
      stream.begin();
    } catch (problem) {
      stream.close();
      throw problem;
    }
    this.#stream?.retire();
    this.#stream = stream;
    this.#liveAt = this.#options.environment.scheduler.monotonic();
    this.#doomed = false;
    events.live();
    // Others of the session may wait for their turn.
    this.#connection.reached();
  }

  /** There is no live stream any more. Returns whether there was one. */
  #lose(reason: LossReason): boolean {
    const stream = this.#stream;
    if (stream === undefined) return false;
    stream.close();
    this.#stream = undefined;
    this.#events.behind?.();
    this.#events.lost(reason);
    return true;
  }

  #onItem(item: TopicItem): void {
    const { sequence, page } = item;
    const last = this.#position;
    // A stream that was replaced may be behind.
    if (page !== undefined && (last?.page !== page || sequence > last.sequence))
      this.#position = { sequence, page };
    this.#events.item(item);
  }

  #onEnded(transport: Transport, error: ChatError, how: 'ended' | 'interrupted'): void {
    this.#lose(how);
    const ended = how === 'ended';
    const refused = ended && error.code === 'unauthenticated';
    if (ended && !refused && !error.retryable) {
      this.#fail(error);
      return;
    }
    // A refused token is replaced; where that fails, the renewal tells.
    if (ended && !refused) this.#events.trouble(error);
    this.#openAgain(refused ? transport : undefined);
  }

  #onRenewed(): void {
    if (this.#opening === undefined) this.#openAgain();
    else this.#outdated = true;
  }

  #onHint(hint: ConnectivityHint): void {
    this.retryNow();
    this.#rest.retryNow();
    if (this.#stream?.isSilent) this.reopen();
    else if (this.live) this.#events.doubt(hint);
  }

  /** A stream that used to have a heartbeat is dead without it; one that never had may just have nothing to say. */
  #onSilence(): void {
    if (this.#stream?.cadenceMs === undefined) this.#events.doubt('silence');
    else this.reopen();
  }

  #fail(error: ChatError): void {
    this.stop();
    this.#events.failed(error);
  }
}
