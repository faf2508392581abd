import {
  CANCELLED,
  DEADLINE_EXCEEDED,
  FAILED_PRECONDITION,
  GrpcError,
  INVALID_ARGUMENT,
  NOT_FOUND,
  OUT_OF_RANGE,
  PERMISSION_DENIED,
  RESOURCE_EXHAUSTED,
  UNAUTHENTICATED,
  UNAVAILABLE,
  UNIMPLEMENTED,
} from '../grpc-web/status.js';
import { ChatError, type ChatErrorCode, unable } from '../shared/errors.js';

/** Codes by gRPC status, the same as by way of the SDK's errors; every other status is `server`. */
const CODES: Readonly<Record<number, ChatErrorCode>> = {
  [INVALID_ARGUMENT]: 'invalid-argument',
  [UNAUTHENTICATED]: 'unauthenticated',
  [PERMISSION_DENIED]: 'permission-denied',
  [NOT_FOUND]: 'cache-not-found',
  [RESOURCE_EXHAUSTED]: 'rate-limited',
  [DEADLINE_EXCEEDED]: 'timeout',
  [CANCELLED]: 'network',
};

/** The service answered, and will answer the same again. */
const FINAL: readonly number[] = [OUT_OF_RANGE, UNIMPLEMENTED, FAILED_PRECONDITION];

/** NOT_FOUND may also be about these, which are no caches. */
const NOT_A_CACHE = /^(item|store)_not_found$/;
const NO_STORE = /Store with name:.*doesn't exist/s;
/** Words by which gRPC says that it has no connection. Without them UNAVAILABLE is the service's own answer. */
const NO_CONNECTION = /ECONN|EPIPE|connection|socket|transport|dns/i;
const TOO_LARGE = /\b(size|large|payload)\b/i;
const REQUEST_TOO_LARGE = /request limit/i;
const RATE = /subscribers|operations|throughput/i;

/**
 * Turns the failure of a call into a {@link ChatError}, "unable to <action>; <why>". The code and `retryable` are those
 * that the SDK's error for the same answer leads to.
 */
export function fromGrpcError(action: string, problem: unknown): ChatError {
  if (problem instanceof ChatError) return problem;
  if (!(problem instanceof GrpcError)) {
    return unable('server', action, 'the answer cannot be understood', {
      cause: problem,
    });
  }
  const final = FINAL.includes(problem.status) || isTooLarge(problem) || problem.origin === 'environment';
  return unable(codeOf(problem), action, reason(problem), {
    cause: problem,
    ...(final ? { retryable: false } : {}),
  });
}

function codeOf({ status, origin, message, metadata }: GrpcError): ChatErrorCode {
  if (origin === 'environment') return 'invalid-argument';
  if (origin === 'connection') return 'network';
  if (origin === 'format') return 'server';
  if (status === UNAVAILABLE && NO_CONNECTION.test(message)) return 'network';
  if (status === NOT_FOUND && (NOT_A_CACHE.test(metadata.err ?? '') || NO_STORE.test(message)))
    return 'server';
  if (status === RESOURCE_EXHAUSTED) {
    const large = TOO_LARGE.test(message) || (REQUEST_TOO_LARGE.test(message) && !RATE.test(message));
    return large ? 'message-too-large' : 'rate-limited';
  }
  return CODES[status] ?? 'server';
}

/** An answer beyond the limit will be as large again. */
function isTooLarge({ status, origin }: GrpcError): boolean {
  return origin === 'format' && status === RESOURCE_EXHAUSTED;
}

function reason({ status, message }: GrpcError): string {
  return message || `Momento answered with status ${status}`;
}
