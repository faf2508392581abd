import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { Message } from '../index.js';
import type { RoomActions } from '../ui/room-ui.js';
import { useRoomUi } from './providers.js';
import { useView } from './use-view.js';

/** The messages of a room, and what can be done with them. */
export interface Messages extends RoomActions {
  /** Those in memory, oldest first. The same array, and each message the same object, until it changes. */
  readonly messages: readonly Message[];
  /** Whether storage held older messages than those in memory when it was last read. */
  readonly hasOlder: boolean;
}

/**
 * The messages of the room. Wrap a row of the list in `memo`, or let it ask with {@link useMessage}: then a new message
 * renders one row.
 *
 * @example
 * ```tsx
 * const { messages, send } = useMessages();
 * ```
 */
export function useMessages(): Messages {
  const { actions, messages, hasOlder } = useRoomUi();
  const list = useView(messages);
  const older = useView(hasOlder);
  return useMemo(() => ({ messages: list, hasOlder: older, ...actions }), [list, older, actions]);
}

/** The message with that id; undefined while it is not in memory. Renders when that message changes, and only then. */
export function useMessage(id: string): Message | undefined {
  const ui = useRoomUi();
  const get = useCallback(() => ui.message(id), [ui, id]);
  return useSyncExternalStore(ui.messages.subscribe, get, () => undefined);
}
