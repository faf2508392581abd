import { DEADLINE_EXCEEDED, GrpcError, RESOURCE_EXHAUSTED } from '../../src/grpc-web/status.js';
import type { LocalCore } from '../../src/local/local-engine.js';
import type { IncomingCall } from '../../src/local/rpc/dispatch.js';
import { rpcName } from '../../src/local/rpc/rpc.js';
import { asMomentoError, MomentoError, STATUS_NUMBERS } from '../../src/local/status.js';
import { TIMED_OUT, withTimeout } from '../../src/shared/clock.js';
import { ChatError } from '../../src/shared/errors.js';
import { deliver, failure, parseToken } from '../../src/transport/fetch-transport.js';
import { fromGrpcError } from '../../src/transport/grpc-errors.js';
import { encodeSubscription, SUBSCRIBE_RPC } from '../../src/transport/operations/topics.js';
import type {
  CacheInput,
  CallOptions,
  Operation,
  SubscribeOptions,
  TopicAddress,
  TopicSink,
  Transport,
} from '../../src/transport/transport.js';
import type { Link } from './in-process-link.js';
import { connectionLost } from './in-process-stream.js';

const CALL_TIMEOUT_MS = 5000;
const OPEN_TIMEOUT_MS = 10_000;
/** A request that is under way takes effect, whatever its client thinks of it by then. */
const NEVER = new AbortController().signal;

export interface InProcessTransportOptions {
  core: LocalCore;
  /** The way to the engine; its scheduler measures the deadlines. */
  link: Link;
  /** In the form that SDKs take. Default: the super user's key. */
  token?: string | undefined;
  /** Whether streams begin after the item that the subscriber knows; the SDKs' do not. Default true. */
  resumes?: boolean | undefined;
}

/** Runs the port straight into a local engine: same bytes, same errors as over `fetch`, and no socket. */
export class InProcessTransport implements Transport {
  readonly #core: LocalCore;
  readonly #link: Link;
  readonly #apiKey: string;
  readonly #resumes: boolean;

  constructor({ core, link, token = core.apiKey, resumes = true }: InProcessTransportOptions) {
    this.#core = core;
    this.#link = link;
    this.#apiKey = parseToken(token).apiKey;
    this.#resumes = resumes;
  }

  async call<Input extends CacheInput, Output>(
    operation: Operation<Input, Output>,
    input: Input,
    { signal, action = operation.action, timeoutMs = CALL_TIMEOUT_MS }: CallOptions = {},
  ): Promise<Output> {
    try {
      const message = operation.encode(input);
      const exchange = this.#link.exchange(rpcName(operation.rpc), () =>
        this.#unary(operation.rpc, message, input.cache),
      );
      const { scheduler } = this.#link;
      const aborts = signal === undefined ? {} : { signal };
      const answer = await withTimeout(exchange, { ms: timeoutMs, scheduler, late: TIMED_OUT, ...aborts });
      if (answer === TIMED_OUT) throw tooLate();
      const { maxAnswerBytes = Number.POSITIVE_INFINITY } = operation;
      if (answer.length > maxAnswerBytes) throw tooLong(maxAnswerBytes);
      return operation.decode(answer, input);
    } catch (problem) {
      throw failure(action, asGrpcError(problem), signal);
    }
  }

  subscribe(
    topic: TopicAddress,
    sink: TopicSink,
    { signal, what = 'the topic', after }: SubscribeOptions = {},
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      let live = false;
      const end = (problem: unknown) => {
        cancel();
        signal?.removeEventListener('abort', onAbort);
        stream.close();
        const error = asGrpcError(problem);
        if (!live) reject(failure(`subscribe to ${what}`, error, signal));
        else if (!signal?.aborted) sink.closed(fromGrpcError(`stay subscribed to ${what}`, error));
      };
      const cancel = this.#link.scheduler.after(OPEN_TIMEOUT_MS, () => end(tooLate()));
      const onAbort = () => end(undefined);
      const message = encodeSubscription(topic, this.#resumes ? after : undefined);
      const receiver = {
        event: (event: Parameters<typeof deliver>[0]) => {
          if (signal?.aborted) return;
          cancel();
          live = true;
          resolve();
          deliver(event, sink);
        },
        end: (problem = new ChatError('network', `unable to stay subscribed to ${what}; the stream ended`)) =>
          end(problem),
      };
      const stream = this.#link.open(rpcName(SUBSCRIBE_RPC), receiver, (outlet) =>
        this.#core.dispatch.stream(this.#incoming(SUBSCRIBE_RPC, message, topic.cache), outlet),
      );
      signal?.addEventListener('abort', onAbort);
      if (signal?.aborted) onAbort();
    });
  }

  #unary(rpc: string, message: Uint8Array, cache: string): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      const cut = () => reject(connectionLost());
      this.#core.dispatch
        .unary({ ...this.#incoming(rpc, message, cache), cut })
        .then(resolve, (problem) => reject(asMomentoError(problem)));
    });
  }

  #incoming(rpc: string, message: Uint8Array, cache: string): IncomingCall {
    const metadata: Record<string, string> = { authorization: this.#apiKey, cache };
    return {
      path: `/${rpc}`,
      message: Buffer.from(message.buffer, message.byteOffset, message.byteLength),
      transport: 'grpc-web',
      metadata: (name) => metadata[name],
      signal: NEVER,
      cut: () => {},
    };
  }
}

function asGrpcError(problem: unknown): unknown {
  if (!(problem instanceof MomentoError)) return problem;
  return new GrpcError(STATUS_NUMBERS[problem.code], problem.message, 'status', problem.metadata);
}

/** As the reader of frames has it. */
function tooLong(bytes: number): GrpcError {
  return new GrpcError(RESOURCE_EXHAUSTED, `the answer exceeds ${bytes} bytes`, 'format');
}

function tooLate(): GrpcError {
  return new GrpcError(DEADLINE_EXCEEDED, 'no answer in time', 'deadline');
}
