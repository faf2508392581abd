import type { Kept, Unsent } from '../messages/kept.js';
import { SETTLE_MS } from '../messages/settle-window.js';
import type { AllGiven } from '../shared/all-given.js';
import { asChatError } from '../shared/as-chat-error.js';
import { backoffDelay, CALL_BACKOFF } from '../shared/backoff.js';
import {
  elapsedBetween,
  elapsedSince,
  type Instant,
  instant,
  raceAbort,
  type Scheduler,
  sleep,
} from '../shared/clock.js';
import { type ChatError, invalidArgument, unable } from '../shared/errors.js';
import type { SendGate } from './send-gate.js';
import type { SendPolicy } from './send-policy.js';
import { Turns } from './turns.js';

/** Publishes and stores payloads; both reject with a {@link ChatError}. */
export interface OutboxTransport {
  publish(payload: string): Promise<void>;
  store(payload: string): Promise<void>;
}

/** Messages under way at once: two calls each, which with a subscription stays near a browser's 6 connections. */
const CONCURRENCY = 3;

type Step = keyof OutboxTransport;

interface Acknowledged {
  /** When the attempt began that was acknowledged. */
  from: Instant;
  /** When the acknowledgement came: the call took effect between the two. */
  to: Instant;
}

export interface PendingMessage extends Unsent {
  readonly acknowledged: { [step in Step]?: Acknowledged | undefined };
  /** It is being sent. */
  underWay: boolean;
}

export interface OutboxOptions {
  scheduler: Scheduler;
  transport: OutboxTransport;
  policy: AllGiven<SendPolicy>;
  /** All outboxes of a room have one: it is one connection, and one limit. */
  gate: SendGate;
  /** A call could not reach the service: perhaps the subscription does not either. */
  onTrouble(): void;
  /** A call is about to be made again. */
  onRetry(): void;
}

/**
 * Sends messages: publishes and stores each, starting both together, retries what can be retried, and tells the
 * truth about the outcome (G3). Messages whose sending failed are kept for a retry with the same bytes.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #scheduler: Scheduler;
  readonly #gate: SendGate;
  readonly #turns = new Turns(CONCURRENCY);
  readonly #messages = new Map<string, PendingMessage>();
  /** Set where the app gave a storage. */
  kept: Kept | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#scheduler = options.scheduler;
    this.#gate = options.gate;
  }

  /** Throws a {@link ChatError} `rate-limited` when too many messages wait already. */
  assertRoom(): void {
    const { maxPending } = this.#options.policy;
    if (this.#turns.size < maxPending) return;
    throw unable('rate-limited', 'send the message', `${maxPending} others are waiting already`);
  }

  /** Resolves once the message is published and stored, rejects with a {@link ChatError} when it is given up. */
  send(id: string, payload: string): Promise<void> {
    return this.#deliver(this.add(id, payload));
  }

  /** Takes a message, which {@link retry} sends. */
  add(id: string, payload: string): PendingMessage {
    const message: PendingMessage = this.#messages.get(id) ?? {
      id,
      payload,
      acknowledged: {},
      begun: {},
      underWay: false,
      life: new AbortController(),
    };
    this.#messages.set(id, message);
    return message;
  }

  /** The message, if nothing of it can have left. */
  unsent(id: string): Unsent | undefined {
    const message = this.#messages.get(id);
    return (message?.begun.publish ?? message?.begun.store) ? undefined : message;
  }

  /** Whether a message that is being sent, or failed, is known to be stored. */
  isStored(id: string): boolean {
    return this.#messages.get(id)?.acknowledged.store !== undefined;
  }

  /** Tries a failed message again. A call that was acknowledged and is still fresh is not made twice. */
  async retry(id: string): Promise<void> {
    const message = this.#messages.get(id);
    if (message === undefined) throw invalidArgument('retry the message', 'it is not a failed one');
    await this.#deliver(message);
  }

  discard(id: string): void {
    this.#messages.delete(id);
    this.kept?.dropped(id);
  }

  /**
   * Payloads were seen in the place that `step` brings them to. So the call took effect, be it acknowledged or not. Returns
   * the ids of messages that were given up and are now known to be published and stored, or that another page sends.
   */
  saw(step: Step, payloads: readonly string[]): string[] {
    if (this.#messages.size === 0) return [];
    const seen = new Set(payloads);
    const complete: string[] = [];
    for (const { id, payload, acknowledged, begun, underWay, handedOver } of this.#messages.values()) {
      const from = begun[step];
      if (from === undefined || !seen.has(payload)) continue;
      // One that is too old for the settle rule would be made again at once, and again at each echo.
      if (step === 'publish' && underWay && elapsedSince(from, this.#scheduler) > SETTLE_MS) continue;
      // Which attempt it was is not known: the first is the safe choice for the settle rule.
      acknowledged[step] ??= { from, to: instant(this.#scheduler) };
      const published = handedOver || acknowledged.publish !== undefined;
      if (!underWay && published && acknowledged.store !== undefined) complete.push(id);
    }
    return complete;
  }

  /** Whether it waits for a further attempt, that of the user or of another page. */
  gaveUp(payload: string): boolean {
    return [...this.#messages.values()].some((message) => message.payload === payload && !message.underWay);
  }

  /** Forgets a message that needs nothing any more: published and stored, within the settle window (G2, G3). */
  settled(id: string): boolean {
    const message = this.#messages.get(id);
    if (message === undefined || message.underWay || this.#mustRepeat(message)) return false;
    this.discard(id);
    return true;
  }

  /** Rejects everything unsent with `closed`, at once, and says why. */
  close(why: string): void {
    const closed = unable('closed', 'send the message', why);
    for (const { life } of this.#messages.values()) life.abort(closed);
  }

  #deliver(message: PendingMessage): Promise<void> {
    const sending = this.#attempts(message);
    this.kept?.follow(message, sending);
    return sending;
  }

  async #attempts(message: PendingMessage): Promise<void> {
    if (message.life.signal.aborted) message.life = new AbortController();
    const { signal } = message.life;
    const until = this.#scheduler.monotonic() + this.#options.policy.timeoutMs;
    Object.assign(message, { underWay: true, handedOver: false });
    const work = async () => {
      do {
        await this.#bothSteps(message, until, signal);
      } while (this.#mustRepeat(message));
      this.#messages.delete(message.id);
    };
    try {
      // Where nothing is in the way, both calls leave before `send` returns.
      await this.#turns.take(work, signal);
    } finally {
      message.underWay = false;
    }
  }

  async #bothSteps(message: PendingMessage, until: number, signal: AbortSignal): Promise<void> {
    const outcomes = await Promise.allSettled([
      this.#step('publish', message, until, signal),
      this.#step('store', message, until, signal),
    ]);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  /** The rule that guarantee G2 rests on; see {@link SETTLE_MS}. */
  #mustRepeat({ acknowledged }: PendingMessage): boolean {
    const { publish, store } = acknowledged;
    if (publish === undefined || store === undefined) return true;
    if (elapsedBetween(publish.from, store.to) > SETTLE_MS) {
      acknowledged.publish = undefined;
      return true;
    }
    return false;
  }

  async #step(step: Step, message: PendingMessage, until: number, signal: AbortSignal): Promise<void> {
    const { acknowledged, begun } = message;
    const { policy, onRetry, onTrouble } = this.#options;
    for (let failures = 0, answered = 0; acknowledged[step] === undefined; ) {
      if (signal.aborted || !this.#gate.isOpen) await this.#gate.pass(until, signal);
      const { ready } = message;
      if (ready !== undefined) {
        await raceAbort(ready, signal);
        if (message.ready === ready) message.ready = undefined;
        continue;
      }
      const from = instant(this.#scheduler);
      if (begun[step] !== undefined) onRetry();
      begun[step] ??= from;
      const error = await this.#attempt(step, message.payload, signal);
      if (signal.aborted) throw signal.reason;
      // It was seen meanwhile: only the answer was lost.
      if (error !== undefined && acknowledged[step] !== undefined) return;
      if (error === undefined) {
        acknowledged[step] = { from, to: instant(this.#scheduler) };
        this.#gate.ease();
        return;
      }
      const limited = error.code === 'rate-limited';
      if (limited) this.#gate.slowDown(from.monotonic, error);
      else if (!this.#gate.isPaused) answered += 1;
      if (error.code === 'network') onTrouble();
      if (!error.retryable || answered >= policy.maxAttempts || this.#scheduler.monotonic() > until)
        throw error;
      // A message that met a limit waits with all the others, until the gate is open again.
      if (limited) continue;
      await sleep(this.#scheduler, backoffDelay(failures, CALL_BACKOFF, this.#scheduler), signal);
      failures += 1;
    }
  }

  /** One call; undefined when it was acknowledged. A call cannot be taken back, but `signal` ends the wait for it. */
  #attempt(step: Step, payload: string, signal: AbortSignal): Promise<ChatError | undefined> {
    const call = this.#options.transport[step](payload).then(
      () => undefined,
      (error: unknown) => asChatError('send the message', error),
    );
    return raceAbort(call, signal);
  }
}
