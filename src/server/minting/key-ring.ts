import { UNAUTHENTICATED } from '../../grpc-web/status.js';
import { type Scheduler, systemScheduler, TIMED_OUT, withTimeout } from '../../shared/clock.js';
import { type ChatError, invalidArgument } from '../../shared/errors.js';
import { tellOwn } from '../own-function.js';
import { SingleFlight } from '../single-flight.js';
import type { AuthClientLike, DisposableTokenResponse } from '../types.js';
import { KeyLife } from './key-life.js';
import { momentoAuth } from './momento-auth.js';
import { failedResponse } from './momento-response.js';
import { exactAuthClient } from './sdk-auth-client.js';

/** An API key that expires, and what renews it: what `AuthClient.generateApiKey` gives. */
export interface ExpiringKey {
  /** A v1 API key in its base64 form. */
  apiKey: string;
  /** The token that `refreshApiKey` takes for a new key; each key comes with its own. */
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
  /**
   * Keeps a renewed key for the next start of the server. If it throws, or takes more than 5 seconds, it is called
   * again within a minute.
   */
  save: (key: ExpiringKey) => void | Promise<void>;
  /**
   * The key as it was saved last, perhaps by another server, which then need not be renewed here. If it throws, takes
   * more than 5 seconds or gives no key, nothing counts as saved and the key is renewed here.
   */
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
  /** Renews the key now, and saves it. Concurrent calls share one renewal. Resolves with whether the key was renewed. */
  refresh(): Promise<boolean>;
  /** Stops the timer. */
  close(): void;
}

const CALL_TIMEOUT_MS = 15_000;
/** For `save` and `load`. */
const OWN_TIMEOUT_MS = 5000;
/** A mint waits for so long for the renewal of a key that is still good, and as long for its saving. */
const MINT_WAIT_MS = 500;
/** A key that could not be saved is saved again after so long. */
const SAVE_AGAIN_MS = 30_000;
/** Nobody gives keys for longer; an expiry beyond it is in another unit. */
const LONGEST_LIFE_SECONDS = 20 * 366 * 24 * 3600;
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
 * const file = 'momento-key.json';
 * const auth = keyRing({
 *   ...JSON.parse(await readFile(file, 'utf8')),
 *   // Renaming is atomic: a crash leaves the old key or the new one, never half of one.
 *   save: async (key) => {
 *     await writeFile(`${file}.new`, JSON.stringify(key), { mode: 0o600 });
 *     await rename(`${file}.new`, file);
 *   },
 * });
 * const vendor = createTokenVendor({ auth, rooms: ['lobby'] });
 * ```
 */
export function keyRing(options: KeyRingOptions): KeyRing {
  return new ExpiringKeyRing(options, systemScheduler);
}

/** {@link keyRing} with a clock of one's own. */
export class ExpiringKeyRing implements KeyRing {
  readonly #options: KeyRingOptions;
  readonly #connect: (apiKey: string) => RefreshingAuthClient;
  readonly #clock: Scheduler;
  #key: ExpiringKey;
  #client: RefreshingAuthClient;
  #minting: AuthClientLike;
  readonly #life: KeyLife;
  readonly #renewals: SingleFlight<boolean>;
  readonly #saves: SingleFlight<void>;
  /** When to save the key, on the monotonic clock. */
  #saveAt = Number.POSITIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;
  #closed = false;

  constructor(options: KeyRingOptions, clock: Scheduler) {
    // Without options the key is missing.
    const { apiKey, refreshToken, expiresAt } = options ?? ({} as KeyRingOptions);
    checkKey({ apiKey, refreshToken, expiresAt }, clock);
    if (typeof options.save !== 'function') throw invalid('save must be a function');
    this.#options = options;
    this.#clock = clock;
    this.#connect =
      options.connect ?? ((key) => momentoAuth({ apiKey: key, endpoint: options.endpoint ?? '' }));
    this.#key = { apiKey, refreshToken, expiresAt };
    this.#client = this.#connect(apiKey);
    this.#minting = exactAuthClient(this.#client).auth;
    const one = { clock, limit: 1, full: () => new Error('unreachable') };
    this.#renewals = new SingleFlight(one);
    this.#saves = new SingleFlight(one);
    this.#life = new KeyLife(clock, expiresAt);
    try {
      this.#schedule();
    } catch {
      // Cloudflare Workers refuse a timer while a module loads: there the key is renewed when it is used.
    }
  }

  get expiresAt(): number {
    return this.#key.expiresAt;
  }

  async generateDisposableToken(
    ...call: Parameters<AuthClientLike['generateDisposableToken']>
  ): Promise<DisposableTokenResponse> {
    // Edge runtimes end the work of a request with it. So a request waits, but not for long while the key is good.
    if (this.#life.isDue) {
      const renewed = this.#renewed();
      await (this.#life.isOver ? renewed : this.#aWhile(renewed));
      // One that takes longer is saved when it ends, though nobody mints any more and the ring is closed.
      void renewed.then(() => (this.#isSaveDue ? this.#save() : undefined));
    }
    if (this.#isSaveDue) await this.#aWhile(this.#save());
    if (this.#life.isOver)
      return failedResponse(UNAUTHENTICATED, 'the API key has expired and could not be renewed');
    return this.#minting.generateDisposableToken(...call);
  }

  async refresh(): Promise<boolean> {
    const worked = await this.#renewed();
    if (this.#isUnsaved) await this.#save();
    return worked;
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer?.();
  }

  async #renewed(): Promise<boolean> {
    return (await this.#renewals.run('key', () => this.#refresh())).value;
  }

  async #refresh(): Promise<boolean> {
    let worked = false;
    try {
      worked = (await this.#takeSaved()) || (await this.#renew());
    } catch {
      this.#problem('the API key could not be renewed');
    }
    if (!worked) this.#life.postpone();
    this.#schedule();
    return worked;
  }

  async #takeSaved(): Promise<boolean> {
    try {
      const saved = await this.#inTime(OWN_TIMEOUT_MS, async () => this.#options.load?.());
      if (saved === undefined || saved === null || saved.expiresAt <= this.#key.expiresAt) return false;
      this.#use(checkKey(saved, this.#clock));
      return true;
    } catch {
      this.#problem('the saved API key could not be loaded');
      return false;
    }
  }

  /** Resolves with the result of a call. Rejects when it takes too long. */
  async #inTime<Result>(ms: number, call: () => Promise<Result>): Promise<Result> {
    const result = await withTimeout(call(), { ms, scheduler: this.#clock, late: TIMED_OUT });
    if (result === TIMED_OUT) throw new Error('timed out');
    return result;
  }

  async #aWhile(work: Promise<unknown>): Promise<void> {
    await withTimeout(work, { ms: MINT_WAIT_MS, scheduler: this.#clock });
  }

  async #renew(): Promise<boolean> {
    const response: unknown = await this.#inTime(CALL_TIMEOUT_MS, () =>
      this.#client.refreshApiKey(this.#key.refreshToken),
    );
    const { type, apiKey, refreshToken, expiresAt } = response as {
      type: string;
      expiresAt?: { epoch(): number };
    } & Partial<Record<'apiKey' | 'refreshToken', string>>;
    if (type !== 'Success' || apiKey === undefined || refreshToken === undefined) throw new Error('refused');
    this.#use(checkKey({ apiKey, refreshToken, expiresAt: expiresAt?.epoch() ?? 0 }, this.#clock));
    if (this.#life.hasEnded) {
      this.#problem('the renewed API key seems to have expired; the clock of this server is ahead');
      this.#life.assumeGood();
    }
    this.#saveAt = this.#clock.monotonic();
    return true;
  }

  get #isUnsaved(): boolean {
    return this.#saveAt < Number.POSITIVE_INFINITY;
  }

  get #isSaveDue(): boolean {
    return this.#clock.monotonic() >= this.#saveAt;
  }

  /** One after the other: of two at a time the older key could be written last. */
  async #save(): Promise<void> {
    this.#saveAt = this.#clock.monotonic() + SAVE_AGAIN_MS;
    const { joined } = await this.#saves.run('key', () => this.#saveNewest());
    // That may have been the key before.
    if (joined && this.#isUnsaved) await this.#saves.run('key', () => this.#saveNewest());
  }

  async #saveNewest(): Promise<void> {
    const key = this.#key;
    try {
      await this.#inTime(OWN_TIMEOUT_MS, async () => this.#options.save({ ...key }));
      if (this.#key === key) this.#saveAt = Number.POSITIVE_INFINITY;
    } catch {
      this.#problem('the renewed API key could not be saved');
    }
  }

  #use(key: ExpiringKey): void {
    const { apiKey, refreshToken, expiresAt } = key;
    this.#client = this.#connect(apiKey);
    this.#minting = exactAuthClient(this.#client).auth;
    this.#key = { apiKey, refreshToken, expiresAt };
    this.#life.begin(expiresAt);
  }

  #schedule(): void {
    this.#cancelTimer?.();
    if (this.#closed) return;
    const ms = Math.min(this.#saveAt - this.#clock.monotonic(), this.#life.msUntilDue);
    const delay = Math.min(Math.max(SHORTEST_TIMER_MS, ms), LONGEST_TIMER_MS);
    this.#cancelTimer = this.#clock.after(delay, () => void this.#wake(), { background: true });
  }

  async #wake(): Promise<void> {
    if (this.#life.isDue) await this.#renewed();
    if (this.#isSaveDue) await this.#save();
    this.#schedule();
  }

  #problem(problem: string): void {
    tellOwn(() => this.#options.onProblem?.(problem));
  }
}

function checkKey(key: ExpiringKey, clock: Pick<Scheduler, 'now'>): ExpiringKey {
  if (typeof key.apiKey !== 'string' || key.apiKey === '') throw invalid('apiKey is missing');
  if (typeof key.refreshToken !== 'string' || key.refreshToken === '')
    throw invalid('refreshToken is missing');
  if (!Number.isFinite(key.expiresAt) || key.expiresAt <= 0) {
    throw invalid('expiresAt must be in seconds since the Unix epoch');
  }
  // Milliseconds, given by mistake, would put the renewal off for thousands of years.
  if (key.expiresAt - clock.now() / 1000 > LONGEST_LIFE_SECONDS)
    throw invalid('expiresAt must be in seconds, not milliseconds');
  return key;
}

function invalid(why: string): ChatError {
  return invalidArgument('create a key ring', why);
}
