import { ChatError } from '../shared/errors.js';

/** Returns the error of a room without features that is asked for one; `action` completes "unable to …". */
export function featureDisabled(action: string): ChatError {
  return new ChatError('feature-disabled', `unable to ${action}; the room was made with \`events: false\``);
}
