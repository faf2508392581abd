import type { SendPolicy } from '../delivery/send-policy.js';
import type { FeatureCall } from '../features/feature.js';
import type { AllGiven } from '../shared/all-given.js';
import { CALL_BACKOFF } from '../shared/backoff.js';
import { type Scheduler, sleep } from '../shared/clock.js';
import { ChatError } from '../shared/errors.js';
import { loadPart } from '../shared/load-part.js';
import { retry } from '../shared/retry.js';
import type { RoomSync } from '../sync/room-sync.js';
import type { CacheInput, Operation } from '../transport/transport.js';
import { loadPatiently } from './load-patiently.js';

/** One join: its connection, and the signal that ends with it. */
interface Join {
  readonly sync: RoomSync;
  readonly life: AbortController;
}

export interface FeatureCallsOptions {
  cache: string;
  clock: Scheduler;
  /** How long a change is tried for. */
  retry: Pick<AllGiven<SendPolicy>, 'timeoutMs'>;
}

/** The calls of features, and the code that features load: both wait while the connection is lost, and are repeated. */
export class FeatureCalls {
  readonly #options: FeatureCallsOptions;
  #join: Join | undefined;
  /** Ends the waits for the connection. */
  #wake = new AbortController();

  constructor(options: FeatureCallsOptions) {
    this.#options = options;
  }

  /** Ends with the current join; undefined when there is none. */
  get signal(): AbortSignal | undefined {
    return this.#join?.life.signal;
  }

  get isOffline(): boolean {
    return this.#join?.sync.lost ?? true;
  }

  /** A join begins. Returns the signal that ends with it. */
  begin(sync: RoomSync): AbortSignal {
    const life = new AbortController();
    this.#join = { sync, life };
    return life.signal;
  }

  /** The join is over; `why` completes "unable to go on; …". */
  end(why: string): void {
    this.#join?.life.abort(new ChatError('closed', `unable to go on; ${why}`));
    this.#join = undefined;
    this.wake();
  }

  /** The connection is there again. */
  wake(): void {
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  /** Throws a ChatError `not-joined` unless there is a join; `action` completes "unable to …". */
  assertJoined(action: string): Join {
    if (this.#join !== undefined) return this.#join;
    throw new ChatError('not-joined', `unable to ${action}; call join() first`);
  }

  /** See `FeatureHost.call`. */
  async call<Input extends CacheInput, Output>(
    operation: Operation<Input, Output>,
    input: Omit<Input, 'cache'>,
    { action = operation.action, once, keepalive, signal, timeoutMs }: FeatureCall = {},
  ): Promise<Output> {
    const { sync, life } = this.assertJoined(action);
    // The cache is what the caller left out.
    const whole = { ...input, cache: this.#options.cache } as unknown as Input;
    const attempt = () => sync.call(operation, whole, action, { keepalive, signal, timeoutMs });
    if (once || keepalive) return attempt();
    return retry(() => {
      if (sync.lost)
        throw new ChatError('network', `unable to ${action}; the connection is lost`, { retryable: true });
      return attempt();
    }, this.#patience(life));
  }

  /** Loads code that is first needed now, see {@link loadPart}; in a joined room as patiently as changes are made. */
  async load<Part extends object>(
    action: string,
    load: () => Promise<Part>,
    name: keyof Part & string,
  ): Promise<Part> {
    const attempt = () => loadPart(action, load, name);
    if (this.#join === undefined) return attempt();
    const { sync, life } = this.#join;
    return loadPatiently(attempt, {
      ...this.#patience(life),
      action,
      isLost: () => sync.lost,
    });
  }

  /** How attempts are repeated. */
  #patience({ signal }: AbortController) {
    const { clock, retry } = this.#options;
    return {
      scheduler: clock,
      signal,
      backoff: CALL_BACKOFF,
      patienceMs: retry.timeoutMs,
      sleep: (ms: number) => sleep(clock, ms, this.#wake.signal),
    };
  }
}
