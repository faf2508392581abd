import type { VendedToken } from '../shared/vended-token.js';
import type { VendorEvent } from './events.js';
import type { DisposableTokenScope } from './scope-types.js';

/** The user, as identified by `authenticate`. Claims beyond `userId` are for `authorize`; nothing else reads them. */
export interface Identity {
  /** Becomes the token id that Momento stamps on everything published. 1 to 64 characters. */
  userId: string;
  [claim: string]: unknown;
}

/** The permissions of a user, as `authorize` decides. */
export interface Grant {
  /**
   * Exactly these rooms (at most 5 fit in one token), or every room whose name starts with `prefix`. Prefixes
   * nest: `red.` includes `red.east.1`, and `red` includes `reddish`. A prefix must not end with `-`, nor with
   * `-c`, `-ch`, `-cha` or `-chat`: `red-` starts `red-chat`, the live topic of the room `red`.
   */
  rooms: string[] | { prefix: string };
  /** A `member` reads and writes; a `reader` only reads. */
  role: 'member' | 'reader';
  /** The token id, when it is to differ from `identity.userId`. 1 to 64 characters. */
  userId?: string | undefined;
}

/**
 * Where vended tokens are kept until they are stale. Keys are keyed hashes: they tell nobody's address or
 * name. A cache may lose anything at any time, and may fail: a vendor then mints, and reports it in `onEvent`.
 *
 * @example
 * ```ts
 * const redisTokenCache: TokenCache = {
 *   async get(key) {
 *     const text = await redis.get(`token:${key}`);
 *     return text === null ? undefined : JSON.parse(text);
 *   },
 *   async set(key, token, ttlSeconds) {
 *     await redis.set(`token:${key}`, JSON.stringify(token), 'EX', ttlSeconds);
 *   },
 * };
 * ```
 */
export interface TokenCache {
  /** The entry of `key` as it was set, or `undefined`. */
  get(key: string): Promise<VendedToken | undefined>;
  /** Keeps `token`, every property of it, for `ttlSeconds`. */
  set(key: string, token: VendedToken, ttlSeconds: number): Promise<void>;
  /** Forgets `key`. For whoever owns the cache: no vendor calls it. */
  delete?(key: string): Promise<void>;
  /**
   * Adds one to the counter of `key` atomically and resolves with its new value; a counter starts at 1 and is
   * gone after `ttlSeconds`. With it the rate limit counts for all servers that share the cache; without it
   * each server counts alone.
   */
  increment?(key: string, ttlSeconds: number): Promise<number>;
}

/** The part of a duration that minting reads: `ExpiresIn` of the Momento SDKs fits. */
export interface ExpiresInLike {
  doesExpire(): boolean;
  seconds(): number;
}

/** The answer of a mint. The responses of both Momento SDKs fit; they are told apart by `type`. */
export interface DisposableTokenResponse {
  readonly type: string;
}

/**
 * Anything that mints disposable tokens: `AuthClient` of `@gomomento/sdk` or `@gomomento/sdk-web`,
 * `momentoAuth()`, `keyRing()`, or an object of your own. It resolves with
 * `{ type: 'Success', authToken, expiresAt: { epoch() } }` or with `{ type: 'Error', errorCode() }`.
 *
 * **An object of your own must not call an SDK's `generateDisposableToken`.** Both SDKs drop the keys of cache
 * items from a scope that holds topics too, so the token would cover the whole cache. Given the SDK's client
 * itself, a vendor writes the request instead; inside your object it cannot see it. Wrap `momentoAuth()`.
 */
export interface AuthClientLike {
  generateDisposableToken(
    scope: DisposableTokenScope,
    expiresIn: ExpiresInLike,
    props?: { tokenId?: string },
  ): Promise<DisposableTokenResponse>;
}

/** A Momento API key and where it is valid. */
export interface MomentoCredentials {
  /** A v2 API key, or a v1 key in its base64 form. */
  apiKey: string;
  /** The service endpoint (`cell-….momentohq.com`), or the origin of a local Momento (`http://127.0.0.1:8080`). */
  endpoint: string;
}

/** Options of {@link createTokenVendor}. Wrong ones throw `ChatError` `invalid-argument` at creation. */
export interface TokenVendorOptions {
  /** The minter: a Momento API key and its endpoint, an SDK's `AuthClient`, or your own {@link AuthClientLike}. */
  auth: AuthClientLike | MomentoCredentials;
  /** Rooms anybody may ask for. Required when `authorize` is absent; with `authorize` it narrows what may be asked. */
  rooms?: string[] | undefined;
  /**
   * Finds out who is asking. `null` answers 401. A throw answers 500 and is an event; but a {@link VendorError}, as
   * from `authorize` and `scope`, goes out as it is. Default: everybody is anonymous.
   */
  authenticate?: ((request: Request) => Identity | null | Promise<Identity | null>) | undefined;
  /** Decides what they may do. `null` answers 403. A throw answers 500 and is an event. */
  authorize?:
    | ((identity: Identity | undefined, rooms: string[]) => Grant | null | Promise<Grant | null>)
    | undefined;
  /** The permissions in the token. Default: exactly the granted rooms, see {@link defaultScope}. */
  scope?: ((grant: Grant) => DisposableTokenScope | Promise<DisposableTokenScope>) | undefined;
  /** The cache that rooms live in. Default `chat`. */
  cache?: string | undefined;
  /** Life of a token in seconds, 60 to 90,000 (25 h, Momento's limit). Default 3600. */
  ttlSeconds?: number | undefined;
  /**
   * Origin handed to browsers in `VendedToken.endpoint`; for a local Momento only. Default: the origin of the local
   * Momento that `auth: { apiKey, endpoint }` names, else none.
   */
  endpoint?: string | undefined;
  /** Where tokens are kept. Default `memoryTokenCache()`. */
  tokenCache?: TokenCache | undefined;
  /** How long to wait for one call of `tokenCache`, in milliseconds, 10 to 30,000; then it counts as down. Default 500. */
  tokenCacheTimeoutMs?: number | undefined;
  /**
   * Keys the hashes under which tokens are cached; needed only when servers share a token cache of your own
   * and `auth` is not a `{ apiKey, endpoint }` that they share. The first of several is used for writing, the
   * rest are still read. Each at least 16 characters.
   */
  secret?: string | string[] | undefined;
  /** Which proxies to believe about the client's address, as Express's `trust proxy`. Default `false`: none. */
  trustProxy?: boolean | number | string | string[] | undefined;
  /**
   * `origins` of other sites, or of apps (`capacitor://localhost`), whose pages may read the answer. They may send the
   * headers Authorization and Content-Type, those of common tracing tools (`traceparent`, `tracestate`, `baggage`, `sentry-trace`, `b3`,
   * `x-datadog-…`) and the further `headers` that you name; with `credentials: true` (default `false`) cookies too.
   * Default: same origin only.
   */
  cors?: { origins: string[]; credentials?: boolean; headers?: string[] | undefined } | undefined;
  /** Requests per address. Default `{ perIp: 1200, windowSeconds: 60 }`; `false` for no limit. */
  rateLimit?: { perIp: number; windowSeconds: number } | false | undefined;
  /**
   * How fast to mint, and how long to try. Default `{ perSecond: 4, queue: 40, timeoutSeconds: 10 }`, below the
   * 5 per second of a Momento account. The pace is kept by each process: with several servers give each its
   * part. With the queue full of one address, a request waits for about `queue / perSecond + timeoutSeconds`, and for
   * longer when other addresses come, since addresses take turns, or when it has to queue for another try.
   */
  mintLimit?: { perSecond?: number; queue?: number; timeoutSeconds?: number } | undefined;
  /**
   * Called with everything that happens but preflights, visitors who left Node's server before the vendor was called,
   * and Lambda events that cannot be read; synchronously, and never with a token. A throw is ignored. Default: why a
   * request failed (500, 502, 503) is told to `console.error`, with the trace of an error of your own functions.
   */
  onEvent?: ((event: VendorEvent) => void) | undefined;
}

/** The input of {@link TokenVendor.vend}. */
export interface VendRequest {
  /** The client's address as a trusted party knows it. */
  ip: string;
  /** The rooms asked for. Default: none named; then the whole allow-list, if it fits in a token. */
  rooms?: string[] | undefined;
  /** The user who asks. Required when the vendor has an `authenticate`, which `vend` does not call. */
  identity?: Identity | undefined;
  /** Momento refused the token vended before: mints another instead of giving it again. Default `false`. */
  rejected?: boolean | undefined;
}
