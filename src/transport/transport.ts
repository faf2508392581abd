import type { ChatError } from '../shared/errors.js';

/**
 * The one door to Momento. Whatever is behind it, calls reject with a {@link ChatError}, and nothing above it knows an
 * SDK, a token or gRPC.
 */
export interface Transport {
  /** Makes one call. Rejects with the signal's reason, if that is a `ChatError`, when it is aborted. */
  call<Input extends CacheInput, Output>(
    operation: Operation<Input, Output>,
    input: Input,
    options?: CallOptions,
  ): Promise<Output>;

  /**
   * Subscribes to a topic. Resolves when the stream is live, rejects when it cannot be had. Then it goes on until `signal`
   * is aborted, which the sink is not told of, or until `sink.closed`. The sink may be called just before the promise
   * resolves, with what made the stream live.
   */
  subscribe(topic: TopicAddress, sink: TopicSink, options?: SubscribeOptions): Promise<void>;
}

export interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Completes "unable to …" in errors. Default: the operation's own `action`. */
  action?: string | undefined;
  /** How long to wait for the answer, in milliseconds. Default 5000. An SDK has its own limit. */
  timeoutMs?: number | undefined;
  /** The call is to outlive the page. A hint: not every transport can. Default: whether the operation writes. */
  keepalive?: boolean | undefined;
}

export interface SubscribeOptions {
  signal?: AbortSignal | undefined;
  /** Completes "unable to subscribe to …" in errors. Default "the topic". */
  what?: string | undefined;
  /**
   * The last item known: the stream begins with the one after it, or with a discontinuity if the topic has forgotten that.
   * A hint: the SDKs offer no way to say it.
   */
  after?: TopicPosition | undefined;
}

export interface TopicAddress {
  cache: string;
  topic: string;
}

/** A place in a topic: sequence numbers are consecutive within a page. */
export interface TopicPosition {
  sequence: number;
  page: number;
}

export interface TopicItem {
  value: string | Uint8Array;
  sequence: number;
  /** Undefined where the transport does not tell. */
  page?: number | undefined;
  /** The token id of the publisher, vouched for by Momento; undefined if its token has none. */
  publisherId?: string | undefined;
}

/** Receives what a subscription brings, in the order in which it comes. Its methods must not throw. */
export interface TopicSink {
  item(item: TopicItem): void;
  heartbeat(): void;
  /** The topic skipped, or began a new page. */
  discontinuity(): void;
  /** The stream lives, but may not have brought everything. */
  uncertain(reason: Uncertainty): void;
  /** The stream is over. `interrupted`: the connection was lost without a word of the service. */
  closed(error: ChatError, how?: 'interrupted'): void;
}

/**
 * Why a transport does not know whether a stream brought everything.
 *
 * - `heartbeat`: one came off its time, as the first one of a stream does that was begun anew.
 * - `first-item`: the first item came on an old stream, which may have been begun anew before.
 * - `restart`: the SDK began the stream anew by itself.
 * - `restored`: the connection was lost and is there again.
 */
export type Uncertainty = 'heartbeat' | 'first-item' | 'restart' | 'restored';

export interface CacheInput {
  cache: string;
}

/**
 * One RPC, described once. An operation that nobody imports is in no bundle. The calls of the SDKs that stand for an operation
 * are in `sdk-routes`, so that a bundle without an SDK holds nothing about one.
 */
export interface Operation<Input extends CacheInput, Output> {
  /** Path of the RPC, such as `cache_client.Scs/ListFetch`. */
  readonly rpc: string;
  /** Completes "unable to …" in errors. */
  readonly action: string;
  /** It changes something: a page that goes away meanwhile still wants it done. Default false. */
  readonly writes?: true;
  /** Largest answer, in bytes: a longer one is not read to its end. A hint: an SDK reads all. Default: that of `unaryCall`. */
  readonly maxAnswerBytes?: number;
  encode(input: Input): Uint8Array;
  /** Throws a RangeError when the bytes are not an answer. Some answers make sense only with their request. */
  decode(answer: Uint8Array, input: Input): Output;
}
