/**
 * gRPC status codes (https://grpc.github.io/grpc/core/md_doc_statuscodes.html). They are constants of their own and not
 * one object, so that a bundle holds a digit where one is used.
 */
export const OK = 0;
export const CANCELLED = 1;
export const UNKNOWN = 2;
export const INVALID_ARGUMENT = 3;
export const DEADLINE_EXCEEDED = 4;
export const NOT_FOUND = 5;
export const ALREADY_EXISTS = 6;
export const PERMISSION_DENIED = 7;
export const RESOURCE_EXHAUSTED = 8;
export const FAILED_PRECONDITION = 9;
export const ABORTED = 10;
export const OUT_OF_RANGE = 11;
export const UNIMPLEMENTED = 12;
export const INTERNAL = 13;
export const UNAVAILABLE = 14;
export const DATA_LOSS = 15;
export const UNAUTHENTICATED = 16;

/** Returns the name of a status; `UNKNOWN` for a number that gRPC does not have. */
export function statusName(status: number): string {
  return NAMES[status] ?? 'UNKNOWN';
}

const NAMES = [
  'OK',
  'CANCELLED',
  'UNKNOWN',
  'INVALID_ARGUMENT',
  'DEADLINE_EXCEEDED',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'INTERNAL',
  'UNAVAILABLE',
  'DATA_LOSS',
  'UNAUTHENTICATED',
];

const HTTP_STATUS: Readonly<Record<number, number>> = {
  400: INVALID_ARGUMENT,
  401: UNAUTHENTICATED,
  403: PERMISSION_DENIED,
  404: NOT_FOUND,
  409: ABORTED,
  412: FAILED_PRECONDITION,
  429: RESOURCE_EXHAUSTED,
  499: CANCELLED,
  501: UNIMPLEMENTED,
  503: UNAVAILABLE,
  504: DEADLINE_EXCEEDED,
};

/** Maps an HTTP status without a gRPC status, as the `grpc-web` package does, so that both clients report the same. */
export function statusOfHttp(status: number): number {
  return HTTP_STATUS[status] ?? UNKNOWN;
}

/**
 * Where a call's failure comes from.
 *
 * - `status`: the service answered with a gRPC status.
 * - `http`: something answered that is not gRPC-Web: an HTTP error, a redirect, a page.
 * - `format`: the answer is torn, incomplete, too large or cannot be decoded.
 * - `connection`: there was no answer, or the connection was cut.
 * - `deadline`: no answer in time.
 * - `cancelled`: the caller's signal was aborted.
 * - `environment`: this place lacks `fetch` or streams.
 */
export type GrpcErrorOrigin =
  | 'status'
  | 'http'
  | 'format'
  | 'connection'
  | 'deadline'
  | 'cancelled'
  | 'environment';

/** The failure of a call. Never holds a request, a header of a request, or a token. */
export class GrpcError extends Error {
  /** The gRPC status; one that gRPC does not have is UNKNOWN. */
  readonly status: number;
  readonly origin: GrpcErrorOrigin;
  /** The trailers, or the headers of an answer without a body; names in lower case. With `http`, the `:status`. */
  readonly metadata: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    origin: GrpcErrorOrigin,
    metadata: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'GrpcError';
    this.status = status;
    this.origin = origin;
    this.metadata = metadata;
  }
}

/** Returns the failure of an answer that cannot be understood. */
export function malformed(why: string): GrpcError {
  return new GrpcError(UNKNOWN, `the answer is not valid gRPC-Web: ${why}`, 'format');
}

/** Returns the failure that trailers or headers tell of; undefined when they say OK or nothing. */
export function statusError(metadata: Readonly<Record<string, string>>): GrpcError | undefined {
  const { 'grpc-status': code, 'grpc-message': message = '', ...rest } = metadata;
  const status = Number(code ?? OK);
  if (status === OK) return undefined;
  return new GrpcError(status <= UNAUTHENTICATED ? status : UNKNOWN, decodePercent(message), 'status', rest);
}

/** Decodes a `grpc-message`; text that is not percent-encoded UTF-8 stays as it is. */
function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
