import type { CaughtUp } from '../messages/caught-up.js';
import type { Connection } from '../session/connection.js';
import type { Environment } from '../session/environment.js';
import { asChatError } from '../shared/as-chat-error.js';
import { withTimeout } from '../shared/clock.js';
import { type ChatError, unable } from '../shared/errors.js';
import { onAbort } from '../shared/on-abort.js';
import type { CacheInput, CallOptions, Operation, TopicAddress, TopicItem } from '../transport/transport.js';
import { CheckpointPolicy } from './checkpoint-policy.js';
import { JoinCalls } from './join-calls.js';
import { Recovery } from './recovery.js';
import { type DoubtReason, type LossReason, Subscription } from './subscription.js';
import { Troubles } from './troubles.js';

export interface RoomSyncEvents {
  item(item: TopicItem): void;
  /** Something was missed, or may have been, before what comes next: the list is going to be read. */
  behind(): void;
  /** There is no live stream; messages to send must wait. */
  lost(reason: LossReason): void;
  /** A stream is live; messages may be sent, though the list is still being read. */
  live(): void;
  /** After a loss: everything that could be had is there again. */
  recovered(): void;
  trouble(error: ChatError): void;
  failed(error: ChatError): void;
  /** A call is being made for the room. */
  called?(rpc: string, call: Promise<unknown>): void;
}

export interface RoomSyncOptions {
  room: string;
  topic: TopicAddress;
  connection: Connection;
  environment: Environment;
  /** Reads what is missing; the first reading of a room is its first page. */
  read(how: { doubted: boolean; expected: number }): Promise<CaughtUp>;
  maxStored: number;
  events: RoomSyncEvents;
}

/** The events of a further topic. */
export interface WatchEvents {
  item(item: TopicItem): void;
  /** Its stream is live, or may have missed something. */
  missed(): void;
}

/** The join waits this long at most for the further topics, once its own is live (milliseconds). */
const WATCH_PATIENCE_MS = 2000;
/** Doubts whether the stream lives at all: when the list holds what it did not bring, it is replaced. */
const STREAM_DOUBTS: readonly string[] = ['online', 'offline', 'visible', 'resumed', 'silence', 'unanswered'];
/** A first reading of the list that has not succeeded after this many milliseconds fails the join. */
const JOIN_PATIENCE_MS = 15_000;

/**
 * One join of a room, until it is left: the connection, the supervised subscription and the recovery of what it
 * missed. It is used once; nothing of it survives its end (G5).
 */
export class RoomSync {
  readonly #options: RoomSyncOptions;
  readonly #subscription: Subscription;
  readonly #recovery: Recovery;
  readonly #checkpoints: CheckpointPolicy;
  readonly #calls: JoinCalls;
  readonly #life = new AbortController();
  readonly #watched: (() => Promise<void>)[] = [];
  /** Tells why a further topic could not be had while the room was being joined, or was lost. */
  #tellOfWatch = () => {};
  /** Of the join, of the outage, or of what is done again in a joined room. */
  readonly #troubles: Troubles;
  #state: 'joining' | 'live' | 'lost' | 'ended' = 'joining';
  /** How many streams went live. */
  #lives = 0;
  /** The last doubt since the join began to read the list. */
  #doubtInJoin: DoubtReason | undefined;

  constructor(options: RoomSyncOptions) {
    const { connection, maxStored, read, events } = options;
    const { scheduler } = options.environment;
    this.#options = options;
    this.#troubles = new Troubles((error) => events.trouble(error));
    this.#checkpoints = new CheckpointPolicy({ maxStored, clock: scheduler });
    this.#calls = new JoinCalls({ connection, scheduler, signal: this.#life.signal, onCall: events.called });
    this.#recovery = new Recovery({
      read: async (how) => {
        const caughtUp = await read({ ...how, expected: this.#checkpoints.restart() });
        if (this.#state === 'live') this.#troubles.over();
        return caughtUp;
      },
      scheduler,
      signal: this.#life.signal,
      onTrouble: (error) => this.#onReadingTrouble(error),
    });
    this.#subscription = new Subscription({
      ...options,
      events: {
        item: (item) => this.#onItem(item),
        behind: () => events.behind(),
        live: () => this.#onLive(),
        doubt: (reason) => this.doubt(reason),
        lost: (reason) => this.#onLost(reason),
        trouble: (error) => this.#troubles.tell(error),
        // Told of in its own time by whoever renews.
        renewalFailed: (error) =>
          this.#state === 'live' ? events.trouble(error) : this.#troubles.tell(error),
        failed: (error) => this.#fail(error),
      },
    });
  }

  /** Subscribes to a further topic while the room is joined, which goes on without it. Call it before {@link begin}. */
  watch(topic: string, { item, missed }: WatchEvents): void {
    // A connection that breaks takes all streams along: they say the same.
    const troubles = new Troubles((error) => this.#troubles.tell(error));
    const trouble = (error: ChatError, isLast?: boolean) => {
      // While the room's own stream is lost, that one tells, and goes on.
      if (this.#state === 'ended' || (this.#state === 'lost' && !isLast) || error.code === 'closed') return;
      // A room whose join fails, or that cannot come back, says so once.
      if (this.#state !== 'live') this.#tellOfWatch = () => troubles.tell(error);
      else troubles.tell(error);
    };
    const subscription = new Subscription({
      ...this.#options,
      topic: { ...this.#options.topic, topic },
      events: {
        item,
        live: () => {
          troubles.over();
          this.#tellOfWatch = () => {};
          if (this.#state === 'live') this.#troubles.over();
          missed();
        },
        doubt: missed,
        lost: () => {},
        trouble,
        // The room's own stream tells.
        renewalFailed: () => {},
        failed: (error) => trouble(error, true),
      },
      patienceMs: Number.POSITIVE_INFINITY,
    });
    onAbort(this.#life.signal, () => subscription.stop());
    this.#watched.push(() =>
      subscription.start().catch((problem: unknown) => {
        subscription.stop();
        trouble(asChatError('subscribe to the events of the room', problem), true);
      }),
    );
  }

  /** The identity inside the token, where there is one. */
  get userId(): string | undefined {
    return this.#options.connection.userId;
  }

  /** The wall clock, set right by what the token says. */
  now(): number {
    return this.#options.connection.now();
  }

  /** Whether a joined room has no live stream, or has not caught up with one yet. */
  get lost(): boolean {
    return this.#state === 'lost';
  }

  /** Resolves when the subscription is live and the list was read; rejects with a {@link ChatError}. */
  async begin(): Promise<void> {
    try {
      await this.#options.connection.attach(this.#options.room, (error) => this.#troubles.tell(error));
      this.#assertCurrent();
      const watching = Promise.all(this.#watched.map((start) => start()));
      await this.#subscription.start();
      // Read after it is live, the state of the room needs to be read only once. It is no reason to wait for long.
      const { scheduler } = this.#options.environment;
      await withTimeout(watching, { ms: WATCH_PATIENCE_MS, scheduler, signal: this.#life.signal });
      this.#assertCurrent();
      let lives: number;
      const until = scheduler.monotonic() + JOIN_PATIENCE_MS;
      do {
        lives = this.#lives;
        this.#doubtInJoin = undefined;
        await this.#recovery.run(JOIN_PATIENCE_MS);
        this.#assertCurrent();
      } while (lives !== this.#lives && scheduler.monotonic() < until);
      this.#state = this.#subscription.live && lives === this.#lives ? 'live' : 'lost';
      if (this.#state === 'live') this.#troubles.over();
      // A stream that breaks again and again is an outage of the joined room.
      else if (this.#subscription.live) this.#recover();
      this.#tellOfWatch();
      if (this.#doubtInJoin !== undefined) this.doubt(this.#doubtInJoin);
    } catch (problem) {
      this.end(asChatError('join the room', problem));
      throw this.#life.signal.reason;
    }
  }

  /** Ends it at once and for good. Calls under way reject with `reason`. */
  end(reason = unable('closed', 'go on', 'the room was left')): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#life.abort(reason);
    this.#subscription.stop();
    this.#options.connection.detach(this.#options.room);
  }

  /** A call on behalf of the room; rejects with a {@link ChatError}. */
  async call<Input extends CacheInput, Output>(
    operation: Operation<Input, Output>,
    input: Input,
    action: string,
    how?: Pick<CallOptions, 'keepalive' | 'signal' | 'timeoutMs'>,
  ): Promise<Output> {
    const output = await this.#calls.make(operation, input, action, how);
    // Where a call gets through, a subscription may as well: it need not wait for its turn.
    if (!this.#subscription.live) this.#subscription.retryNow();
    return output;
  }

  /** Resolves when no call is under way any more. */
  drained(): Promise<void> {
    return this.#calls.drained();
  }

  /** The list may hold what the stream did not bring: it is read now, and once more after the settle window. */
  doubt(reason: DoubtReason): void {
    // A stream that is yet to come has the list read anyway.
    if (!this.#subscription.live) return;
    if (this.#state === 'joining') {
      this.#doubtInJoin = reason;
      return;
    }
    // After an outage, what the list gives back is what the outage kept from the room.
    const suspects = this.#state === 'live' && STREAM_DOUBTS.includes(reason);
    this.#inBackground(
      this.#recovery.run().then(({ filled }) => {
        if (suspects && filled.length > 0) this.#subscription.reopen();
      }),
    );
  }

  #onItem(item: TopicItem): void {
    this.#options.events.item(item);
    if (this.#checkpoints.count() && this.#state === 'live') this.#inBackground(this.#recovery.audit());
  }

  #onLive(): void {
    this.#lives += 1;
    this.#options.events.live();
    // Until the room is joined, `begin` reads the list itself.
    if (this.#state === 'joining') return;
    // A stream that comes and goes within an outage does not end it.
    if (this.#state === 'live') this.#troubles.over();
    this.#recover();
  }

  /** Reads what was missed; with that an outage is over. */
  #recover(): void {
    this.#recovery.retryNow();
    const lives = this.#lives;
    this.#inBackground(
      this.#recovery.run().then(() => {
        // Where it was lost again, or replaced, the reading after that one tells.
        if (this.#state !== 'lost' || !this.#subscription.live || lives !== this.#lives) return;
        this.#state = 'live';
        this.#troubles.over();
        this.#tellOfWatch();
        this.#options.events.recovered();
      }),
    );
  }

  #onLost(reason: LossReason): void {
    if (this.#state === 'live') this.#state = 'lost';
    this.#options.events.lost(reason);
  }

  /** A list that cannot be reached is no reason to trust the stream. */
  #onReadingTrouble(error: ChatError): void {
    this.#troubles.tell(error);
    if (error.code === 'network') this.#subscription.markLost('unreachable');
  }

  #inBackground(work: Promise<unknown>): void {
    work.catch((problem: unknown) => {
      this.#fail(asChatError('read the history', problem));
    });
  }

  #fail(error: ChatError): void {
    if (this.#state === 'ended') return;
    this.end(error);
    this.#options.events.failed(error);
  }

  #assertCurrent(): void {
    if (this.#state === 'ended') throw this.#life.signal.reason;
  }
}
