/** The user id of the bot. */
export const MODERATOR = 'moderator';

/** Whose deletions count: those of authors and of the moderator. The same for the bot and for all pages. */
export function mayDelete(message, { userId, verifiedUserId }) {
  // A live deletion has the id that Momento vouches for; a stored one says what its maker claims.
  const by = verifiedUserId ?? userId;
  return by !== undefined && (by === message.user.id || by === MODERATOR);
}
