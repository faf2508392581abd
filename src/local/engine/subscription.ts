import type { MomentoError } from '../status.js';
import type { LocalClock } from './clock.js';
import { Deque } from './deque.js';
import { HEARTBEAT, type TopicDiscontinuity, type TopicEvent, type TopicItem } from './topic-events.js';

/** Where a client that comes back wants to go on. */
export interface ResumePoint {
  /** The first number it has not seen; 0: start with what is published from now on. */
  sequence: number;
  /** The sequence page it was on; 0: not known. */
  page: number;
}

/** Where a subscription's events go: one stream to one client. */
export interface EventSink {
  /** Takes the event; false says that the client reads too slowly and that `drained()` will be called. */
  send(event: TopicEvent): boolean;
  /** Ends the stream, with that failure or cleanly. */
  end(error?: MomentoError): void;
}

/** Items, and bytes of them, kept for a client that reads slowly. More are dropped and told as a discontinuity. */
const BACKLOG_ITEMS = 8192;
const BACKLOG_BYTES = 16 * 1024 * 1024;

/**
 * One client's stream of one topic. It starts and keeps up the heartbeat, holds back what a slow client does not
 * take yet, and can be made silent, as a connection is whose network died without a word.
 */
export class Subscription {
  readonly #sink: EventSink;
  readonly #missed: (resume: ResumePoint) => readonly TopicEvent[];
  readonly #onClose: (subscription: Subscription) => void;
  readonly #clock: LocalClock;
  readonly #heartbeatMs: number;
  readonly #backlog = new Deque<TopicItem>();
  #backlogBytes = 0;
  #stopHeartbeat: () => void = () => {};
  #congested = false;
  #silences = 0;
  /** Failures that are due after so many more messages. */
  readonly #ends = new Set<{ left: number; error: MomentoError }>();
  #closed = false;
  #lastSent = 0;
  #firstDropped: TopicDiscontinuity | undefined;

  constructor(options: {
    sink: EventSink;
    clock: LocalClock;
    heartbeatMs: number;
    missed: (resume: ResumePoint) => readonly TopicEvent[];
    onClose: (subscription: Subscription) => void;
  }) {
    this.#sink = options.sink;
    this.#clock = options.clock;
    this.#heartbeatMs = options.heartbeatMs;
    this.#missed = options.missed;
    this.#onClose = options.onClose;
  }

  /** Opens the stream. The first heartbeat goes out at once, because an SDK's subscribe() waits for a first message. */
  start(resume: ResumePoint): void {
    this.#beat();
    for (const event of this.#missed(resume)) this.deliver(event);
  }

  deliver(event: TopicEvent): void {
    if (this.#closed || this.#silences > 0) return;
    if (this.#congested) this.#hold(event);
    else this.#send(event);
  }

  /** The client caught up. */
  drained(): void {
    this.#congested = false;
    this.#release();
  }

  /** Sends what was held back, then tells of what had to be dropped; not while the stream is silent. */
  #release(): void {
    while (this.#canSend) {
      const item = this.#backlog.popFront();
      if (!item) break;
      this.#backlogBytes -= sizeOf(item);
      this.#send(item);
    }
    const dropped = this.#firstDropped;
    if (!dropped || !this.#canSend) return;
    this.#firstDropped = undefined;
    this.#send({ ...dropped, lastSequence: this.#lastSent });
  }

  /** Until the returned function is called, nothing reaches the client and nothing tells it so. */
  silence(): () => void {
    this.#silences++;
    let restored = false;
    return () => {
      if (restored) return;
      restored = true;
      this.#silences--;
      this.#release();
    };
  }

  /**
   * Ends the stream with that failure when `messages` more were sent, heartbeats included; at once when that is 0. The
   * returned function takes that back.
   */
  endAfter(messages: number, error: MomentoError): () => void {
    if (messages <= 0) {
      this.end(error);
      return () => {};
    }
    const due = { left: messages, error };
    this.#ends.add(due);
    return () => this.#ends.delete(due);
  }

  /** Ends the stream from this side. */
  end(error?: MomentoError): void {
    if (this.#closed) return;
    this.close();
    this.#sink.end(error);
  }

  /** The client is gone: releases everything. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#ends.clear();
    this.#backlog.clear();
    this.#backlogBytes = 0;
    this.#stopHeartbeat();
    this.#onClose(this);
  }

  get #canSend(): boolean {
    return !this.#closed && !this.#congested && this.#silences === 0;
  }

  #send(event: TopicEvent): void {
    if (event.kind === 'item') this.#lastSent = event.sequence;
    if (event.kind === 'discontinuity') this.#lastSent = event.newSequence;
    if (!this.#sink.send(event)) this.#congested = true;
    for (const due of this.#ends) if (--due.left <= 0) this.end(due.error);
  }

  #hold(event: TopicEvent): void {
    if (event.kind === 'heartbeat') return;
    if (event.kind === 'item' && !this.#firstDropped && this.#hasRoomFor(event)) {
      this.#backlog.pushBack(event);
      this.#backlogBytes += sizeOf(event);
      return;
    }
    this.#firstDropped =
      event.kind === 'discontinuity'
        ? event
        : { kind: 'discontinuity', lastSequence: 0, newSequence: event.sequence, newPage: event.page };
  }

  #hasRoomFor(item: TopicItem): boolean {
    return this.#backlog.length < BACKLOG_ITEMS && this.#backlogBytes + sizeOf(item) <= BACKLOG_BYTES;
  }

  #beat(): void {
    this.deliver(HEARTBEAT);
    if (!this.#closed) this.#stopHeartbeat = this.#clock.setTimeout(() => this.#beat(), this.#heartbeatMs);
  }
}

/** About how many bytes the item takes; text counts its characters, which is close enough for a bound. */
function sizeOf({ value }: TopicItem): number {
  return 'text' in value ? value.text.length : value.binary.length;
}
