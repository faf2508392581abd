import { ChatRoom } from 'momento-chat';
import { vi } from 'vitest';

/** The rooms that are joined from now on, so that those of a page can be left. `vi.restoreAllMocks()` ends it. */
export function watchRooms(): Set<ChatRoom> {
  const joined = new Set<ChatRoom>();
  const join = ChatRoom.prototype.join;
  vi.spyOn(ChatRoom.prototype, 'join').mockImplementation(function (this: ChatRoom) {
    joined.add(this);
    return join.call(this);
  });
  return joined;
}
