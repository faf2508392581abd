import type { Connection } from '../session/connection.js';
import { asChatError } from '../shared/as-chat-error.js';
import { raceAbort, type Scheduler, withTimeout } from '../shared/clock.js';
import { onAbort } from '../shared/on-abort.js';
import type { CacheInput, CallOptions, Operation } from '../transport/transport.js';

/** A call is given up after five seconds. */
const CALL_MS = 6000;

export interface JoinCallsOptions {
  connection: Connection;
  scheduler: Scheduler;
  /** Ends with the join; its reason is a {@link ChatError}. */
  signal: AbortSignal;
  /** A call is being made. */
  onCall: ((rpc: string, call: Promise<unknown>) => void) | undefined;
}

/** The calls of one join. All of them reject when it ends, though a call of an SDK cannot be taken back. */
export class JoinCalls {
  readonly #options: JoinCallsOptions;
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(options: JoinCallsOptions) {
    this.#options = options;
  }

  /** Makes a call; `action` completes "unable to …". Rejects with a {@link ChatError}. */
  async make<Input extends CacheInput, Output>(
    operation: Operation<Input, Output>,
    input: Input,
    action: string,
    { signal: given, ...how }: Pick<CallOptions, 'keepalive' | 'signal' | 'timeoutMs'> = {},
  ): Promise<Output> {
    const { connection, signal: join, onCall } = this.#options;
    const ends = [join, given].filter((signal) => signal !== undefined);
    const assertWanted = () => {
      for (const { aborted, reason } of ends) if (aborted) throw asChatError(action, reason);
    };
    assertWanted();
    const life = new AbortController();
    const { signal } = life;
    const stops = ends.map((end) => onAbort(end, () => life.abort(end.reason)));
    const calling = connection.call((transport) => {
      assertWanted();
      const call = transport.call(operation, input, { ...how, action, signal });
      this.#underWay.add(call);
      onCall?.(operation.rpc, call);
      const done = () => this.#underWay.delete(call);
      call.then(done, done);
      return call;
    });
    const output = await raceAbort(calling, signal).finally(() => {
      for (const stop of stops) stop();
    });
    assertWanted();
    return output as Output;
  }

  /** Resolves when no call is under way any more. Some never end; those are left. */
  async drained(): Promise<void> {
    await withTimeout(Promise.allSettled(this.#underWay), {
      ms: CALL_MS,
      scheduler: this.#options.scheduler,
    });
  }
}
