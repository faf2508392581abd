import type { ChatError, RoomSummary } from '../index.js';
import { ObservableValue } from '../shared/observable.js';
import type { Session } from './chat.js';
import { openDirectories } from './open-directories.js';
import { rejoined } from './rejoined.js';
import { GRACE_MS, SharedUse } from './shared-use.js';
import { stable, type View } from './view.js';

/** The visible state of the directory of rooms. */
export interface DirectoryState {
  /** The latest activity first; empty until it is open. */
  readonly rooms: readonly RoomSummary[];
  /** Why it could not be opened, or was closed, until it is opened again. */
  readonly error: ChatError | undefined;
}

/** So long after the grace a directory that could not be opened is opened again, if that may help (ms). */
const AGAIN_MS = 30_000;

const EMPTY: DirectoryState = { rooms: [], error: undefined };

const known = /* @__PURE__ */ new WeakMap<Session, DirectoryUi>();

/** The directory of a session as the adapters need it; the same for the same session. */
export function directoryOf(session: Session): DirectoryUi {
  const directory = known.get(session) ?? new DirectoryUi(session);
  known.set(session, directory);
  return directory;
}

/** The rooms that there are. The directory is open while somebody uses it. */
export class DirectoryUi {
  readonly state: View<DirectoryState>;
  readonly create: Session['rooms']['create'];
  readonly use: () => () => void;
  readonly #session: Session;
  readonly #error = new ObservableValue<ChatError | undefined>(undefined);
  readonly #isOpen = new ObservableValue(false);
  /** Undefined: it may be tried again. */
  #opening: Promise<void> | undefined;
  /** Why it could not be opened a moment ago. Errors that come before may be over by then. */
  #problem: ChatError | undefined;
  /** Until that is forgotten, and then until it is opened again. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Session) {
    const error = this.#error;
    this.#session = session;
    this.create = (name, options) => session.rooms.create(name, options);
    this.state = {
      get: stable(() => ({ rooms: session.rooms.list, error: error.get() })),
      subscribe: (listener) => {
        const tell = () => listener();
        session.on('rooms', tell);
        const stops = [error.subscribe(tell), this.#isOpen.subscribe(tell)];
        return () => {
          session.off('rooms', tell);
          for (const stop of stops) stop();
        };
      },
      empty: EMPTY,
    };
    this.use = new SharedUse(() => this.#open()).use;
  }

  /** Opens it without a component, until it is open and a moment longer; undefined: it is open. Throws why it could not be. */
  opened(): Promise<void> | undefined {
    if (this.#isOpen.get()) return undefined;
    if (this.#problem !== undefined) throw this.#problem;
    const end = this.use();
    // Others may have used it since it could not be opened.
    this.#opening ??= this.#try();
    return this.#opening.then(end);
  }

  #open(): () => void {
    const session = this.#session;
    const fail = (error: ChatError) => this.#error.set(error);
    session.on('error', fail);
    openDirectories.add(session);
    const stop = rejoined.subscribe(this.#again);
    this.#again();
    return () => {
      stop();
      session.off('error', fail);
      this.#isOpen.set(false);
      // The next one who asks opens it again.
      this.#forget();
      this.#error.set(undefined);
      openDirectories.delete(session);
      void session.rooms.close(this);
    };
  }

  readonly #again = (): void => {
    this.#opening = this.#try();
  };

  /** Opens it, or shares in an attempt that is under way. */
  #try(): Promise<void> {
    this.#forget();
    const opening: Promise<void> = this.#session.rooms.open(this).then(
      () => {
        if (this.#opening !== opening) return;
        this.#error.set(undefined);
        this.#isOpen.set(true);
      },
      (error: ChatError) => {
        if (this.#opening !== opening) return;
        this.#problem = error;
        this.#error.set(error);
        this.#timer = setTimeout(() => {
          this.#forget();
          if (error.retryable) this.#timer = setTimeout(this.#again, AGAIN_MS);
        }, GRACE_MS);
      },
    );
    return opening;
  }

  #forget(): void {
    clearTimeout(this.#timer);
    this.#problem = undefined;
    this.#opening = undefined;
  }
}
