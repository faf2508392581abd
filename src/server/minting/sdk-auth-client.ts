import { INTERNAL, UNKNOWN } from '../../grpc-web/status.js';
import { type ChatError, invalidArgument } from '../../shared/errors.js';
import type { AuthClientLike } from '../types.js';
import { momentoAuthAt } from './momento-auth.js';
import { failedResponse, mintedResponse } from './momento-response.js';
import { encodeTokenRequest } from './token-request.js';

/**
 * The SDKs' `AuthClient` cannot mint a token for a room: in a scope with topics and cache items it leaves
 * out the items' keys (see {@link encodeTokenRequest}), and the token opens the whole cache. So the vendor
 * takes from such a client what it is made of, its credentials and its channel, and writes the request
 * itself. Whatever looks like such a client and does not show all of that is refused rather than trusted with
 * a wider token.
 *
 * Any other object is used as it is.
 */
export function exactAuthClient(auth: AuthClientLike): { auth: AuthClientLike; apiKey?: string } {
  if (!looksLikeSdk(auth)) return { auth };
  // `authClient` is a protected member of the SDKs' AbstractAuthClient.
  const inner = property(auth, 'authClient');
  const credentials = property(inner, 'creds');
  if (!isCredentials(credentials)) throw unsupported();
  const apiKey = credentials.getAuthToken();
  const channel = property(inner, 'tokenClient');
  if (isGrpcChannel(channel)) {
    return { auth: overGrpc(channel, property(inner, 'interceptors'), credentials), apiKey };
  }
  const origin = property(channel, 'hostname_');
  if (typeof origin !== 'string' || origin === '') throw unsupported();
  return { auth: overGrpcWeb(origin, credentials), apiKey };
}

// Members that the SDKs' clients have, outside and inside, and a hand-written AuthClientLike has no use for. Some
// are deprecated, so one is enough. Not `refreshApiKey`: `keyRing()` wants that of anybody's client.
const MARKS = [
  'generateApiKey',
  'generateAuthToken',
  'refreshAuthToken',
  'authClient',
  'tokenClient',
  'creds',
];

function looksLikeSdk(auth: AuthClientLike): boolean {
  return MARKS.some((name) => name in auth) || isNamedAuthClient(auth);
}

// Should a later SDK lose all of these: its class still has its name.
function isNamedAuthClient(auth: object): boolean {
  for (let type = Object.getPrototypeOf(auth); type !== null; type = Object.getPrototypeOf(type)) {
    if (/^(?:Abstract)?AuthClient$/.test(type.constructor?.name)) return true;
  }
  return false;
}

interface Credentials {
  getAuthToken(): string;
}

interface GrpcChannel {
  GenerateDisposableToken(
    request: { serialize(): Uint8Array },
    options: unknown,
    callback: (error: unknown, response: unknown) => void,
  ): unknown;
}

function overGrpc(channel: GrpcChannel, interceptors: unknown, credentials: Credentials): AuthClientLike {
  return {
    async generateDisposableToken(scope, expiresIn, props) {
      const bytes = encodeTokenRequest({
        authToken: credentials.getAuthToken(),
        scope,
        validForSeconds: Math.floor(expiresIn.seconds()),
        tokenId: props?.tokenId,
      });
      return new Promise((resolve) => {
        // All that the channel asks of a request is that it can be serialized.
        channel.GenerateDisposableToken({ serialize: () => bytes }, { interceptors }, (error, response) => {
          if (error !== null && error !== undefined) {
            const status = property(error, 'code');
            resolve(failedResponse(typeof status === 'number' ? status : UNKNOWN, 'the mint failed'));
            return;
          }
          try {
            resolve(
              mintedResponse(
                property(response, 'api_key'),
                property(response, 'endpoint'),
                property(response, 'valid_until'),
              ),
            );
          } catch {
            resolve(failedResponse(INTERNAL, 'the answer holds no token'));
          }
        });
      });
    },
  };
}

function overGrpcWeb(origin: string, credentials: Credentials): AuthClientLike {
  return momentoAuthAt({
    authToken: () => credentials.getAuthToken(),
    tokenOrigin: origin,
    controlOrigin: origin,
  });
}

function isCredentials(value: unknown): value is Credentials {
  return typeof property(value, 'getAuthToken') === 'function';
}

function isGrpcChannel(value: unknown): value is GrpcChannel {
  return typeof property(value, 'GenerateDisposableToken') === 'function';
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function unsupported(): ChatError {
  return invalidArgument(
    'use this AuthClient',
    'it looks like one of a Momento SDK but hides what is needed to mint a token for single rooms, and would mint one for the whole cache. Pass auth: { apiKey, endpoint } instead',
  );
}
