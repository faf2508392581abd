'use client';

import type { ChatRoom } from '../index.js';
import { uiOf } from '../ui/room-ui.js';
import { type Messages, useMessages as useMessagesNow } from './messages.js';
import { useRoom } from './providers.js';
import { type Rooms, useDirectory, useRooms as useRoomsNow } from './rooms.js';

const joining = /* @__PURE__ */ new WeakMap<ChatRoom, Promise<void>>();

/**
 * The messages of the room, as `useMessages` of `momento-chat/react` gives them. Suspends until the room is joined for the
 * first time, and throws the `ChatError` when that failed: a boundary that tries again calls `room.join()` before. On a
 * server it gives an empty room.
 *
 * The `ChatProvider` of a token function stands outside of the `Suspense` boundary.
 */
export function useMessages(): Messages {
  const room = useRoom();
  if (typeof document !== 'undefined') assertJoined(room);
  return useMessagesNow();
}

function assertJoined(room: ChatRoom): void {
  if (room.messages.length > 0) return;
  const { use, connection } = uiOf(room);
  if (room.status === 'idle' || room.status === 'joining') throw joining.get(room) ?? join(room, use);
  const { error } = connection.get();
  if (room.status === 'failed' && error !== undefined) throw error;
}

/** Joins without a component: one that suspends when it is first rendered is never mounted. */
function join(room: ChatRoom, use: () => () => void): Promise<void> {
  const end = use();
  const done = room
    .join()
    .catch(() => {})
    .then(() => {
      joining.delete(room);
      end();
    });
  joining.set(room, done);
  return done;
}

/**
 * The rooms that there are, as `useRooms` of `momento-chat/react` gives them. Suspends until their directory is open, and throws
 * the `ChatError` when that failed.
 */
export function useRooms(): Rooms {
  const directory = useDirectory();
  const opening = typeof document === 'undefined' ? undefined : directory.opened();
  if (opening !== undefined) throw opening;
  return useRoomsNow();
}
