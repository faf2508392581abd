import { type ReadonlySignal, signal } from '@preact/signals-core';
import type { ChatRoom, Message } from 'momento-chat';

/** The messages of a room, and what ends the listening. */
export function messagesOf(room: ChatRoom): [ReadonlySignal<readonly Message[]>, () => void] {
  const messages = signal(room.messages);
  const update = (now: readonly Message[]) => {
    messages.value = now;
  };
  room.on('change', update);
  return [messages, () => room.off('change', update)];
}
