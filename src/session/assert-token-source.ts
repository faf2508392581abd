import { ChatError } from '../errors.js';

/** Throws a {@link ChatError} unless `source` is a URL or a function. */
export function assertTokenSource(source: unknown): void {
  if (typeof source === 'function' || source instanceof URL || (typeof source === 'string' && source !== ''))
    return;
  throw new ChatError('invalid-argument', 'unable to get tokens; `token` must be a URL or a function');
}
