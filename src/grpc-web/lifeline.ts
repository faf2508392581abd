import { onAbort } from '../shared/on-abort.js';
import { CANCELLED, DEADLINE_EXCEEDED, GrpcError } from './status.js';

/** Ends a call when its deadline passes or its caller aborts it, and knows which of the two it was. */
export class Lifeline {
  readonly #controller = new AbortController();
  #stopWaiting: (() => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Why the call was ended; undefined while it was not. */
  failure: GrpcError | undefined;

  /** `timeoutMs` is in milliseconds. */
  constructor(timeoutMs: number, caller: AbortSignal | undefined) {
    if (caller?.aborted) this.#cancel();
    else {
      this.#stopWaiting = caller && onAbort(caller, () => this.#cancel());
      this.#timer = setTimeout(
        () => this.#end(new GrpcError(DEADLINE_EXCEEDED, 'no answer in time', 'deadline')),
        timeoutMs,
      );
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Takes the deadline away. */
  disarm(): void {
    clearTimeout(this.#timer);
  }

  /** Leaves no timer and no listener behind, and closes the connection unless the answer was read to its end. */
  close(): void {
    this.disarm();
    this.#stopWaiting?.();
    this.#controller.abort();
  }

  #cancel(): void {
    this.#end(new GrpcError(CANCELLED, 'the call was cancelled', 'cancelled'));
  }

  #end(failure: GrpcError): void {
    this.failure = failure;
    this.close();
  }
}
