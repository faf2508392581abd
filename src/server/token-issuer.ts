import { LRUCache } from 'lru-cache';
import type { Scheduler } from '../shared/clock.js';
import { roomNameProblem } from '../shared/room-name.js';
import type { VendedToken } from '../shared/vended-token.js';
import type { VendorEvent, VendorStep } from './events.js';
import { addressKey, siteOf } from './http/client-address.js';
import { KeyedHash } from './keyed-hash.js';
import { type Minted, Minter } from './minting/mint.js';
import { MintQueue } from './minting/mint-queue.js';
import type { ResolvedOptions } from './options.js';
import { RateLimit } from './rate-limit.js';
import type { DisposableTokenScope } from './scope-types.js';
import {
  defaultScope,
  GRANT_OF_NOTHING,
  grantProblem,
  MAX_ROOMS_PER_TOKEN,
  scopeProblem,
  scopeReaches,
} from './scopes.js';
import { SingleFlight } from './single-flight.js';
import { cacheKeyText } from './token-cache/cache-key.js';
import { sharedCacheOf } from './token-cache/shared-token-cache.js';
import { TokenStore } from './token-cache/token-store.js';
import type { Grant, Identity } from './types.js';
import { badRequest, misused, VendorError } from './vendor-error.js';

// A tenth of a token's life: with less left it is not handed out again.
const STALE_FRACTION = 0.1;
/** Clients that share a token that Momento rejected come within so many milliseconds, and share its successor. */
const SUCCESSOR_MS = 2000;
const MAX_SUCCESSORS = 1000;
const MAX_FLIGHTS = 10_000;
const MAX_ROOMS_ASKED = 100;
/** Momento's limit on a token id, counted as the SDKs count it. */
const MAX_TOKEN_ID_LENGTH = 64;

/** Somebody asks for a token; the address is already known for good. */
export interface TokenDemand {
  address: string;
  rooms: readonly string[];
  identity: Identity | undefined;
  /** Momento refused the token that they were given before. */
  rejected: boolean;
}

/** From who asks for what to a token: allow-list, grant, scope, cache, mint. Knows nothing of HTTP. */
export class TokenIssuer {
  readonly #options: ResolvedOptions;
  readonly #clock: Scheduler;
  readonly #hash: KeyedHash;
  readonly #store: TokenStore;
  readonly #flights: SingleFlight<{ minted: Minted; reused: boolean }>;
  readonly #successors = new LRUCache<string, { minted: Minted; at: number }>({ max: MAX_SUCCESSORS });
  readonly #minter: Minter;
  readonly #rateLimit: RateLimit | undefined;
  readonly #tokenCacheName: string | undefined;

  constructor(options: ResolvedOptions, clock: Scheduler) {
    this.#options = options;
    this.#clock = clock;
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
    this.#tokenCacheName = sharedCacheOf(cache)?.cacheName;
  }

  /** Counts a request against its address. Throws or rejects with a 429; often there is nothing to wait for. */
  admit(address: string): Promise<void> | undefined {
    return this.#rateLimit?.count(address, (reason) => {
      this.emit({ type: 'failed', ip: address, step: 'rate-limit', reason, recovered: true });
    });
  }

  /** The token for what is asked. Rejects with a VendorError, which has not been reported yet. */
  async vend({ address, rooms: asked, identity, rejected }: TokenDemand): Promise<VendedToken> {
    const options = this.#options;
    checkIdentity(identity);
    const rooms = this.#checkRooms(asked);
    const { authorize } = options;
    const grant =
      authorize === undefined ? this.#openGrant(rooms) : await this.#grant(authorize, identity, rooms);
    const tokenId = checkedTokenId(grant.userId ?? identity?.userId);
    const own = options.scope === undefined ? undefined : await this.#ownScope(options.scope, grant);
    const { cache, ttlSeconds } = options;
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

  /** Tells `onEvent`; what that throws concerns nobody here. */
  emit(event: VendorEvent): void {
    try {
      const result: unknown = this.#options.onEvent?.(event);
      if (result instanceof Promise) result.catch(() => {});
    } catch {}
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

  /** Runs one of the user's own functions; what it throws is a 500 and is told to `onEvent` only. */
  async own<Result>(step: VendorStep, call: () => Result | Promise<Result>): Promise<Result> {
    try {
      return await call();
    } catch (cause) {
      if (cause instanceof VendorError) throw cause;
      throw new VendorError('server', 'the server failed', {
        status: 500,
        step,
        detail: `${step} threw`,
        cause,
      });
    }
  }

  #checkRooms(asked: readonly string[]): string[] {
    if (!Array.isArray(asked)) throw badRequest('rooms must be an array of room names');
    const rooms = [...new Set(asked)];
    if (rooms.length > MAX_ROOMS_ASKED) throw badRequest(`at most ${MAX_ROOMS_ASKED} rooms can be asked for`);
    const { allowedRooms } = this.#options;
    for (const room of rooms) {
      // A room on the list has been checked with the list.
      if (allowedRooms?.has(room)) continue;
      const problem = roomNameProblem(room);
      if (problem !== undefined) throw badRequest(problem);
      if (allowedRooms !== undefined) throw denied('a room is not open to everybody');
    }
    return rooms;
  }

  #openGrant(rooms: string[]): Grant {
    const granted = rooms.length === 0 ? [...(this.#options.allowedRooms ?? [])] : rooms;
    if (this.#options.scope === undefined && granted.length > MAX_ROOMS_PER_TOKEN) throw tooManyRooms();
    return { rooms: granted, role: 'member' };
  }

  async #grant(
    authorize: NonNullable<ResolvedOptions['authorize']>,
    identity: Identity | undefined,
    rooms: string[],
  ): Promise<Grant> {
    const grant = await this.own('authorize', () => authorize(identity, rooms));
    if (grant === null || grant === undefined) throw denied('access to these rooms is refused');
    const problem = grantProblem(grant);
    // Nothing for nothing is what a function says that grants what was asked; the client forgot to ask.
    if (problem === GRANT_OF_NOTHING && rooms.length === 0) throw badRequest('name at least one room');
    if (problem !== undefined) throw misused('authorize', problem);
    if (!Array.isArray(grant.rooms)) return { ...grant, rooms: { prefix: grant.rooms.prefix } };
    const granted = [...new Set(grant.rooms)];
    if (this.#options.scope === undefined && granted.length > MAX_ROOMS_PER_TOKEN) throw tooManyRooms();
    return { ...grant, rooms: granted };
  }

  async #ownScope(
    makeScope: NonNullable<ResolvedOptions['scope']>,
    grant: Grant,
  ): Promise<DisposableTokenScope> {
    const scope = await this.own('scope', () => makeScope(grant));
    const problem = scopeProblem(scope);
    if (problem !== undefined) throw misused('scope', problem);
    if (this.#tokenCacheName !== undefined && scopeReaches(scope, this.#tokenCacheName)) {
      throw misused('scope', `it reaches the cache '${this.#tokenCacheName}' that tokens are kept in`);
    }
    return scope;
  }
}

function checkIdentity(identity: Identity | undefined): void {
  if (identity === undefined) return;
  if (typeof identity !== 'object' || identity === null || typeof identity.userId !== 'string') {
    throw misused('authenticate', 'an identity must be an object with a userId, or null');
  }
}

// Lone surrogates: two different ids would become the same bytes, and share a token.
function checkedTokenId(userId: string | undefined): string | undefined {
  if (userId === undefined) return undefined;
  if (userId.length === 0 || userId.length > MAX_TOKEN_ID_LENGTH) {
    throw badRequest(
      `a user id must have 1 to ${MAX_TOKEN_ID_LENGTH} characters, Momento's limit on token ids`,
    );
  }
  if (/[\p{Cc}\p{Cs}]/u.test(userId)) throw badRequest('a user id must not hold control characters');
  return userId;
}

function tooManyRooms(): VendorError {
  return badRequest(
    `a token has room for ${MAX_ROOMS_PER_TOKEN} rooms; ask for fewer, or have authorize grant { prefix }`,
  );
}

function denied(message: string): VendorError {
  return new VendorError('permission-denied', message, { status: 403, step: 'authorize' });
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
