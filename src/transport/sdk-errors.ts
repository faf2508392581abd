import { ChatError, type ChatErrorCode, unable } from '../shared/errors.js';
import type { ResponseLike } from '../transport/client-types.js';

/** The SDKs' `MomentoErrorCode`, as far as it matters to a chat. */
const CODES: Readonly<Record<string, ChatErrorCode>> = {
  INVALID_ARGUMENT_ERROR: 'invalid-argument',
  AUTHENTICATION_ERROR: 'unauthenticated',
  PERMISSION_ERROR: 'permission-denied',
  NOT_FOUND_ERROR: 'cache-not-found',
  LIMIT_EXCEEDED_ERROR: 'rate-limited',
  CLIENT_RESOURCE_EXHAUSTED: 'rate-limited',
  TIMEOUT_ERROR: 'timeout',
  CONNECTION_ERROR: 'network',
  CANCELLED_ERROR: 'network',
};

/** The service answered, and will answer the same again. */
const FINAL = new Set(['BAD_REQUEST_ERROR', 'FAILED_PRECONDITION_ERROR']);

/** How the web SDK words that the browser got no answer at all. */
const NO_ANSWER = /http status code: 0\b/i;
/** How gRPC words that there is no connection; without such words UNAVAILABLE is the service's own answer. */
const NO_CONNECTION = /ECONN|EPIPE|connection|socket|transport|dns/i;
const TOO_LARGE = /\b(size|large|payload)\b/i;
/** How the Node SDK words that it takes no answer so long: fewer are asked for then, as after one that takes too long. */
const TOO_LONG = /message larger/i;

interface ErrorResponseLike extends ResponseLike {
  errorCode(): string;
  message(): string;
}

function isErrorResponse(response: unknown): response is ErrorResponseLike {
  return typeof response === 'object' && response !== null && 'type' in response && response.type === 'Error';
}

/** Turns an SDK's error response, or whatever a client threw, into a {@link ChatError}: "unable to <what>; <why>". */
export function toChatError(what: string, problem: unknown): ChatError {
  if (problem instanceof ChatError) return problem;
  if (!isErrorResponse(problem)) {
    return unable('server', what, 'the SDK failed unexpectedly', { cause: problem });
  }
  const sdkCode = problem.errorCode();
  // The SDK's own words for it are about its support and a status.
  const unanswered = NO_ANSWER.test(problem.message());
  const why = unanswered ? 'Momento cannot be reached' : problem.message();
  let code = CODES[sdkCode] ?? 'server';
  if (unanswered || (sdkCode === 'SERVER_UNAVAILABLE' && NO_CONNECTION.test(why))) code = 'network';
  else if (TOO_LONG.test(why)) code = 'timeout';
  else if (code === 'rate-limited' && TOO_LARGE.test(why)) code = 'message-too-large';
  return unable(code, what, why, {
    cause: problem,
    ...(FINAL.has(sdkCode) ? { retryable: false } : {}),
  });
}

/** Whether an SDK's client refused because it has opened as many subscriptions as it ever will. */
export function isUsedUp({ cause }: ChatError): boolean {
  return isErrorResponse(cause) && cause.errorCode() === 'CLIENT_RESOURCE_EXHAUSTED';
}

/** Gives the response back unless it is an error, which it throws as a {@link ChatError}. */
export function unlessError(what: string, response: ResponseLike): ResponseLike {
  if (isErrorResponse(response)) throw toChatError(what, response);
  return response;
}
