import { DestroyRef, inject, type Signal, signal } from '@angular/core';
import type { ChatRoom, Message } from 'momento-chat';

/** The messages of a room. Call it in an injection context, as where a component's fields are set. */
export function messagesOf(room: ChatRoom): Signal<readonly Message[]> {
  const messages = signal(room.messages);
  const update = (now: readonly Message[]) => messages.set(now);
  room.on('change', update);
  inject(DestroyRef).onDestroy(() => room.off('change', update));
  return messages.asReadonly();
}
