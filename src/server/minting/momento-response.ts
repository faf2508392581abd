import {
  CANCELLED,
  DEADLINE_EXCEEDED,
  FAILED_PRECONDITION,
  INTERNAL,
  INVALID_ARGUMENT,
  NOT_FOUND,
  PERMISSION_DENIED,
  RESOURCE_EXHAUSTED,
  UNAUTHENTICATED,
  UNAVAILABLE,
  UNIMPLEMENTED,
  UNKNOWN,
} from '../../grpc-web/status.js';
import type { DisposableTokenResponse } from '../types.js';

/** A minted token, in the shape of the SDKs' `GenerateDisposableToken.Success`. */
export interface MintedResponse extends DisposableTokenResponse {
  readonly type: 'Success';
  readonly authToken: string;
  readonly endpoint: string;
  readonly expiresAt: { epoch(): number };
}

/** A refreshed API key, in the shape of the SDKs' `RefreshApiKey.Success`. */
export interface RefreshedResponse extends DisposableTokenResponse {
  readonly type: 'Success';
  readonly apiKey: string;
  readonly refreshToken: string;
  readonly endpoint: string;
  readonly expiresAt: { epoch(): number };
}

/** A refusal, in the shape of the SDKs' `….Error`. */
export interface FailedResponse extends DisposableTokenResponse {
  readonly type: 'Error';
  errorCode(): string;
  message(): string;
}

/** Codes of the SDKs' `MomentoErrorCode`, by gRPC status. */
const ERROR_CODES: ReadonlyMap<number, string> = new Map([
  [CANCELLED, 'CANCELLED_ERROR'],
  [UNKNOWN, 'UNKNOWN_SERVICE_ERROR'],
  [INVALID_ARGUMENT, 'INVALID_ARGUMENT_ERROR'],
  [DEADLINE_EXCEEDED, 'TIMEOUT_ERROR'],
  [NOT_FOUND, 'NOT_FOUND_ERROR'],
  [PERMISSION_DENIED, 'PERMISSION_ERROR'],
  [RESOURCE_EXHAUSTED, 'LIMIT_EXCEEDED_ERROR'],
  [FAILED_PRECONDITION, 'FAILED_PRECONDITION_ERROR'],
  [UNIMPLEMENTED, 'BAD_REQUEST_ERROR'],
  [INTERNAL, 'INTERNAL_SERVER_ERROR'],
  [UNAVAILABLE, 'SERVER_UNAVAILABLE'],
  [UNAUTHENTICATED, 'AUTHENTICATION_ERROR'],
]);

/** The failure that a gRPC status stands for. */
export function failedResponse(grpcStatus: number, message: string): FailedResponse {
  const code = ERROR_CODES.get(grpcStatus) ?? 'UNKNOWN_ERROR';
  return { type: 'Error', errorCode: () => code, message: () => message };
}

/** A minted token as the SDKs give it: its key and endpoint in one base64 string. Throws when there is none. */
export function mintedResponse(apiKey: unknown, endpoint: unknown, epoch: unknown): MintedResponse {
  const authToken = wrapKey(apiKey, endpoint);
  return {
    type: 'Success',
    authToken,
    endpoint: String(endpoint),
    expiresAt: { epoch: () => Number(epoch) },
  };
}

/** A key in the base64 form that `CredentialProvider.fromString` and `fromDisposableToken` take. */
export function wrapKey(apiKey: unknown, endpoint: unknown): string {
  if (typeof apiKey !== 'string' || apiKey === '') throw new TypeError('no key');
  return btoa(JSON.stringify({ endpoint: typeof endpoint === 'string' ? endpoint : '', api_key: apiKey }));
}
