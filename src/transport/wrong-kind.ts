import { FAILED_PRECONDITION, OUT_OF_RANGE } from '../grpc-web/status.js';
import { ChatError } from '../shared/errors.js';

const REFUSED: readonly unknown[] = [FAILED_PRECONDITION, 'FAILED_PRECONDITION_ERROR'];
const BAD_REQUEST: readonly unknown[] = [OUT_OF_RANGE, 'BAD_REQUEST_ERROR'];

/**
 * Returns whether the service refused an operation because the entry is of another kind: a scalar, say, where a list is
 * meant.
 */
export function isWrongKind(problem: unknown): boolean {
  if (!(problem instanceof ChatError)) return false;
  const status = statusOf(problem.cause);
  return REFUSED.includes(status) || (BAD_REQUEST.includes(status) && /WRONGTYPE/.test(problem.message));
}

/** The status that the service answered with: gRPC's, or the code that an SDK has for it. */
function statusOf(cause: unknown): unknown {
  if (typeof cause !== 'object' || cause === null) return undefined;
  if ('status' in cause) return cause.status;
  return 'errorCode' in cause && typeof cause.errorCode === 'function' ? cause.errorCode() : undefined;
}
