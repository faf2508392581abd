import type { Scheduler } from '../shared/clock.js';
import type { VendedToken } from '../shared/vended-token.js';
import { AccessPolicy } from './access-policy.js';
import type { VendorEvent, VendorStep } from './events.js';
import { addressKey, siteOf } from './http/client-address.js';
import { KeyedHash } from './keyed-hash.js';
import { type Minted, Minter } from './minting/mint.js';
import { MintQueue } from './minting/mint-queue.js';
import type { ResolvedOptions } from './options.js';
import { tellOwn } from './own-function.js';
import { RateLimit } from './rate-limit.js';
import { recentlyUsed } from './recently-used.js';
import { defaultScope } from './scopes.js';
import { SingleFlight } from './single-flight.js';
import { cacheKeyText } from './token-cache/cache-key.js';
import { TokenStore } from './token-cache/token-store.js';
import type { Identity } from './types.js';
import { VendorError } from './vendor-error.js';

// A tenth of a token's life: with less left it is not handed out again.
const STALE_FRACTION = 0.1;
/** Clients that share a token that Momento rejected come within so many milliseconds, and share its successor. */
const SUCCESSOR_MS = 2000;
const MAX_SUCCESSORS = 1000;
const MAX_FLIGHTS = 10_000;

/** Somebody asks for a token; the address is already known for good. */
export interface TokenDemand {
  address: string;
  rooms: readonly string[];
  identity: Identity | undefined;
  /** Momento refused the token that they were given before. */
  rejected: boolean;
}

/** From who asks for what to a token: counted, decided, out of the cache or minted. Knows nothing of HTTP. */
export class TokenIssuer {
  readonly #options: ResolvedOptions;
  readonly #clock: Scheduler;
  readonly #policy: AccessPolicy;
  readonly #hash: KeyedHash;
  readonly #store: TokenStore;
  readonly #flights: SingleFlight<{ minted: Minted; reused: boolean }>;
  readonly #successors = recentlyUsed<{ minted: Minted; at: number }>(MAX_SUCCESSORS);
  readonly #minter: Minter;
  readonly #rateLimit: RateLimit | undefined;

  constructor(options: ResolvedOptions, clock: Scheduler) {
    this.#options = options;
    this.#clock = clock;
    this.#policy = new AccessPolicy(options);
    this.#hash = new KeyedHash(options.hashSecret);
    const timeoutMs = options.tokenCacheTimeoutMs;
    this.#store = new TokenStore({ cache: options.tokenCache, hash: this.#hash, clock, timeoutMs });
    this.#flights = new SingleFlight({ clock, limit: MAX_FLIGHTS, full: overloaded });
    const { perSecond, queue, timeoutSeconds } = options.mintLimit;
    this.#minter = new Minter({
      auth: options.auth,
      queue: new MintQueue({ clock, perSecond, capacity: queue }),
      timeoutMs: timeoutSeconds * 1000,
      clock,
    });
    const { tokenCache: cache, rateLimit } = options;
    if (rateLimit !== undefined)
      this.#rateLimit = new RateLimit({
        ...rateLimit,
        clock,
        timeoutMs,
        hash: this.#hash,
        cache,
        name: vendorName(options),
      });
  }

  /** Counts a request against its address. Throws or rejects with a 429; often there is nothing to wait for. */
  admit(address: string): Promise<void> | undefined {
    return this.#rateLimit?.count(address, (reason) => {
      this.emit({ type: 'failed', ip: address, step: 'rate-limit', reason, recovered: true });
    });
  }

  /** The token for what is asked. Rejects with a VendorError, which has not been reported yet. */
  async vend({ address, rooms: asked, identity, rejected }: TokenDemand): Promise<VendedToken> {
    const { grant, tokenId, scope: own } = await this.#policy.decide(identity, asked);
    const { cache, ttlSeconds } = this.#options;
    const text = cacheKeyText({
      address,
      identityId: identity?.userId,
      tokenId,
      grant,
      scope: own ?? cache,
      ttlSeconds,
    });
    const minSeconds = ttlSeconds * STALE_FRACTION;
    const about = {
      ip: address,
      ...(tokenId === undefined ? {} : { userId: tokenId }),
      rooms: grant.rooms,
      role: grant.role,
    };
    const hot = rejected ? undefined : this.#store.peek(this.#hash.remembered(text), minSeconds);
    if (hot !== undefined) {
      this.emit({ type: 'reused', ...about });
      return this.#vended(hot, tokenId);
    }
    const keys = await this.#hash.cacheKeys(text);
    const trouble = (step: VendorStep, reason: string): void => {
      this.emit({ type: 'failed', ...about, step, reason, recovered: true });
    };
    const key = keys[0] ?? text;
    const { value, joined } = await this.#flights.run(rejected ? `${key} rejected` : key, async () => {
      const cached = rejected ? this.#successorOf(key) : await this.#store.read(keys, minSeconds, trouble);
      if (cached !== undefined) return { minted: cached, reused: true };
      const startedAt = this.#clock.monotonic();
      const scope = own ?? defaultScope(grant, cache);
      const minted = await this.#minter.mint({ owner: siteOf(address), scope, tokenId, ttlSeconds });
      this.emit({ type: 'minted', ...about, durationMs: Math.round(this.#clock.monotonic() - startedAt) });
      await this.#store.write(key, minted, trouble);
      if (rejected) this.#successors.set(key, { minted, at: this.#clock.monotonic() });
      return { minted, reused: false };
    });
    if (joined || value.reused) this.emit({ type: 'reused', ...about });
    return this.#vended(value.minted, tokenId);
  }

  #successorOf(key: string): Minted | undefined {
    const successor = this.#successors.get(key);
    const young = successor !== undefined && this.#clock.monotonic() - successor.at < SUCCESSOR_MS;
    return young ? successor.minted : undefined;
  }

  #vended(minted: Minted, tokenId: string | undefined): VendedToken {
    const { token, exp } = minted;
    const vended: VendedToken = { token, exp };
    vended.expiresIn = Math.max(0, Math.floor(this.#store.secondsLeft(minted)));
    if (tokenId !== undefined) vended.userId = tokenId;
    if (this.#options.endpoint !== undefined) vended.endpoint = this.#options.endpoint;
    return vended;
  }

  emit(event: VendorEvent): void {
    tellOwn(() => this.#options.onEvent(event));
  }

  /** Reports what ended a request. */
  report(error: VendorError, ip: string | undefined): void {
    const { status } = error;
    const type = status === 429 ? 'limited' : status < 500 ? 'denied' : 'failed';
    const reason = error.detail === undefined ? error.message : `${error.message} (${error.detail})`;
    this.emit({
      type,
      status,
      reason,
      step: error.step,
      ...(ip === undefined ? {} : { ip }),
      ...('cause' in error ? { cause: error.cause } : {}),
    });
  }
}

/** Returns a text in which two vendors on one token cache differ, so that neither counts the other's requests. */
function vendorName({ cache, allowedRooms, authorize, rateLimit, ttlSeconds }: ResolvedOptions): string {
  const rooms = allowedRooms === undefined ? null : [...allowedRooms].sort();
  return JSON.stringify([cache, rooms, authorize !== undefined, rateLimit?.perIp, ttlSeconds]);
}

function overloaded(): VendorError {
  return new VendorError('server', 'the server is busy', { status: 503, retryAfterSeconds: 2 });
}

/** The address of a `vend()` call, which comes from a party that is trusted to know it. */
export function checkedAddress(ip: unknown): string {
  const address = addressKey(ip);
  if (address === undefined) {
    throw new VendorError('invalid-argument', 'ip must be the IP address of the client', {
      status: 400,
      step: 'address',
    });
  }
  return address;
}
