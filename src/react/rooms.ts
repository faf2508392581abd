import { useEffect, useMemo } from 'react';
import { type DirectoryState, type DirectoryUi, directoryOf } from '../ui/directory-ui.js';
import { useChat } from './providers.js';
import { useView } from './use-view.js';

/** The rooms that there are, and the way to list one more. */
export interface Rooms extends DirectoryState, Pick<DirectoryUi, 'create'> {}

/**
 * The rooms that there are, joined or not, of the session of the `ChatProvider` around. Their directory is open while the
 * component is there.
 *
 * @example
 * ```tsx
 * const { rooms } = useRooms();
 * return rooms.map(({ name, title, unread }) => <li key={name}>{title ?? name} ({unread})</li>);
 * ```
 */
export function useRooms(): Rooms {
  const directory = useDirectory();
  const { rooms, error } = useView(directory.state);
  useEffect(() => directory.use(), [directory]);
  const { create } = directory;
  return useMemo(() => ({ rooms, error, create }), [rooms, error, create]);
}

export function useDirectory(): DirectoryUi {
  return directoryOf(useChat('useRooms').session);
}
