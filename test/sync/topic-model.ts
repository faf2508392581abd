import type { Connection, ConnectionListener } from '../../src/session/connection.js';
import { ChatError, type ChatErrorCode } from '../../src/shared/errors.js';
import type { SubscribeOptions, TopicAddress, TopicSink, Transport } from '../../src/transport/transport.js';
import type { VirtualTime } from '../support/virtual-time.js';

/** The outcome of an attempt to open a stream: it goes live, or never, or fails; at once, or after milliseconds. */
export type Opening = Beginning | readonly [Beginning, afterMs: number];
type Beginning = 'live' | 'never' | 'stillborn' | ChatErrorCode;

/**
 * A topic whose streams open, speak and end as a test says, and the tokens that they are opened with.
 *
 * It is a script, and no model of the service: it decides nothing. A table of a subscription has lines for what no adapter
 * can be made to do on the dot, such as a stream that ends in the turn in which it went live, or each doubt of an SDK's
 * adapter alone. The behaviour of the service is tried on the local engine: see `test/support/in-process-rooms.ts`.
 */
export class TopicModel implements Connection {
  readonly userId = undefined;
  /** The streams that went live, in their order; the first is number 1. */
  readonly streams: TopicSink[] = [];
  /** Whether Momento's refusals of a token end with another token. */
  renews = true;
  readonly #time: VirtualTime;
  readonly #log: (what: string) => void;
  readonly #openings: Opening[] = [];
  readonly #listeners = new Set<ConnectionListener>();
  #token = 1;
  #transport: Transport;

  constructor(time: VirtualTime, log: (what: string) => void) {
    this.#time = time;
    this.#log = log;
    this.#transport = this.#withToken(1);
  }

  /** How the next attempts end; those beyond go live at once. */
  opens(...openings: readonly Opening[]): void {
    this.#openings.push(...openings);
  }

  /** The end of stream `number` at the client. */
  stream(number: number): TopicSink {
    const sink = this.streams[number - 1];
    if (sink === undefined) throw new Error(`unable to find stream ${number}; it never went live`);
    return sink;
  }

  /** Another token is there. */
  renew(): void {
    this.#token += 1;
    this.#transport = this.#withToken(this.#token);
    for (const listener of [...this.#listeners]) listener.renewed();
  }

  /** Tells what a renewal failed with, or that another room got through. */
  tell(what: ChatError | 'reached'): void {
    for (const listener of [...this.#listeners]) {
      if (what === 'reached') listener.reached();
      else listener.failed(what);
    }
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  async attach(): Promise<void> {}

  detach(): void {}

  async transport(): Promise<Transport> {
    return this.#transport;
  }

  now(): number {
    return this.#time.now();
  }

  call<Output>(make: (transport: Transport) => Promise<Output>): Promise<Output> {
    return make(this.#transport);
  }

  reached(): void {
    this.#log('reached');
  }

  async rejected(): Promise<void> {
    this.#log('rejected');
    if (!this.renews) throw failure('unauthenticated');
    this.#token += 1;
    this.#transport = this.#withToken(this.#token);
  }

  watch(listener: ConnectionListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #withToken(token: number): Transport {
    return {
      call: () => Promise.reject(failure('server')),
      subscribe: (_topic: TopicAddress, sink: TopicSink, options: SubscribeOptions = {}) =>
        this.#open(sink, options, token),
    };
  }

  async #open(sink: TopicSink, { signal, after }: SubscribeOptions, token: number): Promise<void> {
    const known = after === undefined ? '' : ` after ${after.page}/${after.sequence}`;
    this.#log(`open${token > 1 ? ` with token ${token}` : ''}${known}`);
    const opening = this.#openings.shift() ?? 'live';
    const [begins, afterMs] = typeof opening === 'string' ? ([opening, 0] as const) : opening;
    if (afterMs > 0) await new Promise<void>((resolve) => void this.#time.after(afterMs, resolve));
    if (begins === 'never') return new Promise<never>(() => {});
    if (begins === 'stillborn') {
      sink.closed(failure('network'));
      return;
    }
    if (begins !== 'live') throw failure(begins);
    if (signal?.aborted) throw failure('closed');
    const number = this.streams.push(sink);
    signal?.addEventListener('abort', () => this.#log(`close ${number}`));
  }
}

export function failure(code: ChatErrorCode): ChatError {
  return new ChatError(code, `unable to subscribe to the room; ${code}`);
}
