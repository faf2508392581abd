import type { Connection } from '../session/connection.js';
import type { Environment } from '../session/environment.js';
import { asChatError } from '../shared/as-chat-error.js';
import { CONNECTION_BACKOFF } from '../shared/backoff.js';
import type { ConnectivityHint } from '../shared/connectivity.js';
import { ChatError } from '../shared/errors.js';
import { retry } from '../shared/retry.js';
import { RetryPause } from '../shared/retry-pause.js';
import type { TopicAddress, TopicItem, TopicPosition, Transport } from '../transport/transport.js';
import { StreamInUse } from './stream-in-use.js';
import { type SkipReason, TopicStream, type TopicStreamEvents } from './topic-stream.js';

/** Why the list should be read: something may have been missed. */
export type DoubtReason = SkipReason | ConnectivityHint | 'silence';
/** Why there is no live stream. */
export type LossReason = 'ended' | 'interrupted' | 'silence' | 'unreachable';
/** Why a stream is opened. */
type OpenReason = 'first' | 'lost' | 'renewed' | 'silence';

export interface SubscriptionEvents {
  item(item: TopicItem): void;
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

/** The error of a stream whose token Momento rejected. */
const REJECTED = new ChatError('unauthenticated', 'unable to stay in the room; Momento rejected the token');
const SUBSCRIBE = 'subscribe to the room';
/** A first subscription that cannot be had within this many milliseconds fails. */
const JOIN_PATIENCE_MS = 15_000;

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
  readonly #stream: StreamInUse;
  readonly #pause: RetryPause;
  #unwatch: readonly (() => void)[] = [];
  #opening: Promise<void> | undefined;
  /** The one that opened the stream. */
  #transport: Transport | undefined;
  /** A new transport came while a stream was being opened with the old one. */
  #outdated = false;
  /** The last item known, where the transport tells: the next stream begins after it. */
  #position: TopicPosition | undefined;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#connection = options.connection;
    this.#events = options.events;
    const { scheduler } = options.environment;
    this.#stream = new StreamInUse(scheduler, () => this.#onSilence());
    this.#pause = new RetryPause(scheduler);
  }

  /** Whether there is a stream. */
  get live(): boolean {
    return this.#stream.current !== undefined;
  }

  /** Resolves when the subscription is live for the first time, rejects with a {@link ChatError}. */
  async start(): Promise<void> {
    this.#unwatch = [
      this.#options.environment.connectivity.watch((hint) => this.#onHint(hint)),
      this.#connection.watch({
        renewed: () => this.#onRenewed(),
        reached: () => this.retryNow(),
        failed: (error) => (error.code === 'closed' ? this.#fail(error) : this.#events.renewalFailed(error)),
      }),
    ];
    await this.#open('first');
  }

  /** The stream is probably dead: opens a new one, and closes this one only after that is live. */
  reopen(): void {
    void this.#open('silence');
  }

  /** Somebody found that the service cannot be reached, or that the stream is dead. */
  markLost(reason: LossReason): void {
    if (this.#lose(reason)) void this.#open('lost');
  }

  /** The service answers again: the next attempt need not wait. */
  retryNow(): void {
    this.#pause.retryNow();
  }

  stop(): void {
    this.#life.abort();
    this.#pause.retryNow();
    this.#stream.close();
    for (const end of this.#unwatch) end();
    this.#unwatch = [];
  }

  #open(reason: OpenReason, rejected?: Transport): Promise<void> {
    this.#opening ??= this.#openUntilLive(reason, rejected).finally(() => {
      this.#opening = undefined;
      if (this.#outdated && !this.#life.signal.aborted) void this.#open('renewed');
      this.#outdated = false;
    });
    return this.#opening;
  }

  async #openUntilLive(reason: OpenReason, rejected: Transport | undefined): Promise<void> {
    const { scheduler } = this.#options.environment;
    let refused = rejected;
    this.#pause.reset();
    try {
      await retry(
        () =>
          this.#attempt(refused).finally(() => {
            refused = undefined;
          }),
        {
          scheduler,
          signal: this.#life.signal,
          backoff: CONNECTION_BACKOFF,
          patienceMs: reason === 'first' ? (this.#options.patienceMs ?? JOIN_PATIENCE_MS) : undefined,
          onTrouble: (error) => {
            this.#events.trouble(error);
            // The successor of a silent stream cannot be had: there is no live stream.
            if (reason === 'silence') this.#lose('silence');
          },
          sleep: this.#pause.sleep,
        },
      );
    } catch (problem) {
      if (reason === 'first') throw problem;
      if (!this.#life.signal.aborted) this.#fail(asChatError(SUBSCRIBE, problem));
    }
  }

  /** Opens a stream; when Momento refuses the token, once more with another at once. */
  async #attempt(refused?: Transport): Promise<void> {
    const transport = refused ?? (await this.#connection.transport());
    try {
      if (refused !== undefined) throw REJECTED;
      await this.#openStream(transport);
    } catch (problem) {
      const error = asChatError(SUBSCRIBE, problem);
      if (error.code !== 'unauthenticated') throw error;
      await this.#connection.rejected(transport);
      await this.#openStream(await this.#connection.transport());
    }
  }

  async #openStream(transport: Transport): Promise<void> {
    const { signal } = this.#life;
    if (signal.aborted) throw new ChatError('closed', 'unable to subscribe to the room; it was left');
    let opened: TopicStream | undefined;
    const stream = await TopicStream.open({
      transport,
      topic: this.#options.topic,
      after: this.#position,
      scheduler: this.#options.environment.scheduler,
      events: this.#streamEvents(() => opened),
      signal,
    });
    opened = stream;
    if (signal.aborted) stream.close();
    else this.#adopt(stream, transport);
  }

  /** Events of a stream count until another took its place; items count as long as it is open. */
  #streamEvents(self: () => TopicStream | undefined): TopicStreamEvents {
    const ifCurrent = (act: () => void) => {
      if (self() === undefined || self() === this.#stream.current) act();
    };
    return {
      item: (item) => this.#onItem(item),
      sign: () => ifCurrent(() => this.#stream.beat()),
      skipped: (reason) => ifCurrent(() => this.#events.doubt(reason)),
      restored: () => ifCurrent(() => this.#events.live()),
      // One that ended before it was taken over fails to open.
      ended: (error, how) => self() !== undefined && ifCurrent(() => this.#onEnded(error, how)),
    };
  }

  #adopt(stream: TopicStream, transport: Transport): void {
    this.#stream.adopt(stream);
    this.#transport = transport;
    this.#events.live();
    // Others of the session may wait for their turn.
    this.#connection.reached();
  }

  /** There is no live stream any more. Returns whether there was one. */
  #lose(reason: LossReason): boolean {
    if (!this.live) return false;
    this.#stream.drop();
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

  #onEnded(error: ChatError, how: 'ended' | 'interrupted'): void {
    if (!this.#lose(how)) return;
    const refused = error.code === 'unauthenticated';
    const isOver = how === 'ended' && !refused && !error.retryable;
    if (how === 'ended' && !isOver) this.#events.trouble(error);
    if (isOver) this.#fail(error);
    else void this.#open('lost', how === 'ended' && refused ? this.#transport : undefined);
  }

  #onRenewed(): void {
    if (this.#opening === undefined) void this.#open('renewed');
    else this.#outdated = true;
  }

  #onHint(hint: ConnectivityHint): void {
    this.retryNow();
    if (!this.live) return;
    if (this.#stream.isSilent) this.reopen();
    else this.#events.doubt(hint);
  }

  /** A stream that used to have a heartbeat is dead without it; one that never had may just have nothing to say. */
  #onSilence(): void {
    if (this.#stream.current?.cadenceMs === undefined) this.#events.doubt('silence');
    else this.reopen();
  }

  #fail(error: ChatError): void {
    this.stop();
    this.#events.failed(error);
  }
}
