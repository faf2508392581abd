import type { Connection } from '../session/connection.js';
import type { Environment } from '../session/environment.js';
import { sleep } from '../shared/clock.js';
import type { ConnectivityHint } from '../shared/connectivity.js';
import { ChatError } from '../shared/errors.js';
import { retry } from '../shared/retry.js';
import type { MomentoClients, TopicItemLike } from '../transport/client-types.js';
import { isUsedUp, toChatError } from '../transport/sdk-errors.js';
import { HeartbeatMonitor } from './heartbeat-monitor.js';
import { type SkipReason, TopicStream, type TopicStreamEvents } from './topic-stream.js';

/** Why the list should be read: something may have been missed. */
export type DoubtReason = SkipReason | ConnectivityHint | 'silence';
/** Why there is no live stream. */
export type LossReason = 'ended' | 'interrupted' | 'silence' | 'unreachable';
/** Why a stream is opened. */
type OpenReason = 'first' | 'lost' | 'renewed' | 'silence';

export interface SubscriptionEvents {
  item(item: TopicItemLike): void;
  /** A stream went live: what was stored before must be read, now and once more after the settle window. */
  live(): void;
  /** The stream seems alive, but the list may hold what it did not bring. */
  doubt(reason: DoubtReason): void;
  /** There is no live stream any more; another is being opened. */
  lost(reason: LossReason): void;
  /** An attempt failed, or a renewal of the token did; the next is under way. */
  trouble(error: ChatError): void;
  /** It is over: trying again cannot help. */
  failed(error: ChatError): void;
}

/** Stands for a rejection that ended the stream before. */
const REJECTED = new ChatError('unauthenticated', 'unable to stay in the room; Momento rejected the token');
const SUBSCRIBE = 'subscribe to the room';
const BACKOFF = { baseMs: 500, maxMs: 30_000 };
/** A first subscription that cannot be had within this many milliseconds fails. */
const JOIN_PATIENCE_MS = 15_000;
/** An SDK that lost its connection may take this long to restore it before it is replaced. */
const HEAL_MS = 2000;
/** The old stream lives on for so long after its successor is live: items may still be on their way. */
const OVERLAP_MS = 2000;

/**
 * A subscription that is watched over: every way in which a stream can die is noticed, and it is replaced without a
 * gap. What was missed in between is the list's to tell, so each new stream says that it is `live`.
 */
export class Subscription {
  readonly #connection: Connection;
  readonly #cacheName: string;
  readonly #topic: string;
  readonly #environment: Environment;
  readonly #events: SubscriptionEvents;
  readonly #life = new AbortController();
  readonly #cleanUps = new Set<() => void>();
  readonly #silence: HeartbeatMonitor;
  #stream: TopicStream | undefined;
  #opening: Promise<void> | undefined;
  /** Cuts the wait before the next attempt short. */
  #hurry = new AbortController();
  #clients: MomentoClients | undefined;
  /** New clients came while a stream was being opened with the old ones. */
  #outdated = false;
  #cancelHeal: (() => void) | undefined;

  constructor(options: {
    connection: Connection;
    cacheName: string;
    topic: string;
    environment: Environment;
    events: SubscriptionEvents;
  }) {
    this.#connection = options.connection;
    this.#cacheName = options.cacheName;
    this.#topic = options.topic;
    this.#environment = options.environment;
    this.#events = options.events;
    this.#silence = new HeartbeatMonitor({
      scheduler: this.#environment.scheduler,
      cadenceMs: () => this.#stream?.cadenceMs,
      onSilence: () => this.#onSilence(),
    });
  }

  /** Resolves when the subscription is live for the first time, rejects with a {@link ChatError}. */
  async start(): Promise<void> {
    this.#cleanUps.add(this.#environment.connectivity.watch((hint) => this.#onHint(hint)));
    this.#cleanUps.add(
      this.#connection.watch({
        renewed: () => this.#onRenewed(),
        reached: () => this.retryNow(),
        failed: (error) => (error.code === 'closed' ? this.#fail(error) : this.#events.trouble(error)),
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
    this.#cancelHeal?.();
    this.#stream?.close();
    this.#stream = undefined;
    for (const cleanUp of [...this.#cleanUps]) cleanUp();
    this.#cleanUps.clear();
  }

  #open(reason: OpenReason, rejected?: MomentoClients): Promise<void> {
    this.#opening ??= this.#openUntilLive(reason, rejected).finally(() => {
      this.#opening = undefined;
      if (this.#outdated && !this.#life.signal.aborted) void this.#open('renewed');
      this.#outdated = false;
    });
    return this.#opening;
  }

  async #openUntilLive(reason: OpenReason, rejected: MomentoClients | undefined): Promise<void> {
    const { scheduler } = this.#environment;
    let refused = rejected;
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
          ...(reason === 'first' ? { patienceMs: JOIN_PATIENCE_MS } : {}),
          onTrouble: (error) => {
            this.#events.trouble(error);
            if (reason === 'silence') this.#giveUpSilent();
          },
          sleep: (ms) => {
            this.#hurry = new AbortController();
            return sleep(scheduler, ms, this.#hurry.signal);
          },
        },
      );
    } catch (problem) {
      if (reason === 'first') throw problem;
      if (!this.#life.signal.aborted) this.#fail(toChatError(SUBSCRIBE, problem));
    }
  }

  /** Opens a stream; when Momento refuses the token, or the clients take no more, once more with others at once. */
  async #attempt(refused?: MomentoClients): Promise<void> {
    const clients = refused ?? (await this.#connection.clients());
    try {
      if (refused !== undefined) throw REJECTED;
      await this.#openStream(clients);
    } catch (problem) {
      const error = toChatError(SUBSCRIBE, problem);
      if (error.code === 'unauthenticated') await this.#connection.rejected(clients);
      else if (isUsedUp(error)) await this.#connection.usedUp(clients);
      else throw error;
      await this.#openStream(await this.#connection.clients());
    }
  }

  async #openStream(clients: MomentoClients): Promise<void> {
    const { signal } = this.#life;
    if (signal.aborted) throw new ChatError('closed', 'unable to subscribe to the room; it was left');
    let opened: TopicStream | undefined;
    const stream = await TopicStream.open({
      clients,
      cacheName: this.#cacheName,
      topic: this.#topic,
      scheduler: this.#environment.scheduler,
      events: this.#streamEvents(() => opened),
      signal,
    });
    opened = stream;
    if (signal.aborted) stream.close();
    else this.#adopt(stream, clients);
  }

  /** Events of a stream count until another took its place; items count as long as it is open. */
  #streamEvents(self: () => TopicStream | undefined): TopicStreamEvents {
    const ifCurrent = (act: () => void) => {
      if (self() === undefined || self() === this.#stream) act();
    };
    return {
      item: (item) => this.#events.item(item),
      sign: () => ifCurrent(() => this.#onSign()),
      skipped: (reason) => ifCurrent(() => this.#events.doubt(reason)),
      interrupted: () => ifCurrent(() => this.#onInterrupted()),
      // One that ended before it was taken over fails to open.
      ended: (error) => self() !== undefined && ifCurrent(() => this.#onEnded(error)),
    };
  }

  #adopt(stream: TopicStream, clients: MomentoClients): void {
    const previous = this.#stream;
    this.#stream = stream;
    this.#clients = clients;
    this.#cancelHeal?.();
    this.#cancelHeal = undefined;
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
    this.#cancelHeal?.();
    this.#cancelHeal = undefined;
  }

  #onSign(): void {
    this.#silence.beat();
    if (this.#cancelHeal === undefined) return;
    this.#cancelHeal();
    this.#cancelHeal = undefined;
    this.#events.live();
  }

  #onInterrupted(): void {
    this.#cancelHeal ??= this.#environment.scheduler.after(HEAL_MS, () => this.markLost('interrupted'));
  }

  #onEnded(error: ChatError): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    this.#drop(stream);
    this.#events.lost('ended');
    if (error.retryable || error.code === 'unauthenticated') this.#events.trouble(error);
    if (error.code === 'unauthenticated') void this.#open('lost', this.#clients);
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
