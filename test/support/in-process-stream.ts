import { GrpcError, UNAVAILABLE } from '../../src/grpc-web/status.js';
import type { ResponseStream } from '../../src/local/rpc/rpc.js';
import type { MomentoError } from '../../src/local/status.js';
import type { Scheduler } from '../../src/shared/clock.js';
import { decodeTopicEvent, type TopicEvent } from '../../src/transport/operations/topics.js';

/** Breaks a connection: the client is told, or not. Whatever is under way on it is lost. */
export type LinkCut = 'told' | 'silent';

/** The client's end of a stream. */
export interface Receiver {
  event(event: TopicEvent): void;
  /** The stream is over: cleanly, or with a failure. */
  end(problem?: unknown): void;
}

/** The way that a stream takes. */
interface Way {
  readonly scheduler: Scheduler;
  readonly connected: boolean;
  /** Milliseconds that the next event takes. */
  deliveryDelay(): number;
  /** Whether the next item is left out. */
  skips(): boolean;
}

export function connectionLost(): GrpcError {
  return new GrpcError(UNAVAILABLE, 'Momento cannot be reached', 'connection');
}

/** One stream on its way to the client: in its order, late, cut. */
export class LinkStream implements ResponseStream {
  readonly #link: Way;
  readonly #receiver: Receiver;
  readonly #onOver: () => void;
  readonly #onClose: (() => void)[] = [];
  /** The service has let it go. */
  #closed = false;
  /** Nothing that is under way arrives. */
  #cut = false;
  /** The client knows which number comes next. Before that, nothing could ever show that an item is missing. */
  #numbered = false;
  #underWay = 0;
  #arrivesAt = 0;
  /** The client knows that it is over. */
  over = false;

  constructor(link: Way, receiver: Receiver, onOver: () => void) {
    this.#link = link;
    this.#receiver = receiver;
    this.#onOver = onOver;
  }

  write(message: Uint8Array): boolean {
    if (this.#closed) return false;
    const event = decodeTopicEvent(message);
    if (event.kind === 'item' && this.#numbered && this.#link.skips()) return true;
    if (event.kind !== 'heartbeat') this.#numbered = event.kind === 'item';
    this.#deliver(() => {
      if (!this.#cut && this.#link.connected) this.#receiver.event(event);
    });
    return true;
  }

  end(error?: MomentoError): void {
    this.#release();
    this.#deliver(() => {
      if (!this.#cut && this.#link.connected) this.#finish(error);
    });
  }

  cut(how: LinkCut): void {
    this.#cut = true;
    this.#release();
    if (how === 'told') this.#deliver(() => this.#finish(connectionLost()));
  }

  /** The client is done with it. */
  close(): void {
    this.over = true;
    this.#cut = true;
    this.#release();
    this.#onOver();
  }

  onDrain(): void {}

  onClose(callback: () => void): void {
    if (this.#closed) callback();
    else this.#onClose.push(callback);
  }

  #finish(problem: unknown): void {
    if (this.over) return;
    this.close();
    this.#receiver.end(problem);
  }

  #release(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const callback of this.#onClose) callback();
  }

  #deliver(act: () => void): void {
    const { scheduler } = this.#link;
    const now = scheduler.monotonic();
    this.#arrivesAt = Math.max(this.#arrivesAt, now + this.#link.deliveryDelay());
    if (this.#arrivesAt <= now && this.#underWay === 0) {
      act();
      return;
    }
    this.#underWay += 1;
    scheduler.after(this.#arrivesAt - now, () => {
      this.#underWay -= 1;
      act();
    });
  }
}
