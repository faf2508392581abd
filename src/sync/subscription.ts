import type { Connection } from '../session/connection.js';
import type { Environment } from '../session/environment.js';
import { asChatError } from '../shared/as-chat-error.js';
import { sleep } from '../shared/clock.js';
import type { ConnectivityHint } from '../shared/connectivity.js';
import { ChatError } from '../shared/errors.js';
import { retry } from '../shared/retry.js';
import type { TopicAddress, TopicItem, TopicPosition, Transport } from '../transport/transport.js';
import { HeartbeatMonitor } from './heartbeat-monitor.js';
import { type SkipReason, TopicStream, type TopicStreamEvents } from './topic-stream.js';

/** Why the list should be read: something may have been missed. */
export type DoubtReason = SkipReason | ConnectivityHint | 'silence';
/** Why there is no live stream. */
export type LossReason = 'ended' | 'interrupted' | 'silence' | 'unreachable';
/** Why a stream is opened. */
type OpenReason = 'first' | 'lost' | 'renewed' | 'silence';

export interface SubscriptionEvents {
  item(item: TopicItem): void;
  /** A stream went live: what was stored before must be read, now and once more after the settle window. */
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

/** Stands for a rejection that ended the stream before. */
const REJECTED = new ChatError('unauthenticated', 'unable to stay in the room; Momento rejected the token');
const SUBSCRIBE = 'subscribe to the room';
const BACKOFF = { baseMs: 500, maxMs: 30_000 };
/** A first subscription that cannot be had within this many milliseconds fails. */
const JOIN_PATIENCE_MS = 15_000;
/** The old stream lives on for so long after its successor is live: items may still be on their way. */
const OVERLAP_MS = 2000;

/**
 * A subscription that is watched over: every way in which a stream can die is noticed, and it is replaced without a
 * gap. Items that were missed in between are in the list, so each new stream says that it is `live`.
 */
export class Subscription {
  readonly #connection: Connection;
  readonly #topic: TopicAddress;
  readonly #environment: Environment;
  readonly #events: SubscriptionEvents;
  readonly #life = new AbortController();
  readonly #cleanUps = new Set<() => void>();
  readonly #silence: HeartbeatMonitor;
  readonly #patienceMs: number;
  #stream: TopicStream | undefined;
  #opening: Promise<void> | undefined;
  /** Cuts the wait before the next attempt short, even one that has not begun: an attempt under way may be doomed. */
  #hurry = new AbortController();
  /** The one that opened the stream. */
  #transport: Transport | undefined;
  /** A new transport came while a stream was being opened with the old one. */
  #outdated = false;
  /** The last item known, where the transport tells: the next stream begins after it. */
  #position: TopicPosition | undefined;

  constructor(options: {
    connection: Connection;
    topic: TopicAddress;
    environment: Environment;
    events: SubscriptionEvents;
    /** A first stream that cannot be had within this many milliseconds fails. Default 15,000. */
    patienceMs?: number;
  }) {
    this.#patienceMs = options.patienceMs ?? JOIN_PATIENCE_MS;
    this.#connection = options.connection;
    this.#topic = options.topic;
    this.#environment = options.environment;
    this.#events = options.events;
    this.#silence = new HeartbeatMonitor({
      scheduler: this.#environment.scheduler,
      cadenceMs: () => this.#stream?.cadenceMs,
      onSilence: () => this.#onSilence(),
    });
  }

  /** Whether there is a stream. */
  get live(): boolean {
    return this.#stream !== undefined;
  }

  /** Resolves when the subscription is live for the first time, rejects with a {@link ChatError}. */
  async start(): Promise<void> {
    this.#cleanUps.add(this.#environment.connectivity.watch((hint) => this.#onHint(hint)));
    this.#cleanUps.add(
      this.#connection.watch({
        renewed: () => this.#onRenewed(),
        reached: () => this.retryNow(),
        failed: (error) => (error.code === 'closed' ? this.#fail(error) : this.#events.renewalFailed(error)),
      }),
    );
    await this.#open('first');
  }

  /** The stream is probably dead: opens a new one, and closes this one only after that is live. */
  reopen(): void {
    void this.#open('silence');
  }

  /** Somebody found that the service cannot be reached, or that the stream is dead. */
  markLost(reason: LossReason): void {
    if (this.#stream === undefined) return;
    this.#drop(this.#stream);
    this.#events.lost(reason);
    void this.#open('lost');
  }

  /** The service answers again: the next attempt need not wait. */
  retryNow(): void {
    this.#hurry.abort();
  }

  stop(): void {
    this.#life.abort();
    this.#hurry.abort();
    this.#silence.stop();
    this.#stream?.close();
    this.#stream = undefined;
    for (const cleanUp of [...this.#cleanUps]) cleanUp();
    this.#cleanUps.clear();
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
    const { scheduler } = this.#environment;
    let refused = rejected;
    this.#hurry = new AbortController();
    try {
      await retry(
        () =>
          this.#attempt(refused).finally(() => {
            refused = undefined;
          }),
        {
          scheduler,
          signal: this.#life.signal,
          backoff: BACKOFF,
          ...(reason === 'first' ? { patienceMs: this.#patienceMs } : {}),
          onTrouble: (error) => {
            this.#events.trouble(error);
            if (reason === 'silence') this.#giveUpSilent();
          },
          sleep: async (ms) => {
            await sleep(scheduler, ms, this.#hurry.signal);
            this.#hurry = new AbortController();
          },
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
      topic: this.#topic,
      after: this.#position,
      scheduler: this.#environment.scheduler,
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
      if (self() === undefined || self() === this.#stream) act();
    };
    return {
      item: (item) => this.#onItem(item),
      sign: () => ifCurrent(() => this.#silence.beat()),
      skipped: (reason) => ifCurrent(() => this.#events.doubt(reason)),
      restored: () => ifCurrent(() => this.#events.live()),
      // One that ended before it was taken over fails to open.
      ended: (error, how) => self() !== undefined && ifCurrent(() => this.#onEnded(error, how)),
    };
  }

  #adopt(stream: TopicStream, transport: Transport): void {
    const previous = this.#stream;
    this.#stream = stream;
    this.#transport = transport;
    this.#silence.start();
    if (previous !== undefined) this.#retire(previous);
    this.#events.live();
    // Others of the session may wait for their turn.
    this.#connection.reached();
  }

  #retire(stream: TopicStream): void {
    const end = () => {
      cancel();
      stream.close();
      this.#cleanUps.delete(end);
    };
    const cancel = this.#environment.scheduler.after(OVERLAP_MS, end);
    this.#cleanUps.add(end);
  }

  #drop(stream: TopicStream): void {
    stream.close();
    this.#stream = undefined;
    this.#silence.stop();
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
    const stream = this.#stream;
    if (stream === undefined) return;
    this.#drop(stream);
    this.#events.lost(how);
    if (how === 'interrupted') {
      void this.#open('lost');
      return;
    }
    if (error.retryable || error.code === 'unauthenticated') this.#events.trouble(error);
    if (error.code === 'unauthenticated') void this.#open('lost', this.#transport);
    else if (error.retryable) void this.#open('lost');
    else this.#fail(error);
  }

  #onRenewed(): void {
    if (this.#opening === undefined) void this.#open('renewed');
    else this.#outdated = true;
  }

  #onHint(hint: ConnectivityHint): void {
    this.#hurry.abort();
    if (this.#stream === undefined) return;
    if (this.#silence.rest === 0) this.reopen();
    else this.#events.doubt(hint);
  }

  /** The successor of a silent stream cannot be had: there is no live stream. */
  #giveUpSilent(): void {
    if (this.#stream === undefined) return;
    this.#drop(this.#stream);
    this.#events.lost('silence');
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
