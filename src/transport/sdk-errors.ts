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

/** A response that is an error; or what clients with `throwOnErrors` throw instead, which has another method for its words. */
interface SdkErrorLike {
  errorCode(): string;
  message(): string;
  wrappedErrorMessage?(): string;
}

function isSdkError(problem: unknown): problem is SdkErrorLike {
  return typeof (problem as Partial<SdkErrorLike> | null | undefined)?.errorCode === 'function';
}

/** Turns an SDK's error response, or whatever a client threw, into a {@link ChatError}: "unable to <what>; <why>". */
export function toChatError(what: string, problem: unknown): ChatError {
  if (problem instanceof ChatError) return problem;
  // The web SDK makes an argument of each byte: engines take some 100,000.
  if (problem instanceof RangeError)
    return unable('message-too-large', what, 'it is too large for the SDK', { cause: problem });
  if (!isSdkError(problem)) {
    return unable('server', what, 'the SDK failed unexpectedly', { cause: problem });
  }
  const sdkCode = problem.errorCode();
  const words = problem.wrappedErrorMessage?.() ?? problem.message();
  // The browser got no answer at all. The web SDK's own words for it are about its support and a status.
  const unanswered = /http status code: 0\b/i.test(words);
  const why = unanswered ? 'Momento cannot be reached' : words;
  // There is no connection, in gRPC's words; without such words UNAVAILABLE is the service's own answer.
  const unavailable =
    sdkCode === 'SERVER_UNAVAILABLE' && /ECONN|EPIPE|connection|socket|transport|dns/i.test(why);
  let code = CODES[sdkCode] ?? 'server';
  if (unanswered || unavailable) code = 'network';
  // The Node SDK takes no answer so long: fewer are asked for then, as after one that takes too long.
  else if (/message larger/i.test(why)) code = 'timeout';
  else if (code === 'rate-limited' && /\b(size|large|payload)\b/i.test(why)) code = 'message-too-large';
  // The service answered, and will answer the same again.
  const final = /^(BAD_REQUEST|FAILED_PRECONDITION)_ERROR$/.test(sdkCode);
  return unable(code, what, why, { cause: problem, ...(final ? { retryable: false } : {}) });
}

/** Whether an SDK's client refused because it has opened as many subscriptions as it ever will. */
export function isUsedUp({ cause }: ChatError): boolean {
  return isSdkError(cause) && cause.errorCode() === 'CLIENT_RESOURCE_EXHAUSTED';
}

/** Gives the response back unless it is an error, which it throws as a {@link ChatError}. */
export function unlessError(what: string, response: ResponseLike): ResponseLike {
  if (isSdkError(response)) throw toChatError(what, response);
  return response;
}
