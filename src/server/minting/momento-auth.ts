import { decode, encode } from '../../grpc-web/protobuf.js';
import { GrpcError, INTERNAL, INVALID_ARGUMENT, statusOfHttp, UNAVAILABLE } from '../../grpc-web/status.js';
import { unaryCall } from '../../grpc-web/unary-call.js';
import { type ChatError, invalidArgument } from '../../shared/errors.js';
import type { DisposableTokenScope } from '../scope-types.js';
import type { AuthClientLike, ExpiresInLike, MomentoCredentials } from '../types.js';
import {
  type FailedResponse,
  failedResponse,
  type MintedResponse,
  mintedResponse,
  type RefreshedResponse,
  wrapKey,
} from './momento-response.js';
import { encodeTokenRequest } from './token-request.js';

/** Longer than any deadline of the vendor's. It bounds a call that is made outside of a vendor. */
const CALL_TIMEOUT_MS = 15_000;
/** Larger than any answer of the token service. */
const MAX_ANSWER_BYTES = 256 * 1024;
const AGENT = 'momento-chat:auth';

/** A client of Momento's token service that needs nothing but `fetch`. */
export interface MomentoAuth extends AuthClientLike {
  generateDisposableToken(
    scope: DisposableTokenScope,
    expiresIn: ExpiresInLike,
    props?: { tokenId?: string },
  ): Promise<MintedResponse | FailedResponse>;
  /** Exchanges an expiring v1 API key for a new one. */
  refreshApiKey(refreshToken: string): Promise<RefreshedResponse | FailedResponse>;
}

/**
 * Makes a client of Momento's token service over `fetch`, by the same route as `sdk-web`. It is the one that
 * `createTokenVendor({ auth: { apiKey, endpoint } })` mints with. It needs no SDK, runs on Node, Deno, Bun and
 * edge runtimes, and puts exactly the given permissions into a token (the SDKs' `AuthClient` does not: see
 * docs/token-vendor.md). Responses have the shape of the SDKs'.
 *
 * @param credentials `apiKey`: a v2 API key, or a v1 key in its base64 form; `endpoint`: the service's
 * endpoint, or an origin with `http://` for a local Momento. For a v1 key it may be an empty string: the
 * key names its own.
 * @throws ChatError `invalid-argument` when the key or the endpoint cannot be one.
 *
 * @example
 * ```ts
 * const { MOMENTO_API_KEY: apiKey = '', MOMENTO_ENDPOINT: endpoint = '' } = process.env;
 * const auth = momentoAuth({ apiKey, endpoint });
 * const vendor = createTokenVendor({ auth, rooms: ['lobby'] });
 * ```
 */
export function momentoAuth(credentials: MomentoCredentials): MomentoAuth {
  const { authToken, tokenOrigin, controlOrigin } = resolveCredentials(credentials);
  return momentoAuthAt({ authToken: () => authToken, tokenOrigin, controlOrigin });
}

/** As {@link momentoAuth}, at known addresses and with a key that may change. */
export function momentoAuthAt(at: {
  authToken: () => string;
  tokenOrigin: string;
  controlOrigin: string;
}): MomentoAuth {
  return {
    async generateDisposableToken(scope, expiresIn, props) {
      if (!expiresIn.doesExpire()) return failedResponse(INVALID_ARGUMENT, 'a disposable token must expire');
      const request = encodeTokenRequest({
        authToken: at.authToken(),
        scope,
        validForSeconds: Math.floor(expiresIn.seconds()),
        tokenId: props?.tokenId,
      });
      return call(`${at.tokenOrigin}/token.Token/GenerateDisposableToken`, request, readMinted);
    },
    async refreshApiKey(refreshToken) {
      const request = encode([1, at.authToken()], [2, refreshToken]);
      return call(`${at.controlOrigin}/auth.Auth/RefreshApiToken`, request, readRefreshed);
    },
  };
}

async function call<Result>(
  url: string,
  message: Uint8Array,
  read: (answer: Uint8Array) => Result,
): Promise<Result | FailedResponse> {
  let answer: Uint8Array;
  try {
    answer = await unaryCall({
      url,
      headers: { agent: AGENT },
      message,
      timeoutMs: CALL_TIMEOUT_MS,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    });
  } catch (problem) {
    if (problem instanceof GrpcError) return failedResponse(statusOf(problem), problem.message);
    return failedResponse(INTERNAL, 'the call failed');
  }
  try {
    return read(answer);
  } catch {
    return failedResponse(INTERNAL, 'the answer could not be read');
  }
}

/** Returns the status of a failure. A proxy's page counts by its HTTP status: 502 to 504 say that Momento is away. */
function statusOf({ status, origin, metadata }: GrpcError): number {
  if (origin === 'format') return INTERNAL;
  if (origin !== 'http') return status;
  const httpStatus = Number(metadata[':status']);
  return httpStatus >= 500 ? UNAVAILABLE : statusOfHttp(httpStatus);
}

function readMinted(answer: Uint8Array): MintedResponse {
  const shape = { apiKey: [1, 'text'], endpoint: [2, 'text'], epoch: [3, 'int'] } as const;
  const { apiKey = '', endpoint = '', epoch = 0 } = decode(answer, shape);
  return mintedResponse(apiKey, endpoint, epoch);
}

function readRefreshed(answer: Uint8Array): RefreshedResponse {
  const shape = {
    apiKey: [1, 'text'],
    refreshToken: [2, 'text'],
    endpoint: [3, 'text'],
    epoch: [4, 'int'],
  } as const;
  const { apiKey = '', refreshToken = '', endpoint = '', epoch = 0 } = decode(answer, shape);
  return {
    type: 'Success',
    apiKey: wrapKey(apiKey, endpoint),
    refreshToken,
    endpoint,
    expiresAt: { epoch: () => epoch },
  };
}

/** The key as Momento wants it, and where to send it. */
export function resolveCredentials(credentials: MomentoCredentials): {
  authToken: string;
  tokenOrigin: string;
  controlOrigin: string;
} {
  const { apiKey, endpoint } = credentials ?? ({} as Partial<MomentoCredentials>);
  if (typeof apiKey !== 'string' || apiKey.trim() === '') throw invalid('the API key is missing');
  const v1 = decodeV1Key(apiKey.trim());
  const authToken = v1?.apiKey ?? apiKey.trim();
  const base = typeof endpoint === 'string' && endpoint.trim() !== '' ? endpoint.trim() : v1?.endpoint;
  if (base === undefined) throw invalid('the endpoint is missing');
  // A local Momento: an origin, or the `localhost:8080` that stands in its key.
  const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/.test(base);
  if (loopback || /^https?:\/\//.test(base)) {
    const origin = originOf(loopback ? `http://${base}` : base);
    return { authToken, tokenOrigin: origin, controlOrigin: origin };
  }
  return {
    authToken,
    tokenOrigin: originOf(`https://web.token.${base}`),
    controlOrigin: originOf(`https://web.control.${base}`),
  };
}

function originOf(url: string): string {
  if (!URL.canParse(url)) throw invalid('the endpoint is neither a host name nor an origin');
  const parsed = new URL(url);
  if (parsed.pathname !== '/' || parsed.search !== '' || parsed.username !== '') {
    throw invalid('the endpoint must be a host name or an origin, with no path');
  }
  return parsed.origin;
}

// v1 keys are base64 of {"api_key","endpoint"}; v2 keys are JWTs, whose dots are not base64.
function decodeV1Key(key: string): { apiKey: string; endpoint: string } | undefined {
  try {
    const decoded: unknown = JSON.parse(atob(key));
    if (typeof decoded !== 'object' || decoded === null) return undefined;
    const { api_key: apiKey, endpoint } = decoded as { api_key?: unknown; endpoint?: unknown };
    return typeof apiKey === 'string' && typeof endpoint === 'string' ? { apiKey, endpoint } : undefined;
  } catch {
    return undefined;
  }
}

function invalid(why: string): ChatError {
  return invalidArgument('use these Momento credentials', why);
}
