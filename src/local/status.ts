/**
 * The gRPC status codes by name: the vocabulary in which Momento reports every failure, and from which its SDKs
 * choose their error classes.
 */
export const STATUS_NUMBERS = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** A gRPC status code's name, `OK` excluded: what a failed call answers with. */
export type FailureCode = Exclude<keyof typeof STATUS_NUMBERS, 'OK'>;

/** The failure that a status is called in metadata: `not-found` or `NOT_FOUND`. */
export function failureCode(text: string): FailureCode | undefined {
  const name = text.trim().toUpperCase().replaceAll('-', '_');
  return isFailure(name) ? name : undefined;
}

/** Whether a call may fail with the status of this name. */
export function isFailure(name: string): name is FailureCode {
  return name !== 'OK' && Object.hasOwn(STATUS_NUMBERS, name);
}

/**
 * A failure as the service reports it: a status, a message for people, and metadata for programs. The SDKs read
 * the metadata key `err`, for example to tell one exceeded limit from another.
 */
export class MomentoError extends Error {
  readonly code: FailureCode;
  readonly metadata: Readonly<Record<string, string>>;

  constructor(code: FailureCode, message: string, metadata: Readonly<Record<string, string>> = {}) {
    // A name that a caller sent may hold half a surrogate pair. It would make encodeURI throw, and gRPC's answer with it.
    super(Buffer.from(message).toString());
    this.name = 'MomentoError';
    this.code = code;
    this.metadata = metadata;
  }
}

/** Throws the failure of a request that holds something invalid. */
export function invalidRequest(message: string): never {
  throw new MomentoError('INVALID_ARGUMENT', message);
}

/** Returns the failure to answer with: a bug of ours must reach the client as INTERNAL, not kill the server. */
export function asMomentoError(error: unknown): MomentoError {
  if (error instanceof MomentoError) return error;
  return new MomentoError('INTERNAL', error instanceof Error ? error.message : 'unknown failure');
}
