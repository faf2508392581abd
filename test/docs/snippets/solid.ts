import type { ChatRoom, Message } from 'momento-chat';
import { type Accessor, from } from 'solid-js';

/** The messages of a room. Call it where Solid can clean up, as in a component. */
export function messagesOf(room: ChatRoom): Accessor<readonly Message[]> {
  return from<readonly Message[]>((set) => {
    const update = (messages: readonly Message[]) => void set(() => messages);
    room.on('change', update);
    return () => room.off('change', update);
  }, room.messages);
}
