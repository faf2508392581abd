/**
 * Where a room is kept at Momento. Its own topics and keys begin with `${room}:`, which no other room's name can hold
 * (see `roomNameProblem`). Its messages are where Momento's article about chat has them: on the topic `${room}-chat`, and in
 * the list `${room}`.
 */

/** Follows the room's name in the name of its topic of live messages. */
export const MESSAGES_SUFFIX = '-chat';

/** Returns the topic of live messages. */
export function messagesTopic(room: string): string {
  return `${room}${MESSAGES_SUFFIX}`;
}

/** Returns the topic of the features' events, such as signals. */
export function eventsTopic(room: string): string {
  return featureKey(room, 'events');
}

/** Returns the key of the list of stored messages. */
export function historyKey(room: string): string {
  return room;
}

/** Returns the prefix of the features' keys, and of no key of another room. */
export function keyPrefix(room: string): string {
  return `${room}:`;
}

/** Returns the key of a feature's data, for example `lobby:reactions`. */
export function featureKey(room: string, name: string): string {
  return `${keyPrefix(room)}${name}`;
}
