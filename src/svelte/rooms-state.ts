import type { ChatError, RoomSummary } from '../index.js';
import type { Session } from '../ui/chat.js';
import { type DirectoryState, directoryOf } from '../ui/directory-ui.js';
import { tracked } from './tracked.js';

/** The rooms that there are, as state of Svelte 5. Their directory is open while a template or an effect reads it. */
export class RoomsState {
  readonly create: Session['rooms']['create'];
  readonly #state: () => DirectoryState;

  constructor(session: Session) {
    const { state, use, create } = directoryOf(session);
    this.create = create;
    this.#state = tracked(state, use);
  }

  /** The latest activity first; empty until the directory is open. */
  get list(): readonly RoomSummary[] {
    return this.#state().rooms;
  }

  /** Why the directory could not be opened, or was closed, until it is opened again. */
  get error(): ChatError | undefined {
    return this.#state().error;
  }
}
