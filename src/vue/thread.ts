import { computed, type MaybeRefOrGetter, type ShallowRef, toValue } from 'vue';
import type { ChatThread, RoomTyping } from '../index.js';
import { THREAD_ACTIONS, type ThreadActions, type ThreadState } from '../ui/thread-ui.js';
import type { TypingState } from '../ui/typing-state.js';
import { boundTo, follow, type RoomSource, useUi, useView } from './chat.js';

type Refs<T> = { readonly [Name in keyof T]: Readonly<ShallowRef<T[Name]>> };

/** The replies under a message, and what can be done with them. */
export interface Thread extends Refs<ThreadState>, ThreadActions, Pick<RoomTyping, 'keystroke' | 'stop'> {
  /** The others who are writing a reply. */
  readonly typing: Readonly<ShallowRef<TypingState>>;
  readonly mark: ChatThread['read']['mark'];
}

/** The thread under a message, open as long as the scope lives. It keeps its replies for three seconds longer. */
export function useThread(rootId: MaybeRefOrGetter<string>, room?: RoomSource): Thread {
  const ui = useUi(room);
  const thread = () => ui().thread(toValue(rootId));
  const state = useView(() => thread().state);
  follow(thread, (current) => current.use());
  return {
    root: computed(() => state.value.root),
    messages: computed(() => state.value.messages),
    hasOlder: computed(() => state.value.hasOlder),
    unread: computed(() => state.value.unread),
    error: computed(() => state.value.error),
    typing: useView(() => thread().typing),
    ...boundTo(() => thread().actions, THREAD_ACTIONS),
    ...boundTo(thread, ['mark', 'keystroke', 'stop']),
  };
}
