import { ChatError } from './errors.js';

/** Returns the error as it is when it is one of ours; any other is a fault of this library, or of a callback. */
export function asChatError(action: string, problem: unknown): ChatError {
  return problem instanceof ChatError
    ? problem
    : new ChatError('server', `unable to ${action}; something failed unexpectedly`, { cause: problem });
}
