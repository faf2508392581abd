import { invalidArgument } from '../shared/errors.js';
import { isObject } from '../shared/is-object.js';

/** Returns the `signal` of an app's options. Throws a ChatError `invalid-argument`; `action` completes "unable to …". */
export function givenSignal(
  options: { signal?: AbortSignal | undefined },
  action: string,
): AbortSignal | undefined {
  if (!isObject(options as unknown)) throw invalidArgument(action, 'the options are not an object');
  const { signal } = options;
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    throw invalidArgument(action, '`signal` is not an AbortSignal');
  return signal;
}
