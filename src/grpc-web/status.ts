/** The gRPC status names by number (https://grpc.github.io/grpc/core/md_doc_statuscodes.html). */
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
] as const;

export type GrpcStatus = (typeof NAMES)[number];

/** Returns the name of a status number; `UNKNOWN` for a number that gRPC does not have. */
export function statusName(code: number): GrpcStatus {
  return NAMES[code] ?? 'UNKNOWN';
}

/** Maps an HTTP status without a gRPC status, as the `grpc-web` package does, so that both clients report the same. */
export function statusOfHttp(status: number): GrpcStatus {
  switch (status) {
    case 400:
      return 'INVALID_ARGUMENT';
    case 401:
      return 'UNAUTHENTICATED';
    case 403:
      return 'PERMISSION_DENIED';
    case 404:
      return 'NOT_FOUND';
    case 409:
      return 'ABORTED';
    case 412:
      return 'FAILED_PRECONDITION';
    case 429:
      return 'RESOURCE_EXHAUSTED';
    case 499:
      return 'CANCELLED';
    case 501:
      return 'UNIMPLEMENTED';
    case 503:
      return 'UNAVAILABLE';
    case 504:
      return 'DEADLINE_EXCEEDED';
    default:
      return 'UNKNOWN';
  }
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
  readonly status: GrpcStatus;
  readonly origin: GrpcErrorOrigin;
  /** The trailers, or the headers of an answer without a body; names in lower case. */
  readonly metadata: Readonly<Record<string, string>>;

  constructor(
    status: GrpcStatus,
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

/** Returns the failure that trailers or headers tell of; undefined when they say OK or nothing. */
export function statusError(metadata: Readonly<Record<string, string>>): GrpcError | undefined {
  const { 'grpc-status': code, 'grpc-message': message = '', ...rest } = metadata;
  if (code === undefined || Number(code) === 0) return undefined;
  return new GrpcError(statusName(Number(code)), decodePercent(message), 'status', rest);
}

/** Decodes a `grpc-message`; text that is not percent-encoded UTF-8 stays as it is. */
function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
