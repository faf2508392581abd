import type { ChatError } from '../shared/errors.js';

/** Says in the errors of what was under way why the join is over. */
export function whyOver(failure: ChatError | undefined): string {
  if (failure === undefined) return 'the room was left';
  return failure.code === 'closed' ? 'the session was closed' : `the room failed: ${failure.code}`;
}
