import { invalidArgument } from '../shared/errors.js';
import type { Room } from './faces.js';

/** The members of a room that need its events. */
const NEED_EVENTS: readonly PropertyKey[] = [
  'edit',
  'delete',
  'react',
  'unreact',
  'typing',
  'read',
  'presence',
  'thread',
  'pin',
  'unpin',
  'pinned',
  'files',
  'loadAround',
  'search',
] satisfies (keyof Room)[];

const plain = new WeakMap<Room, Room>();

/** Throws a ChatError `invalid-argument` for what a page set as `room` by mistake. */
export function asRoom(room: Partial<Room>): Room {
  if (typeof room.join === 'function' && typeof room.on === 'function' && Array.isArray(room.messages))
    return withoutVainMembers(room as Room);
  throw invalidArgument('show the room', '`room` must be the name of a room, or a ChatRoom');
}

/** Returns the room; one that was made with `events: false` without the members that can only fail in it. */
function withoutVainMembers(room: Room): Room {
  if (room.events !== false) return room;
  const known = plain.get(room);
  if (known) return known;
  const made = new Proxy(room, {
    get(target, name) {
      if (NEED_EVENTS.includes(name)) return undefined;
      // The fields of a class are private to the room itself.
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  plain.set(room, made);
  return made;
}
