import type { Fetch } from '../grpc-web/http.js';
import { streamCall } from '../grpc-web/stream-call.js';
import { unaryCall } from '../grpc-web/unary-call.js';
import { ChatError } from '../shared/errors.js';
import { fromGrpcError } from './grpc-errors.js';
import { decodeTopicEvent, encodeSubscription, SUBSCRIBE_RPC, type TopicEvent } from './operations/topics.js';
import type {
  CacheInput,
  CallOptions,
  Operation,
  SubscribeOptions,
  TopicAddress,
  TopicSink,
  Transport,
} from './transport.js';

export interface FetchTransportOptions {
  /** A disposable token in the form that Momento's SDKs take. */
  token: string;
  /** Origin of a local Momento, for example `http://127.0.0.1:8080`. Default: the service that the token names. */
  endpoint?: string | undefined;
  /** Default: the global `fetch` at the time of a call. */
  fetch?: Fetch | undefined;
}

const AGENT = 'momento-chat';

/**
 * Returns a transport that speaks gRPC-Web over `fetch`. It runs where `fetch` can stream: browsers, workers, Node 20 and
 * later. Elsewhere its calls reject with `invalid-argument`, and the message names what is missing.
 *
 * @throws ChatError `token-unavailable` when the token is not a Momento token.
 */
export function fetchTransport(options: FetchTransportOptions): Transport {
  return new FetchTransport(options);
}

class FetchTransport implements Transport {
  readonly #origin: string;
  readonly #apiKey: string;
  readonly #fetch: Fetch | undefined;
  #introduced = false;

  constructor({ token, endpoint, fetch }: FetchTransportOptions) {
    const parsed = parseToken(token);
    this.#apiKey = parsed.apiKey;
    this.#origin = originOf(endpoint ?? `web.cache.${parsed.endpoint}`);
    this.#fetch = fetch;
  }

  async call<Input extends CacheInput, Output>(
    operation: Operation<Input, Output>,
    input: Input,
    { signal, action = operation.action, timeoutMs, keepalive = operation.writes }: CallOptions = {},
  ): Promise<Output> {
    try {
      const answer = await unaryCall({
        ...this.#request(operation.rpc, operation.encode(input)),
        headers: { ...this.#headers(), cache: input.cache },
        signal,
        timeoutMs,
        keepalive,
        maxAnswerBytes: operation.maxAnswerBytes,
      });
      return operation.decode(answer, input);
    } catch (problem) {
      throw failure(action, problem, signal);
    }
  }

  subscribe(
    topic: TopicAddress,
    sink: TopicSink,
    { signal, what = 'the topic', after }: SubscribeOptions = {},
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      let live = false;
      const onEnd = (problem: unknown) => {
        if (!live) reject(failure(`subscribe to ${what}`, problem, signal));
        else if (!signal?.aborted) sink.closed(fromGrpcError(`stay subscribed to ${what}`, problem));
      };
      streamCall({
        ...this.#request(SUBSCRIBE_RPC, encodeSubscription(topic, after)),
        headers: this.#headers(),
        signal,
        onMessage(message) {
          const event = decodeTopicEvent(message);
          live = true;
          resolve();
          deliver(event, sink);
        },
      }).then(
        () => onEnd(new ChatError('network', `unable to stay subscribed to ${what}; the stream ended`)),
        onEnd,
      );
    });
  }

  #request(rpc: string, message: Uint8Array) {
    return { url: `${this.#origin}/${rpc}`, message, fetch: this.#fetch };
  }

  /** As `sdk-web` has it, the first call alone says whose calls these are. */
  #headers(): Record<string, string> {
    const introduction = this.#introduced ? {} : { agent: `${AGENT}:lite` };
    this.#introduced = true;
    return { authorization: this.#apiKey, 'x-user-agent': AGENT, ...introduction };
  }
}

/** Hands an event of a stream to the subscriber. */
export function deliver(event: TopicEvent, sink: TopicSink): void {
  if (event.kind === 'item') sink.item(event.item);
  else if (event.kind === 'heartbeat') sink.heartbeat();
  else if (event.kind === 'discontinuity') sink.discontinuity();
}

/** The failure of a call: the signal's own reason counts, if it is one of ours. */
export function failure(action: string, problem: unknown, signal: AbortSignal | undefined): ChatError {
  if (!signal?.aborted) return fromGrpcError(action, problem);
  return signal.reason instanceof ChatError
    ? signal.reason
    : new ChatError('closed', `unable to ${action}; it was cancelled`);
}

/** Reads a token: base64 of a JSON object with the key to send and the service to send it to. */
export function parseToken(token: string): { apiKey: string; endpoint: string } {
  try {
    const { api_key: apiKey, endpoint } = JSON.parse(atob(token)) as Record<string, unknown>;
    // The key becomes the value of a header, in which nothing else may stand.
    if (typeof apiKey === 'string' && /^[\x21-\x7e]+$/.test(apiKey) && typeof endpoint === 'string') {
      return { apiKey, endpoint };
    }
  } catch {
    // Errors of JSON.parse quote the text, which holds the key.
  }
  throw new ChatError('token-unavailable', 'unable to use the token; it is not a Momento token', {
    retryable: false,
  });
}

function originOf(endpoint: string): string {
  return (/^https?:\/\//.test(endpoint) ? endpoint : `https://${endpoint}`).replace(/\/+$/, '');
}
