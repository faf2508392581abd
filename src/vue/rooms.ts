import { computed, type ShallowRef } from 'vue';
import type { ChatError, RoomSummary } from '../index.js';
import type { Session } from '../ui/chat.js';
import { type DirectoryUi, directoryOf } from '../ui/directory-ui.js';
import { follow, useSession, useView } from './chat.js';

/** The rooms that there are, and the way to list one more. */
export interface Rooms extends Pick<DirectoryUi, 'create'> {
  /** The latest activity first; empty until their directory is open. */
  readonly rooms: Readonly<ShallowRef<readonly RoomSummary[]>>;
  /** Why the directory could not be opened, or was closed, until it is opened again. */
  readonly error: Readonly<ShallowRef<ChatError | undefined>>;
}

/** The rooms that there are, joined or not. Their directory is open as long as the scope lives. */
export function useRooms(session?: Session): Rooms {
  const current = useSession(session);
  const directory = () => directoryOf(current());
  const state = useView(() => directory().state);
  follow(directory, ({ use }) => use());
  return {
    rooms: computed(() => state.value.rooms),
    error: computed(() => state.value.error),
    create: (name, options) => directory().create(name, options),
  };
}
