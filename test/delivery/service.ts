import type { OutboxTransport } from '../../src/delivery/outbox.js';
import { ChatError, type ChatErrorCode } from '../../src/shared/errors.js';
import type { VirtualTime } from '../support/virtual-time.js';

/** How a call ends: acknowledged, with an error, or never; at once, or so many milliseconds later. */
export type Answer = End | readonly [End, afterMs: number];
type End = 'ok' | 'unknown' | 'never' | ChatErrorCode;
export type Step = keyof OutboxTransport;

/**
 * A service that answers as it is told, and acknowledges whatever it is told nothing of: a script for tables of the
 * outbox. The behaviour of Momento is tried on the local engine: see `test/support/in-process-rooms.ts`.
 */
export class Service implements OutboxTransport {
  /** The calls made: when, which, and with which payload. */
  readonly calls: string[] = [];
  readonly #time: VirtualTime;
  readonly #answers: Record<Step, Answer[]> = { publish: [], store: [] };

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  /** Tells how the next calls of one kind end. */
  answer(step: Step, ...answers: readonly Answer[]): void {
    this.#answers[step].push(...answers);
  }

  publish(payload: string): Promise<void> {
    return this.#call('publish', payload);
  }

  store(payload: string): Promise<void> {
    return this.#call('store', payload);
  }

  async #call(step: Step, payload: string): Promise<void> {
    this.calls.push(`${this.#time.monotonic()} ${step} ${payload}`);
    const answer = this.#answers[step].shift() ?? 'ok';
    const [end, afterMs] = typeof answer === 'string' ? ([answer, 0] as const) : answer;
    if (end === 'never') return new Promise<never>(() => {});
    if (afterMs > 0) await new Promise<void>((resolve) => this.#time.after(afterMs, resolve));
    if (end === 'unknown') throw new TypeError('the SDK is broken');
    if (end !== 'ok') throw new ChatError(end, `unable to ${step} the message; ${end}`);
  }
}
