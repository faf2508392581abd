import { isBlank } from '../shared/blank.js';
import { type ChatError, invalidArgument } from '../shared/errors.js';

/** Throws a {@link ChatError} `invalid-argument` unless `text` says something. */
export function assertText(text: unknown): void {
  if (typeof text !== 'string') throw unsendable('the text is not a string');
  if (isBlank(text)) throw unsendable('the text is empty');
}

/** The error of a message that cannot be sent; `why` completes "unable to send the message; …". */
export function unsendable(why: string): ChatError {
  return invalidArgument('send the message', why);
}
