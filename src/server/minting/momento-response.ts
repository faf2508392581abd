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

// The codes of `MomentoErrorCode` in the SDKs for the status codes of gRPC.
const ERROR_CODES: ReadonlyMap<number, string> = new Map([
  [1, 'CANCELLED_ERROR'],
  [2, 'UNKNOWN_SERVICE_ERROR'],
  [3, 'INVALID_ARGUMENT_ERROR'],
  [4, 'TIMEOUT_ERROR'],
  [5, 'NOT_FOUND_ERROR'],
  [7, 'PERMISSION_ERROR'],
  [8, 'LIMIT_EXCEEDED_ERROR'],
  [9, 'FAILED_PRECONDITION_ERROR'],
  [12, 'BAD_REQUEST_ERROR'],
  [13, 'INTERNAL_SERVER_ERROR'],
  [14, 'SERVER_UNAVAILABLE'],
  [16, 'AUTHENTICATION_ERROR'],
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
