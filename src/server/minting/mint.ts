import { type Scheduler, sleep, TIMED_OUT, withTimeout } from '../../shared/clock.js';
import type { DisposableTokenScope } from '../scope-types.js';
import type { AuthClientLike } from '../types.js';
import { misused, VendorError } from '../vendor-error.js';
import type { MintQueue } from './mint-queue.js';
import { ScopeError } from './token-request.js';

const FIRST_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 2_000;
const LIMIT_PAUSE_MS = 1_000;

/** A minted token. */
export interface Minted {
  token: string;
  /** Seconds since the Unix epoch. */
  exp: number;
}

/** The input of a mint; `owner` is whose turn in the queue it takes. */
export interface MintRequest {
  owner: string;
  scope: DisposableTokenScope;
  tokenId: string | undefined;
  ttlSeconds: number;
}

/** Where an attempt can end, besides in a token. */
type Failure = { code: string; retryable: boolean };

/** Momento gives no such token: the clock here is ahead, and another try would give another one of these. */
const EXPIRED_WHEN_MINTED = 'EXPIRED_WHEN_MINTED';

const RETRYABLE_CODES: ReadonlySet<string> = new Set([
  'SERVER_UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
  'TIMEOUT_ERROR',
  'CANCELLED_ERROR',
  'CONNECTION_ERROR',
  'UNKNOWN_SERVICE_ERROR',
  'UNKNOWN_ERROR',
  'LIMIT_EXCEEDED_ERROR',
]);

/**
 * Mints with what is retryable tried again (full jitter), all within its deadline, every attempt in its turn
 * in the queue. The errors and words of the auth client stay here: they can quote the API key.
 */
export class Minter {
  readonly #auth: AuthClientLike;
  readonly #queue: MintQueue;
  readonly #clock: Scheduler;
  readonly #timeoutMs: number;

  constructor(options: { auth: AuthClientLike; queue: MintQueue; clock: Scheduler; timeoutMs: number }) {
    this.#auth = options.auth;
    this.#queue = options.queue;
    this.#clock = options.clock;
    this.#timeoutMs = options.timeoutMs;
  }

  /** Rejects with a VendorError: 429, 502 or 503; 500 for a scope that no token can hold. */
  async mint(request: MintRequest): Promise<Minted> {
    await this.#queue.acquire(request.owner);
    const deadline = this.#clock.monotonic() + this.#timeoutMs;
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.#attempt(request, deadline - this.#clock.monotonic());
      if ('token' in outcome) return outcome;
      if (outcome.code === 'LIMIT_EXCEEDED_ERROR') this.#queue.pause(LIMIT_PAUSE_MS);
      const backoff = this.#clock.random() * Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** attempt);
      if (!outcome.retryable || this.#clock.monotonic() + backoff >= deadline) throw mintError(outcome.code);
      await sleep(this.#clock, backoff);
      await this.#queue.acquire(request.owner);
      if (this.#clock.monotonic() >= deadline) throw mintError(outcome.code);
    }
  }

  async #attempt(request: MintRequest, remainingMs: number): Promise<Minted | Failure> {
    const { ttlSeconds, tokenId } = request;
    const startedAt = this.#clock.now();
    let response: unknown;
    try {
      response = await withTimeout(
        this.#auth.generateDisposableToken(
          request.scope,
          { doesExpire: () => true, seconds: () => ttlSeconds },
          tokenId === undefined ? {} : { tokenId },
        ),
        {
          // An attempt that is not answered leaves time for another.
          ms: Math.min(this.#timeoutMs / 2, remainingMs),
          scheduler: this.#clock,
          late: TIMED_OUT,
        },
      );
      if (response === TIMED_OUT) return failure('TIMEOUT_ERROR');
      return readResponse(response, startedAt, ttlSeconds);
    } catch (error) {
      if (error instanceof ScopeError) throw misused('scope', error.message);
      return failure(errorCodeOf(error));
    }
  }
}

// Compared by `.type` and read by shape: two copies of an SDK defeat instanceof, and a client may lie.
function readResponse(response: unknown, startedAt: number, ttlSeconds: number): Minted | Failure {
  if (typeof response !== 'object' || response === null) return failure('UNKNOWN_ERROR');
  const { type, authToken, expiresAt } = response as {
    type?: unknown;
    authToken?: unknown;
    expiresAt?: { epoch?: () => unknown };
  };
  if (type !== 'Success') return failure(errorCodeOf(response));
  const epoch = typeof expiresAt?.epoch === 'function' ? expiresAt.epoch() : undefined;
  const now = Math.floor(startedAt / 1000);
  if (typeof authToken !== 'string' || authToken === '') return failure('UNKNOWN_ERROR');
  if (typeof epoch !== 'number' || !Number.isFinite(epoch)) return failure('UNKNOWN_ERROR');
  if (epoch <= now) return { code: EXPIRED_WHEN_MINTED, retryable: false };
  // The earlier of Momento's clock and ours: a wrong clock here can shorten a token's use, never stretch it.
  return { token: authToken, exp: Math.min(Math.floor(epoch), now + ttlSeconds) };
}

function errorCodeOf(error: unknown): string {
  const code = (error as { errorCode?: unknown } | null | undefined)?.errorCode;
  try {
    const value: unknown = typeof code === 'function' ? code.call(error) : code;
    // A code and nothing else: it goes into events.
    return typeof value === 'string' && /^[A-Z_]{1,60}$/.test(value) ? value : 'UNKNOWN_ERROR';
  } catch {
    return 'UNKNOWN_ERROR';
  }
}

function failure(code: string): Failure {
  return { code, retryable: RETRYABLE_CODES.has(code) };
}

function mintError(detail: string): VendorError {
  const step = 'mint' as const;
  switch (detail) {
    case 'LIMIT_EXCEEDED_ERROR': {
      const message = 'Momento mints no more for now; try again later';
      return new VendorError('rate-limited', message, { status: 429, step, detail, retryAfterSeconds: 2 });
    }
    case 'SERVER_UNAVAILABLE':
    case 'CONNECTION_ERROR': {
      const message = 'Momento could not be reached';
      return new VendorError('network', message, { status: 503, step, detail, retryAfterSeconds: 5 });
    }
    case 'TIMEOUT_ERROR':
    case 'CANCELLED_ERROR': {
      const message = 'Momento did not answer in time';
      return new VendorError('timeout', message, { status: 503, step, detail, retryAfterSeconds: 5 });
    }
    case EXPIRED_WHEN_MINTED: {
      const message =
        'the new token seems to have expired; the clock of this server is ahead of that of Momento';
      return new VendorError('server', message, { status: 500, step, detail });
    }
    default:
      return new VendorError('server', 'Momento did not mint one', { status: 502, step, detail });
  }
}
