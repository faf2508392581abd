import type { Kept, Unsent } from '../messages/kept.js';
import { SETTLE_MS } from '../messages/settle-window.js';
import type { AllGiven } from '../shared/all-given.js';
import { type BackoffBounds, backoffDelay } from '../shared/backoff.js';
import {
  elapsedBetween,
  elapsedSince,
  type Instant,
  instant,
  raceAbort,
  type Scheduler,
  sleep,
} from '../shared/clock.js';
import { ChatError, invalidArgument } from '../shared/errors.js';
import { onAbort } from '../shared/on-abort.js';
import { SEND_DEFAULTS, type SendPolicy } from './send-policy.js';

/** Publishes and stores payloads; both reject with a {@link ChatError}. */
export interface OutboxTransport {
  publish(payload: string): Promise<void>;
  store(payload: string): Promise<void>;
}

const BACKOFF: BackoffBounds = { baseMs: 250, maxMs: 8000 };
/** Messages under way at once: two calls each, which with a subscription stays near a browser's 6 connections. */
const CONCURRENCY = 3;

type Step = 'publish' | 'store';

interface Acknowledged {
  /** When the attempt began that was acknowledged. */
  from: Instant;
  /** When the acknowledgement came: the call took effect between the two. */
  to: Instant;
}

export interface PendingMessage extends Unsent {
  readonly acknowledged: { [leg in Step]?: Acknowledged | undefined };
  /** It is being sent. */
  underWay: boolean;
}

/**
 * Sends messages: publishes and stores each, starting both together, retries what can be retried, and tells the
 * truth about the outcome (G3). Messages whose sending failed are kept for a retry with the same bytes.
 */
export class Outbox {
  readonly #scheduler: Scheduler;
  readonly #transport: OutboxTransport;
  readonly #policy: AllGiven<SendPolicy>;
  readonly #onTrouble: () => void;
  readonly #onRetry: (() => void) | undefined;
  readonly #letters = new Map<string, PendingMessage>();
  readonly #inFlight = new Set<Promise<unknown>>();
  /** Each begins the sending of a message that waits for its turn. */
  readonly #waiting: (() => void)[] = [];
  /** Set where the app gave a storage. */
  kept: Kept | undefined;
  #active = 0;
  #slowedUntil = 0;
  #slowdowns = 0;
  #held: Promise<void> | undefined;
  #release: (() => void) | undefined;

  constructor(options: {
    scheduler: Scheduler;
    transport: OutboxTransport;
    policy?: Partial<AllGiven<SendPolicy>>;
    /** A call could not reach the service: perhaps the subscription does not either. */
    onTrouble: () => void;
    /** A call is about to be made again. */
    onRetry?: (() => void) | undefined;
  }) {
    this.#scheduler = options.scheduler;
    this.#transport = options.transport;
    this.#policy = { ...SEND_DEFAULTS, ...options.policy };
    this.#onTrouble = options.onTrouble;
    this.#onRetry = options.onRetry;
  }

  /** Refuses at once when too many messages wait already. */
  assertRoom(): void {
    if (this.#active + this.#waiting.length < this.#policy.maxPending) return;
    throw new ChatError(
      'rate-limited',
      `unable to send the message; ${this.#policy.maxPending} others are waiting already`,
    );
  }

  /** Resolves once the message is published and stored, rejects with a {@link ChatError} when it is given up. */
  send(id: string, payload: string): Promise<void> {
    return this.#deliver(this.add(id, payload));
  }

  /** Takes a message, which {@link retry} sends. */
  add(id: string, payload: string): PendingMessage {
    const letter: PendingMessage = this.#letters.get(id) ?? {
      id,
      payload,
      acknowledged: {},
      begun: {},
      underWay: false,
      life: new AbortController(),
    };
    this.#letters.set(id, letter);
    return letter;
  }

  /** The message, if nothing of it can have left. */
  unsent(id: string): Unsent | undefined {
    const letter = this.#letters.get(id);
    return (letter?.begun.publish ?? letter?.begun.store) ? undefined : letter;
  }

  /** Whether a message that is being sent, or failed, is known to be stored. */
  isStored(id: string): boolean {
    return this.#letters.get(id)?.acknowledged.store !== undefined;
  }

  /** Tries a failed message again. A call that was acknowledged and is still fresh is not made twice. */
  async retry(id: string): Promise<void> {
    const letter = this.#letters.get(id);
    if (letter === undefined) throw invalidArgument('retry the message', 'it is not a failed one');
    await this.#deliver(letter);
  }

  discard(id: string): void {
    this.#letters.delete(id);
    this.kept?.dropped(id);
  }

  /**
   * Payloads were seen where `leg` brings them: what was not acknowledged took effect all the same. Returns the ids of
   * those that were given up and are known to be both published and stored, or to be sent by another page.
   */
  saw(leg: Step, payloads: readonly string[]): string[] {
    if (this.#letters.size === 0) return [];
    const seen = new Set(payloads);
    const complete: string[] = [];
    for (const { id, payload, acknowledged, begun, underWay, handedOver } of this.#letters.values()) {
      const from = begun[leg];
      if (from === undefined || !seen.has(payload)) continue;
      // One that is too old for the settle rule would be made again at once, and again at each echo.
      if (leg === 'publish' && underWay && elapsedSince(from, this.#scheduler) > SETTLE_MS) continue;
      // Which attempt it was is not known: the first is the safe choice for the settle rule.
      acknowledged[leg] ??= { from, to: instant(this.#scheduler) };
      const published = handedOver || acknowledged.publish !== undefined;
      if (!underWay && published && acknowledged.store !== undefined) complete.push(id);
    }
    return complete;
  }

  /** Forgets a message that needs nothing any more: published and stored, within the settle window (G2, G3). */
  settled(id: string): boolean {
    const letter = this.#letters.get(id);
    if (letter === undefined || letter.underWay || this.#mustRepeat(letter)) return false;
    this.discard(id);
    return true;
  }

  /** Holds everything back until {@link resume}: the connection is lost. */
  pause(): void {
    this.#held ??= new Promise((resolve) => {
      this.#release = resolve;
    });
  }

  resume(): void {
    this.#release?.();
    this.#held = undefined;
    this.#release = undefined;
  }

  /** Rejects everything unsent with `closed`, at once, and says why; resolves when no call is under way any more. */
  async close(why: string): Promise<void> {
    const closed = new ChatError('closed', `unable to send the message; ${why}`);
    for (const { life } of this.#letters.values()) life.abort(closed);
    this.resume();
    await Promise.allSettled(this.#inFlight);
  }

  #deliver(letter: PendingMessage): Promise<void> {
    const sending = this.#attempts(letter);
    this.kept?.follow(letter, sending);
    return sending;
  }

  async #attempts(letter: PendingMessage): Promise<void> {
    if (letter.life.signal.aborted) letter.life = new AbortController();
    const { signal } = letter.life;
    const patience = this.#scheduler.monotonic() + this.#policy.timeoutMs;
    Object.assign(letter, { underWay: true, handedOver: false });
    // Where nothing is in the way, both calls leave before `send` returns.
    if (this.#active < CONCURRENCY) this.#active += 1;
    else
      await this.#nextTurn(signal).catch((error: unknown) => {
        letter.underWay = false;
        throw error;
      });
    try {
      do {
        await this.#bothLegs(letter, patience, signal);
      } while (this.#mustRepeat(letter));
      this.#letters.delete(letter.id);
    } finally {
      letter.underWay = false;
      this.#endTurn();
    }
  }

  async #bothLegs(letter: PendingMessage, patience: number, signal: AbortSignal): Promise<void> {
    const legs = [
      this.#leg(letter, 'publish', patience, signal),
      this.#leg(letter, 'store', patience, signal),
    ];
    const outcomes = await Promise.allSettled(legs);
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

  async #leg(letter: PendingMessage, leg: Step, patience: number, signal: AbortSignal): Promise<void> {
    for (let failures = 0, answered = 0; letter.acknowledged[leg] === undefined; ) {
      if (!this.#isClear(signal)) await this.#clearWay(patience, signal);
      const { ready } = letter;
      if (ready !== undefined) {
        await raceAbort(ready, signal);
        if (letter.ready === ready) letter.ready = undefined;
        continue;
      }
      const from = instant(this.#scheduler);
      if (letter.begun[leg] !== undefined) this.#onRetry?.();
      letter.begun[leg] ??= from;
      const error = await this.#attempt(leg, letter.payload, signal);
      if (signal.aborted) throw signal.reason;
      // It was seen meanwhile: only the answer was lost.
      if (error !== undefined && letter.acknowledged[leg] !== undefined) return;
      if (error === undefined) {
        letter.acknowledged[leg] = { from, to: instant(this.#scheduler) };
        this.#slowdowns = 0;
        return;
      }
      const limited = error.code === 'rate-limited';
      if (limited) this.#slowDown(from.monotonic);
      else if (this.#held === undefined) answered += 1;
      if (error.code === 'network') this.#onTrouble();
      if (!error.retryable || answered >= this.#policy.maxAttempts || this.#scheduler.monotonic() > patience)
        throw error;
      // A message that met a limit waits with all the others, until the way is clear again.
      if (limited) continue;
      await sleep(this.#scheduler, backoffDelay(failures, BACKOFF, this.#scheduler), signal);
      failures += 1;
    }
  }

  /** One call; undefined when it was acknowledged. A call cannot be taken back, but `signal` ends the wait for it. */
  async #attempt(leg: Step, payload: string, signal: AbortSignal): Promise<ChatError | undefined> {
    const call = (leg === 'publish' ? this.#transport.publish(payload) : this.#transport.store(payload)).then(
      () => undefined,
      (error: unknown) => asChatError(error),
    );
    this.#inFlight.add(call);
    void call.then(() => this.#inFlight.delete(call));
    return raceAbort(call, signal);
  }

  #isClear(signal: AbortSignal): boolean {
    return !signal.aborted && this.#held === undefined && this.#slowedUntil <= this.#scheduler.monotonic();
  }

  /** Waits while the connection is lost or a limit was hit, for as long as patience lasts. */
  async #clearWay(patience: number, signal: AbortSignal): Promise<void> {
    for (;;) {
      if (signal.aborted) throw signal.reason;
      const now = this.#scheduler.monotonic();
      const slowed = this.#slowedUntil - now;
      if (this.#held === undefined && slowed <= 0) return;
      if (now >= patience) {
        const [code, what] =
          this.#held === undefined
            ? (['rate-limited', 'rate limit did not pass'] as const)
            : (['network', 'connection did not come back'] as const);
        throw new ChatError(code, `unable to send the message; the ${what} in time`);
      }
      const over = new AbortController();
      const stay = onAbort(signal, () => over.abort());
      const rest = Math.min(patience - now, this.#held === undefined ? slowed : Number.POSITIVE_INFINITY);
      const released = this.#held === undefined ? [] : [this.#held];
      await Promise.race([...released, sleep(this.#scheduler, rest, over.signal)]);
      stay();
      over.abort();
    }
  }

  /** Calls that began before the last slowing down tell nothing new. */
  #slowDown(from: number): void {
    if (from < this.#slowedUntil) return;
    this.#slowdowns += 1;
    const wait = 100 + backoffDelay(this.#slowdowns, BACKOFF, this.#scheduler);
    this.#slowedUntil = Math.max(this.#slowedUntil, this.#scheduler.monotonic() + wait);
  }

  #nextTurn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const go = () => {
        stopWaiting();
        resolve();
      };
      const stopWaiting = onAbort(signal, () => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        reject(signal.reason);
      });
      this.#waiting.push(go);
    });
  }

  /** Hands the turn on, or back. */
  #endTurn(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#active -= 1;
    else next();
  }
}

function asChatError(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  return new ChatError('server', 'unable to send the message; an unknown error', { cause: error });
}
