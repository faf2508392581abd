import type { ChatError } from '../shared/errors.js';
import type { TokenRequest } from './token-source.js';

/**
 * Obtains a token for the rooms together. Where a renewal is refused, asks with one room more at a time, and takes the rooms
 * that are refused out of `rooms`: one more request for each room. Rejects as the first request did when none is left.
 */
export async function obtainForAllowed<Given>(
  rooms: string[],
  obtain: () => Promise<Given>,
  reason: TokenRequest['reason'],
): Promise<Given> {
  try {
    return await obtain();
  } catch (problem) {
    const { code } = problem as ChatError;
    // A room that joins asks once more by itself.
    if (reason === 'join' || code !== 'permission-denied' || rooms.length < 2) throw problem;
    let given: Given | undefined;
    for (const room of rooms.splice(0)) {
      rooms.push(room);
      given = await obtain().catch((refusal: ChatError) => {
        if (refusal.code !== code) throw refusal;
        rooms.pop();
        return given;
      });
    }
    if (given === undefined) throw problem;
    return given;
  }
}
