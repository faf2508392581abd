import type { Message } from '../messages/message.js';
import { Emitter } from '../shared/emitter.js';
import { ChatError, unable } from '../shared/errors.js';
import { loadOnce } from '../shared/load-once.js';
import { loadPart } from '../shared/load-part.js';
import type { ChatRoomEvents, RoomStatus, StatusReason } from './events.js';
import type { Emit } from './feature-map.js';
import { type ChatRoomOptions, type CheckedOptions, checkOptions } from './options.js';
import type { RoomFace } from './room-face.js';
import type { RoomLog } from './room-log.js';
import type { RoomStorage } from './room-storage.js';
import type { OpenRuntime, RoomRuntime } from './runtime.js';

export const NO_MESSAGES: readonly Message[] = [];

type LoadRuntime = () => Promise<{ openRuntime: OpenRuntime }>;

/** A room that is joined and left: what stands on the page before the first join loads the rest. */
export class JoinableRoom extends Emitter<ChatRoomEvents> {
  /** The room's name. */
  readonly room: string;
  readonly #options: CheckedOptions;
  /** Makes the runtime, once. */
  readonly #open: () => Promise<RoomRuntime>;
  /** @internal From the first join on. */
  protected runtime: RoomRuntime | undefined;
  #status: RoomStatus = 'idle';
  /** Ends with the join: by an error, or by `leave()`. */
  #life: AbortController | undefined;
  /** From `join()` on until the join has failed or the room is left. */
  #joining: Promise<void> | undefined;
  readonly #log: (() => Promise<RoomLog>) | undefined;
  readonly #write: RoomFace['write'] = (line) => void this.#log?.().then(line, () => {});
  /** @internal Emits an event, and writes it to the log. */
  protected readonly tell: Emit = (event, ...args) => {
    this.#write((log) => log.emitted(event, args));
    this.emit(event, ...(args as never));
  };
  /** @internal Ids of users who are not shown here. */
  protected readonly hiddenIds = new Set<string>();
  /** @internal Loads the part that survives the page, where the app gave a storage. */
  protected readonly storage: (() => Promise<RoomStorage>) | undefined;

  /** Each entry of the package gives its own `load`, which says how to reach Momento. */
  constructor(options: ChatRoomOptions, load: LoadRuntime) {
    super();
    const checked = checkOptions(options);
    const { room, logger, storage } = checked;
    this.#options = checked;
    this.room = room;
    this.#open = loadOnce(() => this.#openRuntime(load));
    this.#log =
      logger &&
      loadOnce(() =>
        loadPart('write the log', () => import('./room-log.js'), 'RoomLog').then(
          ({ RoomLog }) => new RoomLog(room, logger),
        ),
      );
    this.storage =
      storage &&
      loadOnce(() =>
        loadPart('use the storage', () => import('./room-storage.js'), 'RoomStorage').then(
          ({ RoomStorage }) => new RoomStorage(storage, checked, (error) => this.tell('error', error)),
        ),
      );
  }

  /** The room's name, the same as `room`. */
  get name(): string {
    return this.room;
  }

  /** Whether the room has features besides messages: the option of that name. */
  get events(): boolean {
    return this.#options.events;
  }

  /** Where the room stands. */
  get status(): RoomStatus {
    return this.#status;
  }

  /** The messages in memory, oldest first. The same array until something changes, then a new one. */
  get messages(): readonly Message[] {
    return this.runtime?.core.timeline.snapshot ?? NO_MESSAGES;
  }

  /**
   * Subscribes and loads the newest page of history; after an earlier visit it loads what was missed instead.
   * Calls while it is under way share it; in a joined room it does nothing. Token, subscription and history are each
   * tried for some 15 seconds before it gives up; meanwhile `error` tells why an attempt failed, each trouble once. The room
   * may be `reconnecting` when it resolves.
   *
   * Rejects with a {@link ChatError}: `token-unavailable`, `unauthenticated`, `permission-denied`,
   * `cache-not-found`, `rate-limited`, `timeout`, `network`, `server`, `invalid-argument` (the name of the cache, a
   * relative token URL where there is no page, a `token` where there is no XMLHttpRequest), what a token function threw,
   * or `closed` when the session was closed. When `leave()` comes between it resolves, and `status` is not `joined`: a
   * component that unmounts has nothing to catch.
   */
  join(): Promise<void> {
    if (this.#joining !== undefined) return this.#joining;
    const life = new AbortController();
    this.#life = life;
    const joining = this.#enter(life.signal);
    this.#joining = joining;
    // Told last: a listener may join or leave at once.
    this.#setStatus('joining', 'join');
    return joining;
  }

  /**
   * Releases everything: no timer, socket or listener of the library survives. Unsent messages fail with `closed` and stay
   * in `messages`; `join()` may follow.
   */
  async leave(): Promise<void> {
    const released = this.#release();
    if (this.#status !== 'idle') this.#setStatus('left', 'leave');
    await released;
  }

  get #isJoined(): boolean {
    return this.#status === 'joined' || this.#status === 'reconnecting';
  }

  /** @internal Throws a ChatError `not-joined` unless the room is joined; `action` completes "unable to …". */
  protected joined(action: string): RoomRuntime {
    if (this.runtime !== undefined && this.#isJoined) return this.runtime;
    throw unable('not-joined', action, `the room is ${this.#status}, await join() first`);
  }

  async #enter(signal: AbortSignal): Promise<void> {
    try {
      const runtime = await this.#open();
      await runtime.join(signal);
      // It may have been left in the turn in which the join ended.
      signal.throwIfAborted();
      if (runtime.lost) this.#setStatus('reconnecting', 'unreachable');
      else this.#setStatus('joined', 'subscribed');
    } catch (problem) {
      // The app ended it itself, as a component does that unmounts: there is nothing to tell.
      if (signal.aborted && !(signal.reason instanceof ChatError)) return;
      if (!signal.aborted) this.#giveUp(problem as ChatError);
      throw problem;
    }
  }

  async #openRuntime(load: LoadRuntime): Promise<RoomRuntime> {
    const [{ openRuntime }, stored] = await Promise.all([load(), this.storage?.()]);
    const face: RoomFace = {
      emit: this.tell,
      events: () => this.eventNames(),
      hidden: this.hiddenIds,
      write: this.#write,
      turned: (status, reason) => {
        if (this.#isJoined) this.#setStatus(status, reason);
      },
      failed: (error) => this.#giveUp(error),
    };
    const runtime = openRuntime(this.#options, face, stored);
    this.runtime = runtime;
    return runtime;
  }

  /** The room cannot go on: everything is released, unsent messages fail, and the error is emitted. */
  #giveUp(error: ChatError): void {
    void this.#release(error);
    this.#setStatus('failed', 'error');
    this.tell('error', error);
  }

  /** Ends the join at once; resolves when no call is under way any more. */
  async #release(failure?: ChatError): Promise<void> {
    this.#life?.abort(failure);
    this.#joining = undefined;
    await this.runtime?.leave(failure);
  }

  #setStatus(status: RoomStatus, reason: StatusReason): void {
    const previous = this.#status;
    if (status === previous) return;
    this.#status = status;
    this.tell('status', status, previous, reason);
  }
}
