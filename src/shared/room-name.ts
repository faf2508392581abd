/** Longest room name, in UTF-16 code units (what `string.length` counts). */
const MAX_ROOM_NAME_LENGTH = 128;

/**
 * Says what is wrong with a room name, or `undefined` when it is fine. One rule for the browser and the
 * server: 1 to 128 characters, not only white space (Momento refuses a blank list name), no `:` (it separates
 * a room's own keys from the room's name, and a token's key prefix `${room}:` must cover one room only), no
 * control characters, no half of a surrogate pair (two such names become the same bytes on the wire).
 */
export function roomNameProblem(room: unknown): string | undefined {
  const rule = brokenRule(room);
  return rule && `a room name must ${rule}`;
}

function brokenRule(room: unknown): string | undefined {
  if (typeof room !== 'string') return 'be a string';
  if (room.length === 0) return 'not be empty';
  if (room.trim() === '') return 'not be blank';
  if (room.length > MAX_ROOM_NAME_LENGTH) return `have at most ${MAX_ROOM_NAME_LENGTH} characters`;
  if (room.includes(':')) return "not contain ':'";
  if (/\p{Cc}/u.test(room)) return 'not contain control characters';
  if (/\p{Cs}/u.test(room)) return 'be well-formed Unicode';
  return undefined;
}
