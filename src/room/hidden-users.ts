import type { ChatUser } from '../messages/message.js';
import type { Filter } from '../messages/timeline.js';

/** Makes of the set of ids of hidden users what leaves them out of a room. */
export function hiddenUsers(hidden: ReadonlySet<string>) {
  const hides = ({ id = '' }: ChatUser, verifiedUserId = '') => hidden.has(id) || hidden.has(verifiedUserId);
  const isShown: Filter = ({ own, user, verifiedUserId }) => own || !hides(user, verifiedUserId);
  return {
    /** Whether somebody is hidden, by the id that they give themselves or by the one that Momento vouches for. */
    hides,
    /** Most rooms hide nobody, and make the array of messages anew with each that comes. */
    filter: () => (hidden.size > 0 ? isShown : undefined),
  };
}
