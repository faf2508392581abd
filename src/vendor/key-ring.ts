import { ChatError } from '../errors.js';
import { type Clock, systemClock, TIMED_OUT, withTimeout } from './clock.js';
import { momentoAuth } from './momento-auth.js';
import { failedResponse } from './momento-response.js';
import { exactAuthClient } from './sdk-auth-client.js';
import type { AuthClientLike, DisposableTokenResponse } from './types.js';

/** An API key that expires, and what renews it: what `AuthClient.generateApiKey` gives. */
export interface ExpiringKey {
  /** A v1 API key in its base64 form. */
  apiKey: string;
  /** What `refreshApiKey` takes for a new key; each key comes with its own. */
  refreshToken: string;
  /** Seconds since the Unix epoch: `response.expiresAt.epoch()`. */
  expiresAt: number;
}

/** A client that can renew the key it was made with: `AuthClient` of the SDKs, `momentoAuth()`. */
export interface RefreshingAuthClient extends AuthClientLike {
  refreshApiKey(refreshToken: string): Promise<DisposableTokenResponse>;
}

/** Options of {@link keyRing}. */
export interface KeyRingOptions extends ExpiringKey {
  /** Keeps a renewed key for the next start of the server. If it throws it is called again within a minute. */
  save: (key: ExpiringKey) => void | Promise<void>;
  /** The key as it was saved last, perhaps by another server, which then need not be renewed here. */
  load?: (() => ExpiringKey | undefined | Promise<ExpiringKey | undefined>) | undefined;
  /** Makes a client for a key. Default: `momentoAuth({ apiKey, endpoint })`. */
  connect?: ((apiKey: string) => RefreshingAuthClient) | undefined;
  /** Endpoint for the default client. Default: the one in the key, also that of a local Momento. */
  endpoint?: string | undefined;
  /** Told what did not work, in words of the key ring's own; the present key stays in use. */
  onProblem?: ((problem: string) => void) | undefined;
}

/** Mints with a key that is always valid. */
export interface KeyRing extends AuthClientLike {
  /** When the present key expires, in seconds since the Unix epoch. */
  readonly expiresAt: number;
  /** Renews the key now. Concurrent calls share one renewal. Resolves with whether it worked. */
  refresh(): Promise<boolean>;
  /** Stops the timer. */
  close(): void;
}

// The part of a key's life that is left when it is renewed, and the spread over servers that share it.
const AHEAD = 0.2;
const JITTER = 0.05;
const CALL_TIMEOUT_MS = 15_000;
const RETRY_MS = 30_000;
const SHORTEST_TIMER_MS = 100;
const LONGEST_TIMER_MS = 24 * 3600 * 1000;

/**
 * Keeps a v1 API key that expires fresh, so that a vendor never runs on an expired one: it is renewed when 20 to 25 %
 * of what was left at the start is left, by a timer and, where timers do not run, when it is used.
 *
 * @param options the key as it was saved last, and how to save a new one.
 * @throws ChatError `invalid-argument` for a key without refresh token or expiry.
 *
 * @example
 * ```ts
 * const auth = keyRing({
 *   ...JSON.parse(await readFile('momento-key.json', 'utf8')),
 *   save: (key) => writeFile('momento-key.json', JSON.stringify(key), { mode: 0o600 }),
 * });
 * const vendor = createTokenVendor({ auth, rooms: ['lobby'] });
 * ```
 */
export function keyRing(options: KeyRingOptions): KeyRing {
  return new ExpiringKeyRing(options, systemClock);
}

/** {@link keyRing} with a clock of one's own. */
export class ExpiringKeyRing implements KeyRing {
  readonly #options: KeyRingOptions;
  readonly #connect: (apiKey: string) => RefreshingAuthClient;
  readonly #clock: Clock;
  #key: ExpiringKey;
  #client: RefreshingAuthClient;
  #minting: AuthClientLike;
  #refreshAt: number;
  #refreshing: Promise<boolean> | undefined;
  #unsaved = false;
  #cancelTimer: (() => void) | undefined;
  #closed = false;

  constructor(options: KeyRingOptions, clock: Clock) {
    const { apiKey, refreshToken, expiresAt } = options;
    checkKey({ apiKey, refreshToken, expiresAt });
    if (typeof options.save !== 'function') throw invalid('save must be a function');
    this.#options = options;
    this.#clock = clock;
    this.#connect =
      options.connect ?? ((key) => momentoAuth({ apiKey: key, endpoint: options.endpoint ?? '' }));
    this.#key = { apiKey, refreshToken, expiresAt };
    this.#client = this.#connect(apiKey);
    this.#minting = exactAuthClient(this.#client).auth;
    this.#refreshAt = this.#refreshTime(expiresAt);
    this.#schedule();
  }

  get expiresAt(): number {
    return this.#key.expiresAt;
  }

  async generateDisposableToken(
    ...call: Parameters<AuthClientLike['generateDisposableToken']>
  ): Promise<DisposableTokenResponse> {
    if (this.#clock.now() >= this.#refreshAt) {
      const refreshed = this.refresh();
      // Ahead of expiry nobody has to wait for the new key.
      if (this.#expired()) await refreshed;
    }
    if (this.#expired()) return failedResponse(16, 'the API key has expired and could not be renewed');
    return this.#minting.generateDisposableToken(...call);
  }

  refresh(): Promise<boolean> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
  }

  async #refresh(): Promise<boolean> {
    let worked = false;
    try {
      worked = (await this.#takeSaved()) || (await this.#renew());
    } catch {
      this.#problem('the API key could not be renewed');
    }
    if (!worked) {
      // Not at every mint: that would be a flood while Momento is down.
      this.#refreshAt = this.#clock.now() + RETRY_MS;
    }
    this.#schedule();
    return worked;
  }

  async #takeSaved(): Promise<boolean> {
    const saved = await this.#options.load?.();
    if (saved === undefined || saved.expiresAt <= this.#key.expiresAt) return false;
    this.#use(checkKey(saved));
    return true;
  }

  async #renew(): Promise<boolean> {
    const call = this.#client.refreshApiKey(this.#key.refreshToken);
    const response: unknown = await withTimeout(this.#clock, CALL_TIMEOUT_MS, call);
    if (response === TIMED_OUT) throw new Error('timed out');
    const { type, apiKey, refreshToken, expiresAt } = response as {
      type: string;
      expiresAt?: { epoch(): number };
    } & Partial<Record<'apiKey' | 'refreshToken', string>>;
    if (type !== 'Success' || apiKey === undefined || refreshToken === undefined) throw new Error('refused');
    this.#use(checkKey({ apiKey, refreshToken, expiresAt: expiresAt?.epoch() ?? 0 }));
    await this.#save();
    return true;
  }

  async #save(): Promise<void> {
    this.#unsaved = true;
    try {
      await this.#options.save({ ...this.#key });
      this.#unsaved = false;
    } catch {
      this.#problem('the renewed API key could not be saved');
    }
  }

  #use(key: ExpiringKey): void {
    const { apiKey, refreshToken, expiresAt } = key;
    this.#client = this.#connect(apiKey);
    this.#minting = exactAuthClient(this.#client).auth;
    this.#key = { apiKey, refreshToken, expiresAt };
    this.#refreshAt = this.#refreshTime(expiresAt);
  }

  #refreshTime(expiresAt: number): number {
    const now = this.#clock.now();
    const life = Math.max(0, expiresAt * 1000 - now);
    return now + life * (1 - AHEAD - JITTER * this.#clock.random());
  }

  #expired(): boolean {
    return this.#clock.now() >= this.#key.expiresAt * 1000;
  }

  #schedule(): void {
    this.#cancelTimer?.();
    if (this.#closed) return;
    const ms = this.#unsaved ? RETRY_MS : this.#refreshAt - this.#clock.now();
    const delay = Math.min(Math.max(SHORTEST_TIMER_MS, ms), LONGEST_TIMER_MS);
    this.#cancelTimer = this.#clock.after(delay, () => void this.#wake(), { background: true });
  }

  async #wake(): Promise<void> {
    if (this.#unsaved) await this.#save();
    // Renewing schedules the next time as well.
    if (this.#clock.now() >= this.#refreshAt) await this.refresh();
    else this.#schedule();
  }

  #problem(problem: string): void {
    try {
      this.#options.onProblem?.(problem);
    } catch {}
  }
}

function checkKey(key: ExpiringKey): ExpiringKey {
  if (typeof key.apiKey !== 'string' || key.apiKey === '') throw invalid('apiKey is missing');
  if (typeof key.refreshToken !== 'string' || key.refreshToken === '')
    throw invalid('refreshToken is missing');
  if (!Number.isFinite(key.expiresAt) || key.expiresAt <= 0) {
    throw invalid('expiresAt must be in seconds since the Unix epoch');
  }
  // Milliseconds, given by mistake, would put the renewal off for thousands of years.
  if (key.expiresAt > 1e11) throw invalid('expiresAt must be in seconds, not milliseconds');
  return key;
}

function invalid(why: string): ChatError {
  return new ChatError('invalid-argument', `unable to create a key ring; ${why}`);
}
