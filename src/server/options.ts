import { type ChatError, invalidArgument } from '../shared/errors.js';
import { roomNameProblem } from '../shared/room-name.js';
import type { VendorEvent } from './events.js';
import { logFailure } from './failure-log.js';
import { type AddressResolver, addressResolver } from './http/client-address.js';
import { type CorsPolicy, corsPolicy } from './http/cors.js';
import type { HashSecret } from './keyed-hash.js';
import { momentoAuth, resolveCredentials } from './minting/momento-auth.js';
import { exactAuthClient } from './minting/sdk-auth-client.js';
import { checkedSecrets } from './secrets.js';
import { memoryTokenCache } from './token-cache/memory-token-cache.js';
import { type SharedTokenCache, sharedCacheOf } from './token-cache/shared-token-cache.js';
import type { AuthClientLike, MomentoCredentials, TokenCache, TokenVendorOptions } from './types.js';

/** Momento's limit on the life of a disposable token: 25 hours. */
const MAX_TTL_SECONDS = 25 * 3600;
// Under a minute a client would do nothing but ask for the next one.
const MIN_TTL_SECONDS = 60;

/** Options checked and with every default filled in. */
export interface ResolvedOptions {
  auth: AuthClientLike;
  allowedRooms: ReadonlySet<string> | undefined;
  authenticate: TokenVendorOptions['authenticate'];
  authorize: TokenVendorOptions['authorize'];
  scope: TokenVendorOptions['scope'];
  cache: string;
  ttlSeconds: number;
  endpoint: string | undefined;
  tokenCache: TokenCache;
  tokenCacheTimeoutMs: number;
  hashSecret: HashSecret;
  address: AddressResolver;
  cors: CorsPolicy;
  rateLimit: { perIp: number; windowSeconds: number } | undefined;
  mintLimit: { perSecond: number; queue: number; timeoutSeconds: number };
  onEvent: (event: VendorEvent) => void;
}

/** Throws ChatError `invalid-argument` for the first thing that is wrong. */
export function resolveOptions(options: TokenVendorOptions): ResolvedOptions {
  if (typeof options !== 'object' || options === null) throw invalid('options must be an object');
  const { auth, apiKey, localOrigin } = resolveAuth(options.auth);
  const tokenCache = options.tokenCache ?? memoryTokenCache();
  if (typeof tokenCache.get !== 'function' || typeof tokenCache.set !== 'function') {
    throw invalid('tokenCache must have get and set');
  }
  for (const name of ['authenticate', 'authorize', 'scope', 'onEvent'] as const) {
    if (options[name] !== undefined && typeof options[name] !== 'function') {
      throw invalid(`${name} must be a function`);
    }
  }
  const cache = options.cache ?? 'chat';
  if (typeof cache !== 'string' || cache.trim() === '') throw invalid('cache must be the name of a cache');
  const shared = sharedCacheOf(tokenCache);
  if (shared !== undefined && shared.cacheName === cache) {
    throw invalid(
      `tokens must not be kept in the cache '${cache}' that rooms live in: browsers can read it. Give momentoTokenCache another cache`,
    );
  }
  return {
    auth,
    allowedRooms: resolveRooms(options),
    authenticate: options.authenticate,
    authorize: options.authorize,
    scope: options.scope,
    cache,
    ttlSeconds: resolveTtl(options.ttlSeconds),
    endpoint: resolveEndpoint(options.endpoint ?? localOrigin),
    tokenCache,
    tokenCacheTimeoutMs: resolveCacheTimeout(options.tokenCacheTimeoutMs),
    hashSecret: resolveSecret(options.secret, shared, apiKey),
    address: addressResolver(options.trustProxy),
    cors: corsPolicy(options.cors),
    rateLimit: resolveRateLimit(options.rateLimit),
    mintLimit: resolveMintLimit(options.mintLimit),
    onEvent: options.onEvent ?? logFailure,
  };
}

function resolveAuth(auth: unknown): { auth: AuthClientLike; apiKey?: string; localOrigin?: string } {
  if (typeof auth !== 'object' || auth === null) throw invalid('auth is missing');
  if (typeof (auth as Partial<AuthClientLike>).generateDisposableToken === 'function') {
    return exactAuthClient(auth as AuthClientLike);
  }
  if (!('apiKey' in auth)) {
    throw invalid('auth must be { apiKey, endpoint } or an object with generateDisposableToken');
  }
  const credentials = auth as MomentoCredentials;
  const { authToken, tokenOrigin } = resolveCredentials(credentials);
  const resolved = { auth: momentoAuth(credentials), apiKey: authToken };
  // The service has no plain HTTP: this is a local Momento, and browsers have to be told where.
  return tokenOrigin.startsWith('http://') ? { ...resolved, localOrigin: tokenOrigin } : resolved;
}

function resolveRooms({ rooms, authorize }: TokenVendorOptions): ReadonlySet<string> | undefined {
  if (rooms === undefined) {
    if (authorize === undefined) {
      throw invalid('say who may do what: give rooms (an allow-list), authorize, or both');
    }
    return undefined;
  }
  if (!Array.isArray(rooms)) throw invalid('rooms must be an array of room names');
  if (rooms.length === 0 && authorize === undefined) throw invalid('rooms must name at least one room');
  for (const room of rooms) {
    const problem = roomNameProblem(room);
    if (problem !== undefined) throw invalid(`in rooms, ${problem}`);
  }
  return new Set(rooms);
}

function resolveTtl(ttlSeconds = 3600): number {
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < MIN_TTL_SECONDS || ttlSeconds > MAX_TTL_SECONDS) {
    throw invalid(
      `ttlSeconds must be a whole number from ${MIN_TTL_SECONDS} to ${MAX_TTL_SECONDS} (25 hours)`,
    );
  }
  return ttlSeconds;
}

function resolveCacheTimeout(timeoutMs = 500): number {
  if (!(timeoutMs >= 10) || timeoutMs > 30_000) throw invalid('tokenCacheTimeoutMs must be from 10 to 30000');
  return timeoutMs;
}

function resolveEndpoint(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined) return undefined;
  if (typeof endpoint !== 'string' || !/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint)) {
    throw invalid('endpoint must be the origin of a local Momento, such as http://127.0.0.1:8080');
  }
  return new URL(endpoint).origin;
}

/**
 * Servers that share a token cache must hash alike. A secret given for it comes first; failing that the API
 * key, which they share as well; and where there is no secret at all, only the cache's own choice to be
 * shared justifies a known key.
 */
function resolveSecret(
  secret: TokenVendorOptions['secret'],
  shared: SharedTokenCache | undefined,
  apiKey: string | undefined,
): HashSecret {
  if (secret !== undefined) return checkedSecrets(secret);
  if (shared !== undefined && shared.secrets.length > 0) return shared.secrets;
  if (apiKey !== undefined && apiKey !== '') return [apiKey];
  return shared === undefined ? 'random' : 'public';
}

function resolveRateLimit(option: TokenVendorOptions['rateLimit']): ResolvedOptions['rateLimit'] {
  if (option === false) return undefined;
  const { perIp, windowSeconds } = option ?? { perIp: 1200, windowSeconds: 60 };
  if (!Number.isInteger(perIp) || perIp < 1)
    throw invalid('rateLimit.perIp must be a whole number above zero');
  if (!(windowSeconds > 0) || windowSeconds > 86_400) {
    throw invalid('rateLimit.windowSeconds must be above zero and at most 86400');
  }
  return { perIp, windowSeconds };
}

function resolveMintLimit(option: TokenVendorOptions['mintLimit']): ResolvedOptions['mintLimit'] {
  const { perSecond = 4, queue = 40, timeoutSeconds = 10 } = option ?? {};
  if (!(perSecond > 0) || perSecond > 1000)
    throw invalid('mintLimit.perSecond must be above zero, at most 1000');
  if (!Number.isInteger(queue) || queue < 1 || queue > 10_000) {
    throw invalid('mintLimit.queue must be a whole number from 1 to 10000');
  }
  if (!(timeoutSeconds >= 1) || timeoutSeconds > 60) {
    throw invalid('mintLimit.timeoutSeconds must be from 1 to 60');
  }
  return { perSecond, queue, timeoutSeconds };
}

function invalid(why: string): ChatError {
  return invalidArgument('create a token vendor', why);
}
