import { useEffect, useMemo } from 'react';
import type { ChatThread, RoomTyping } from '../index.js';
import type { ThreadActions, ThreadState } from '../ui/thread-ui.js';
import type { TypingState } from '../ui/typing-state.js';
import { useRoomUi } from './providers.js';
import { useView } from './use-view.js';

/** The replies under a message, and what can be done with them. */
export interface Thread extends ThreadState, ThreadActions, Pick<RoomTyping, 'keystroke' | 'stop'> {
  /** The others who are writing a reply. */
  readonly typing: TypingState;
  readonly mark: ChatThread['read']['mark'];
}

/**
 * The thread under a message, open while the component is there. It keeps its replies for three seconds longer.
 *
 * @example
 * ```tsx
 * const { root, messages, send } = useThread(message.id);
 * ```
 */
export function useThread(rootId: string): Thread {
  const ui = useRoomUi();
  const thread = useMemo(() => ui.thread(rootId), [ui, rootId]);
  const state = useView(thread.state);
  const typing = useView(thread.typing);
  useEffect(() => thread.use(), [thread]);
  return useMemo(() => {
    const { actions, mark, keystroke, stop } = thread;
    return { ...state, typing, ...actions, mark, keystroke, stop };
  }, [state, typing, thread]);
}
