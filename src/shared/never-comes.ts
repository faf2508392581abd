import { type ChatError, invalidArgument } from './errors.js';

/**
 * Returns the error that tells of a listener which is never called. It is emitted and not thrown: an emitter takes any name, and
 * another version of the library may know more of them.
 */
export function neverComes(event: unknown): ChatError {
  return invalidArgument(`listen for \`${String(event)}\``, 'there is no such event');
}
