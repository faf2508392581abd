/** The user id of the bot. */
export const MODERATOR = 'moderator';

/** Whose deletions count: those of authors and of the moderator. The same for the bot and for all pages. */
export function mayDelete(message, { userId, verifiedUserId }) {
  return userId === message.user.id || (verifiedUserId ?? userId) === MODERATOR;
}
