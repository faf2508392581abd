import { ChatError, type ChatErrorCode } from './errors.js';

/**
 * Returns the error that tells of a listener which is never called. It is emitted and not thrown: an emitter takes any name, and
 * another version of the library may know more of them.
 */
export function neverComes(
  event: unknown,
  why = 'there is no such event',
  code: ChatErrorCode = 'invalid-argument',
): ChatError {
  return new ChatError(code, `unable to listen for \`${String(event)}\`; ${why}`);
}
