import { ChatError, unable } from './errors.js';

/** Returns the error as it is when it is one of ours; any other is a fault of this library, or of a callback. */
export function asChatError(action: string, problem: unknown): ChatError {
  return problem instanceof ChatError
    ? problem
    : unable('server', action, 'something failed unexpectedly', { cause: problem });
}
