import { answerFetch, type FetchContext } from './server/http/fetch-adapter.js';
import { asVendorError, HttpHandler, unauthenticated } from './server/http/http-handler.js';
import { answerNode, type NodeRequest, type NodeResponse } from './server/http/node-adapter.js';
import { resolveOptions } from './server/options.js';
import { checkedAddress, TokenIssuer } from './server/token-issuer.js';
import type { TokenVendorOptions, VendRequest } from './server/types.js';
import { systemScheduler } from './shared/clock.js';
import type { VendedToken } from './shared/vended-token.js';

export type { VendorEvent, VendorStep } from './server/events.js';
export type { FetchContext } from './server/http/fetch-adapter.js';
export { type LambdaEvent, type LambdaResult, lambdaHandler } from './server/http/lambda-adapter.js';
export type { NodeRequest, NodeResponse } from './server/http/node-adapter.js';
export {
  type ExpiringKey,
  type KeyRing,
  type KeyRingOptions,
  keyRing,
  type RefreshingAuthClient,
} from './server/minting/key-ring.js';
export { type MomentoAuth, momentoAuth } from './server/minting/momento-auth.js';
export type { FailedResponse, MintedResponse, RefreshedResponse } from './server/minting/momento-response.js';
export type {
  CacheItemPermission,
  CacheSelector,
  DisposableTokenScope,
  FunctionPermission,
  TokenPermission,
  TopicPermission,
} from './server/scope-types.js';
export { defaultScope } from './server/scopes.js';
export { memoryTokenCache } from './server/token-cache/memory-token-cache.js';
export { momentoTokenCache, type TokenCacheClientLike } from './server/token-cache/momento-token-cache.js';
export { sealedTokenCache } from './server/token-cache/sealed-token-cache.js';
export type {
  AuthClientLike,
  DisposableTokenResponse,
  ExpiresInLike,
  Grant,
  Identity,
  MomentoCredentials,
  TokenCache,
  TokenVendorOptions,
  VendRequest,
} from './server/types.js';
export { VendorError } from './server/vendor-error.js';
export { ChatError, type ChatErrorCode } from './shared/errors.js';
export type { VendedToken } from './shared/vended-token.js';

/** Vends tokens: over Node's HTTP when called, over Fetch with `fetch`, over anything else with `vend`. */
export interface TokenVendor {
  /**
   * Answers a request of Node's `http`: `http.createServer(vendor)`, `app.use('/token', vendor)` in Express 4
   * and 5 and in Connect. Where it is mounted is up to you; the path is not looked at. `next` is never called.
   */
  (req: NodeRequest, res: NodeResponse, next?: (error?: unknown) => void): void;

  /**
   * Answers a Fetch request, as Next.js, Hono, Workers, Deno and Bun have them. Never rejects.
   *
   * @param context `ip`: the address of whoever is connected, which a Fetch request does not tell. It may be
   * left out only where `trustProxy` is a number of hops or `true`.
   *
   * @example
   * ```ts
   * Deno.serve((request, info) => vendor.fetch(request, { ip: info.remoteAddr.hostname }));
   * ```
   */
  fetch(request: Request, context?: FetchContext): Promise<Response>;

  /**
   * Vends a token to a client that you know. Does not call `authenticate`: pass the identity.
   * Counts against the rate limit of `ip`.
   *
   * @throws VendorError with `code`, `status` and perhaps `retryAfterSeconds`.
   *
   * @example
   * ```ts
   * const { token, exp } = await vendor.vend({ ip, rooms: ['lobby'], identity: { userId: 'ada' } });
   * ```
   */
  vend(request: VendRequest): Promise<VendedToken>;
}

/**
 * Creates a token vendor: the one piece of server code that a chat needs, and the one that holds the Momento
 * key. It answers `?room=a&room=b` (GET, or POST with `{ "rooms": […] }`) with a {@link VendedToken} for
 * exactly those rooms, from its cache where it can; with `reason=rejected` it mints another one, because
 * Momento refused the one before.
 *
 * Either `rooms` (an allow-list, for everybody) or `authorize` must be given: there is no open vendor.
 *
 * @param options see {@link TokenVendorOptions}.
 * @throws ChatError `invalid-argument` for options that are wrong or missing.
 *
 * @example
 * ```ts
 * const { MOMENTO_API_KEY: apiKey = '', MOMENTO_ENDPOINT: endpoint = '' } = process.env;
 * const vendor = createTokenVendor({
 *   auth: { apiKey, endpoint },
 *   authenticate: async (request) => {
 *     const user = await userOfSession(request.headers.get('cookie'));
 *     return user ? { userId: user.id } : null;
 *   },
 *   authorize: async (identity, rooms) => ({ rooms: await roomsOf(identity, rooms), role: 'member' }),
 * });
 * app.use('/token', vendor);
 * ```
 */
export function createTokenVendor(options: TokenVendorOptions): TokenVendor {
  const resolved = resolveOptions(options);
  const issuer = new TokenIssuer(resolved, systemScheduler);
  const http = new HttpHandler(issuer, resolved);
  const handler = (req: NodeRequest, res: NodeResponse): void => void answerNode(http, req, res);
  return Object.assign(handler, {
    fetch: (request: Request, context?: FetchContext) => answerFetch(http, request, context),
    async vend(request: VendRequest | undefined): Promise<VendedToken> {
      let address: string | undefined;
      try {
        // A caller without types may give nothing: that is an address that is missing.
        const { ip, rooms = [], identity, rejected = false } = request ?? ({} as Partial<VendRequest>);
        address = checkedAddress(ip);
        const counted = issuer.admit(address);
        if (counted !== undefined) await counted;
        if (resolved.authenticate !== undefined && identity === undefined) throw unauthenticated();
        return await issuer.vend({ address, rooms, identity, rejected });
      } catch (thrown) {
        const error = asVendorError(thrown);
        issuer.report(error, address);
        throw error;
      }
    },
  });
}
