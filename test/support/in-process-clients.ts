import * as status from '../../src/grpc-web/status.js';
import type { Scheduler } from '../../src/shared/clock.js';
import { ChatError } from '../../src/shared/errors.js';
import type {
  CacheClientLike,
  MomentoClients,
  ResponseLike,
  SubscribeOptionsLike,
  TopicClientLike,
} from '../../src/transport/client-types.js';
import { listFetch, listPushFront } from '../../src/transport/operations/lists.js';
import { publish } from '../../src/transport/operations/topics.js';
import type { Transport } from '../../src/transport/transport.js';
import { type Restart, SdkSubscription } from './in-process-subscription.js';

/** The web SDK's topic client counts so far, and takes nothing back. */
const MAX_SUBSCRIPTIONS = 100;

const CODES: Readonly<Record<number, string>> = {
  [status.INVALID_ARGUMENT]: 'INVALID_ARGUMENT_ERROR',
  [status.UNAUTHENTICATED]: 'AUTHENTICATION_ERROR',
  [status.PERMISSION_DENIED]: 'PERMISSION_ERROR',
  [status.NOT_FOUND]: 'NOT_FOUND_ERROR',
  [status.RESOURCE_EXHAUSTED]: 'LIMIT_EXCEEDED_ERROR',
  [status.FAILED_PRECONDITION]: 'FAILED_PRECONDITION_ERROR',
  [status.DEADLINE_EXCEEDED]: 'TIMEOUT_ERROR',
  [status.UNAVAILABLE]: 'SERVER_UNAVAILABLE',
  [status.INTERNAL]: 'INTERNAL_SERVER_ERROR',
};

export interface SdkClientsOptions {
  /** The way to the engine; its streams begin with what comes next, as those of the SDKs. */
  transport: Transport;
  scheduler: Scheduler;
  /** How long calls wait for their answers, in ms; an app may configure that. Default that of the transport. */
  timeoutMs?: number | undefined;
  /** Whether a subscription that ended makes room for another one, as with the Node SDK. Default false. */
  takesBack?: boolean | undefined;
}

/**
 * A pair of clients in the shape of the SDKs, over the transport in this process: as much of them as a room of messages
 * alone needs. The adapter behind `clients` has to live with what the SDKs do with streams; see {@link Restart}.
 */
export class InProcessClients implements MomentoClients {
  readonly topics: TopicClientLike;
  readonly cache: CacheClientLike;
  /** Subscriptions that the topic client counts. */
  subscribed = 0;
  readonly #options: SdkClientsOptions;
  readonly #open = new Set<SdkSubscription>();

  constructor(options: SdkClientsOptions) {
    this.#options = options;
    const { transport, timeoutMs } = options;
    this.topics = {
      publish: (cache, topic, value) =>
        answered(transport.call(publish, { cache, topic, value }, { timeoutMs }), () => ({
          type: 'Success',
        })),
      subscribe: (cache, topic, on) => this.#subscribe({ cache, topic }, on),
    };
    this.cache = {
      listPushFront(cache, list, value, { ttl, truncateBackToSize } = {}) {
        const input = {
          cache,
          list,
          value,
          ttlSeconds: ttl?.ttlSeconds() ?? 86_400,
          refreshTtl: ttl?.refreshTtl() ?? true,
          ...(truncateBackToSize === undefined ? {} : { truncateTo: truncateBackToSize }),
        };
        return answered(transport.call(listPushFront, input, { timeoutMs }), (length) =>
          response({ type: 'Success', listLength: () => length }),
        );
      },
      listFetch(cache, list, { startIndex, endIndex } = {}) {
        const input = {
          cache,
          list,
          ...(startIndex === undefined ? {} : { start: startIndex }),
          ...(endIndex === undefined ? {} : { end: endIndex }),
        };
        return answered(transport.call(listFetch, input, { timeoutMs }), (values) =>
          values.length === 0 ? { type: 'Miss' } : response({ type: 'Hit', valueListString: () => values }),
        );
      },
    };
  }

  /** Begins every stream anew, as the SDKs do by themselves when a connection breaks. */
  restart(how: Restart): void {
    for (const subscription of [...this.#open]) subscription.restart(how);
  }

  async #subscribe(topic: { cache: string; topic: string }, on: SubscribeOptionsLike): Promise<ResponseLike> {
    if (this.subscribed >= MAX_SUBSCRIPTIONS)
      return errorOf('CLIENT_RESOURCE_EXHAUSTED', 'Already at maximum number of subscriptions');
    this.subscribed += 1;
    const { transport, scheduler, takesBack = false } = this.#options;
    const subscription = new SdkSubscription({
      transport,
      scheduler,
      topic,
      on,
      errorOf: errorResponse,
      onOver: () => {
        this.#open.delete(subscription);
        if (takesBack) this.subscribed -= 1;
      },
    });
    this.#open.add(subscription);
    try {
      await subscription.begin();
      return subscription;
    } catch (problem) {
      subscription.unsubscribe();
      return errorResponse(problem);
    }
  }
}

async function answered<T>(call: Promise<T>, respond: (output: T) => ResponseLike): Promise<ResponseLike> {
  try {
    return respond(await call);
  } catch (problem) {
    return errorResponse(problem);
  }
}

/** The SDKs give errors back as responses; the web SDK has a status of HTTP, 0, for no answer at all. */
function errorResponse(problem: unknown): ResponseLike {
  const cause = problem instanceof ChatError ? problem.cause : problem;
  if (!(cause instanceof status.GrpcError) || cause.origin === 'connection')
    return errorOf('UNKNOWN_SERVICE_ERROR', 'Http response at 400 or 500 level, http status code: 0');
  return errorOf(CODES[cause.status] ?? 'UNKNOWN_SERVICE_ERROR', cause.message);
}

function errorOf(code: string, message: string): ResponseLike {
  return response({ type: 'Error', errorCode: () => code, message: () => message });
}

function response<T extends ResponseLike>(given: T): ResponseLike {
  return given;
}
