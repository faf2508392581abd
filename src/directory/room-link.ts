import type { Connection, OnTrouble } from '../session/connection.js';
import { CALL_BACKOFF } from '../shared/backoff.js';
import { type Scheduler, TIMED_OUT, withTimeout } from '../shared/clock.js';
import { type ChatError, unable } from '../shared/errors.js';
import { retry } from '../shared/retry.js';
import type { CacheInput, Operation } from '../transport/transport.js';

/** How long a change is tried for (milliseconds). */
const PATIENCE_MS = 15_000;
/** A call that has no answer after so long is tried again (milliseconds). An SDK has limits of its own. */
const CALL_MS = 10_000;

/** A room's place on a token of the session, for calls from outside of the room. */
export class RoomLink {
  readonly connection: Connection;
  readonly #room: string;
  readonly #cache: string;
  readonly #scheduler: Scheduler;
  #attached: Promise<void> | undefined;

  constructor(options: { room: string; cache: string; connection: Connection; scheduler: Scheduler }) {
    this.connection = options.connection;
    this.#room = options.room;
    this.#cache = options.cache;
    this.#scheduler = options.scheduler;
  }

  /** Resolves when calls can be made. Rejects with a {@link ChatError}. Each error that another attempt follows is told. */
  attach(onTrouble?: OnTrouble): Promise<void> {
    if (this.#attached !== undefined) return this.#attached;
    const attached = this.connection.attach(this.#room, onTrouble).catch((problem: unknown) => {
      // One that was detached meanwhile may be attached anew.
      if (this.#attached === attached) this.detach();
      throw problem;
    });
    this.#attached = attached;
    return attached;
  }

  detach(): void {
    if (this.#attached !== undefined) this.connection.detach(this.#room);
    this.#attached = undefined;
  }

  /** Calls `listener` whenever the token was renewed, as long as it is attached; the returned function stops that. */
  onRenewed(listener: () => void): () => void {
    if (this.#attached === undefined) return () => {};
    return this.connection.watch({ renewed: listener, failed() {}, reached() {} });
  }

  /** Makes a call, once. `signal` aborts with a {@link ChatError}. */
  async once<Input extends CacheInput, Output>(
    operation: Operation<Input, Output>,
    input: Omit<Input, 'cache'>,
    { action = operation.action, signal }: LinkCall,
  ): Promise<Output> {
    // The cache is what the caller left out.
    const whole = { ...input, cache: this.#cache } as unknown as Input;
    const calling = this.connection.call((transport) => transport.call(operation, whole, { action, signal }));
    const output = await withTimeout(calling, {
      ...{ ms: CALL_MS, scheduler: this.#scheduler, signal },
      late: TIMED_OUT,
    });
    signal.throwIfAborted();
    if (output !== TIMED_OUT) return output;
    throw unable('timeout', action, 'there was no answer in time');
  }

  /** Makes a call that may take effect twice, and repeats it while that can help. */
  call<Input extends CacheInput, Output>(
    operation: Operation<Input, Output>,
    input: Omit<Input, 'cache'>,
    how: LinkCall,
  ): Promise<Output> {
    return retry(() => this.once(operation, input, how), {
      scheduler: this.#scheduler,
      signal: how.signal,
      backoff: CALL_BACKOFF,
      patienceMs: PATIENCE_MS,
    });
  }
}

interface LinkCall {
  /** Completes "unable to …". Default: the operation's own. */
  action?: string;
  signal: AbortSignal;
}
