import type { Fetch } from '../grpc-web/call.js';
import { streamCall } from '../grpc-web/stream-call.js';
import { unaryCall } from '../grpc-web/unary-call.js';
import { ChatError, unable } from '../shared/errors.js';
import { fromGrpcError } from './grpc-errors.js';
import { decodeTopicEvent, encodeSubscription, SUBSCRIBE_RPC, type TopicEvent } from './operations/topics.js';
import type { TopicSink, Transport } from './transport.js';

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
export function fetchTransport({ token, endpoint, fetch }: FetchTransportOptions): Transport {
  const { apiKey, endpoint: service } = parseToken(token);
  const origin = originOf(endpoint ?? `web.cache.${service}`);
  // As `sdk-web` has it, the first call alone says whose calls these are.
  let introduction: Record<string, string> = { agent: `${AGENT}:lite` };
  const request = (rpc: string, message: Uint8Array, more: Record<string, string> = {}) => {
    const headers = { authorization: apiKey, 'x-user-agent': AGENT, ...introduction, ...more };
    introduction = {};
    return { url: `${origin}/${rpc}`, headers, message, fetch };
  };
  return {
    async call(
      operation,
      input,
      { signal, action = operation.action, timeoutMs, keepalive = operation.writes } = {},
    ) {
      try {
        const how = request(operation.rpc, operation.encode(input), { cache: input.cache });
        const { maxAnswerBytes } = operation;
        const answer = await unaryCall({ ...how, signal, timeoutMs, keepalive, maxAnswerBytes });
        return operation.decode(answer, input);
      } catch (problem) {
        throw failure(action, problem, signal);
      }
    },
    subscribe: (topic, sink, { signal, what = 'the topic', after } = {}) =>
      new Promise((resolve, reject) => {
        let live = false;
        const onEnd = (problem: unknown) => {
          if (!live) reject(failure(`subscribe to ${what}`, problem, signal));
          else if (!signal?.aborted) sink.closed(fromGrpcError(`stay subscribed to ${what}`, problem));
        };
        streamCall({
          ...request(SUBSCRIBE_RPC, encodeSubscription(topic, after)),
          signal,
          onMessage(message) {
            const event = decodeTopicEvent(message);
            live = true;
            resolve();
            deliver(event, sink);
          },
        }).then(() => onEnd(unable('network', `stay subscribed to ${what}`, 'the stream ended')), onEnd);
      }),
  };
}

/** Hands an event of a stream to the subscriber. */
export function deliver(event: TopicEvent, sink: TopicSink): void {
  if (event.kind === 'item') sink.item(event.item);
  else if (event.kind !== 'unknown') sink[event.kind]();
}

/** The failure of a call: the signal's own reason counts, if it is one of ours. */
export function failure(action: string, problem: unknown, signal: AbortSignal | undefined): ChatError {
  if (!signal?.aborted) return fromGrpcError(action, problem);
  return signal.reason instanceof ChatError ? signal.reason : unable('closed', action, 'it was cancelled');
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
  throw unable('token-unavailable', 'use the token', 'it is not a Momento token', {
    retryable: false,
  });
}

function originOf(endpoint: string): string {
  return (/^https?:\/\//.test(endpoint) ? endpoint : `https://${endpoint}`).replace(/\/+$/, '');
}
