import { assertText } from '../messages/compose.js';
import type { JsonObject, Message } from '../messages/message.js';
import { Emitter } from '../shared/emitter.js';
import { ChatError, invalidArgument } from '../shared/errors.js';
import { loadPart } from '../shared/load-part.js';
import { type ChatStats, NO_STATS } from '../shared/stats.js';
import type { ChatRoomEvents, Gap, RoomStatus, StatusReason } from './events.js';
import { type ChatRoomOptions, type ResolvedOptions, resolveOptions } from './options.js';
import type { RoomLog } from './room-log.js';
import type { RoomStorage } from './room-storage.js';
import type { OpenRuntime, RoomFace, RoomRuntime } from './runtime.js';
import type { SendOptions } from './send-options.js';

const NO_MESSAGES: readonly Message[] = [];

/** Loads the runtime; `action` completes "unable to …". */
type LoadRuntime = (action: string) => Promise<{ openRuntime: OpenRuntime }>;

/** A room of messages: what stands on the page before the first join loads the rest. */
export class MessageRoom extends Emitter<ChatRoomEvents> {
  /** The room's name. */
  readonly room: string;
  readonly #options: ResolvedOptions;
  readonly #load: LoadRuntime;
  /** From the first join on. */
  #runtime: RoomRuntime | undefined;
  #status: RoomStatus = 'idle';
  /** Identifies the current join, and is aborted by `leave()`. */
  #life: AbortController | undefined;
  #joining: Promise<void> | undefined;
  #changeAnnounced = false;
  readonly #hidden = new Set<string>();
  #logging: Promise<RoomLog> | undefined;
  #storing: Promise<RoomStorage> | undefined;

  /** Each entry of the package gives its own `load`, which says how to reach Momento. */
  constructor(options: ChatRoomOptions, load: LoadRuntime) {
    super();
    this.#load = load;
    this.#options = resolveOptions(options);
    this.room = this.#options.room;
  }

  /** The room's name, the same as `room`. */
  get name(): string {
    return this.room;
  }

  /** Where the room stands. */
  get status(): RoomStatus {
    return this.#status;
  }

  /** The messages in memory, oldest first. The same array until something changes, then a new one. */
  get messages(): readonly Message[] {
    return this.#runtime?.core.timeline.snapshot ?? NO_MESSAGES;
  }

  /**
   * Counts of what the room has done since it was made; see docs/observability.md.
   *
   * @example
   * ```ts
   * const { reconnects, gapsFilled, operations } = room.stats;
   * ```
   */
  get stats(): ChatStats {
    return this.#runtime?.stats.snapshot ?? NO_STATS;
  }

  /** Whether storage held older messages than those in memory when it was last read. */
  get hasOlder(): boolean {
    return this.#runtime?.core.hasOlder ?? false;
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
    if (this.#isJoined) return Promise.resolve();
    if (this.#joining !== undefined) return this.#joining;
    const life = new AbortController();
    this.#life = life;
    const joining = this.#enter(life);
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
    this.#life?.abort();
    const released = this.#release();
    if (this.#status !== 'idle') this.#setStatus('left', 'leave');
    await released;
  }

  /**
   * Sends a message. It is in `messages` at once, as `sending`; resolves with it once it is published *and* stored.
   * When it cannot be sent it is `failed`, stays in `messages`, and {@link retry} sends it again. One of which only the
   * answers were lost becomes `sent` (`update`) once it was seen to be published and stored.
   *
   * Rejects with a {@link ChatError}: at once with `invalid-argument` (empty or blank text, `meta` that is not
   * JSON), `message-too-large` (over `maxMessageBytes`, in bytes of UTF-8 once encoded), `not-joined` or
   * `rate-limited` (too many are waiting); later with whatever made it fail.
   *
   * @example
   * ```ts
   * await room.send('See you at ten', { replyTo: message.id, meta: { place: 'canteen' } });
   * ```
   */
  async send<Meta extends object = JsonObject>(
    text: string,
    options: SendOptions<Meta> = {},
  ): Promise<Message> {
    // As wrong in a room that is not joined.
    if (!options?.files) assertText(text);
    return this.joined('send the message').send(text, options);
  }

  /**
   * Sends a failed message again, with the same id and the same bytes.
   *
   * Rejects with a {@link ChatError}: `invalid-argument` when `id` is not that of a failed message, `not-joined`,
   * `rate-limited` (too many are waiting), or whatever made it fail again.
   */
  async retry(id: string): Promise<Message> {
    return this.joined('retry the message').core.retry(id);
  }

  /**
   * Drops a failed message.
   *
   * @throws `ChatError` `invalid-argument` when `id` is not that of a failed message.
   */
  discard(id: string): void {
    if (this.#runtime === undefined)
      throw invalidArgument('discard the message', 'nothing was sent from here');
    this.#runtime.core.discard(id);
  }

  /**
   * Loads up to `count` messages (default: `history.pageSize`) older than those in memory. When that makes more than
   * `history.maxInMemory`, the room keeps so many from then on; the oldest leave as new ones come, and can be loaded
   * again. Resolves with what it added, oldest first: an empty array when nothing older is stored.
   *
   * Rejects with a {@link ChatError}: `invalid-argument`, `not-joined`, or whatever made the reading fail.
   */
  async loadOlder(count?: number): Promise<readonly Message[]> {
    return this.joined('load older messages').core.loadOlder(count);
  }

  /** Ids of users whose messages are not shown here. */
  get hidden(): ReadonlySet<string> {
    return this.#hidden;
  }

  /**
   * Leaves a user out here: their messages out of `messages`, `pinned`, threads, events, search and pages, their words out of
   * quotes, their signals, and the user out of `typing` and `presence`. Others see them, and they are stored. Every message that claims to be of this user is left out, or that Momento vouches for as theirs; one's own
   * are shown. It holds for this room object, and over a reload where there is a `storage`.
   *
   * @throws `ChatError` `invalid-argument` when `userId` is not a string, or empty.
   */
  hide(userId: string): void {
    this.#setHidden(userId, 'hide');
  }

  /**
   * Shows a user's messages again.
   *
   * @throws `ChatError` `invalid-argument` when `userId` is not a string, or empty.
   */
  unhide(userId: string): void {
    this.#setHidden(userId, 'unhide');
  }

  #setHidden(userId: string, how: 'hide' | 'unhide'): void {
    if (typeof userId !== 'string' || userId === '')
      throw invalidArgument(`${how} the user`, 'the id must be a string that is not empty');
    const isHidden = how === 'hide';
    if (this.#hidden.has(userId) === isHidden) return;
    this.#hidden[isHidden ? 'add' : 'delete'](userId);
    this.#runtime?.refilter();
    this.#stored
      ?.then((stored) => stored.hide(userId, isHidden))
      .catch((error: ChatError) => this.#tell(error));
  }

  async #hideStored(stored: RoomStorage | undefined): Promise<void> {
    for (const id of (await stored?.hidden()) ?? []) this.#hidden.add(id);
    this.#runtime?.refilter();
  }

  /**
   * Reads the text that was being written when the page was closed, of the room or of the thread under `threadId`. Empty
   * without a `storage`.
   *
   * Rejects with a {@link ChatError} `invalid-argument` when `threadId` is not a string.
   */
  async loadDraft(threadId = ''): Promise<string> {
    assertStrings('load the draft', threadId);
    return (await this.#stored)?.draft(threadId) ?? '';
  }

  /**
   * Keeps the text that is being written, for {@link loadDraft}; an empty one removes it. Without a `storage` it does nothing.
   *
   * Rejects with a {@link ChatError} `invalid-argument` when one of the two is not a string.
   */
  async saveDraft(text: string, threadId = ''): Promise<void> {
    assertStrings('save the draft', text, threadId);
    await (await this.#stored)?.setDraft(text, threadId);
  }

  /** The part that survives the page, where the app gave a storage. */
  get #stored(): Promise<RoomStorage> | undefined {
    const { storage } = this.#options;
    this.#storing ??=
      storage &&
      loadPart('use the storage', () => import('./room-storage.js'), 'RoomStorage').then(
        ({ RoomStorage }) => new RoomStorage(storage, this.#options, (error) => this.#tell(error)),
      );
    this.#storing?.catch(() => {
      this.#storing = undefined;
    });
    return this.#storing;
  }

  get #isJoined(): boolean {
    return this.#status === 'joined' || this.#status === 'reconnecting';
  }

  /** @internal From the first join on. */
  protected get runtime(): RoomRuntime | undefined {
    return this.#runtime;
  }

  /** @internal Throws a ChatError `not-joined` unless the room is joined; `action` completes "unable to …". */
  protected joined(action: string): RoomRuntime {
    if (this.#runtime !== undefined && this.#isJoined) return this.#runtime;
    throw new ChatError('not-joined', `unable to ${action}; the room is ${this.#status}, call join() first`);
  }

  async #enter(life: AbortController): Promise<void> {
    try {
      const [{ openRuntime }, stored] = await Promise.all([this.#load('join the room'), this.#stored]);
      this.#assertCurrent(life);
      await this.#hideStored(stored);
      this.#assertCurrent(life);
      const runtime = this.#runtime ?? this.#open(openRuntime, stored);
      await runtime.join();
      // Without an id of the app's, only the token says who the user is.
      if (this.#options.user.id === undefined) await this.#hideStored(stored);
      this.#assertCurrent(life);
      this.#joining = undefined;
      if (runtime.lost) this.#setStatus('reconnecting', 'unreachable');
      else this.#setStatus('joined', 'subscribed');
    } catch (problem) {
      // The app ended it itself, as a component does that unmounts: there is nothing to tell.
      if (life.signal.aborted) return;
      if (this.#life === life) this.#giveUp(problem as ChatError);
      throw problem;
    }
  }

  #open(open: OpenRuntime, stored: RoomStorage | undefined): RoomRuntime {
    const face: RoomFace = {
      emit: (event, ...args) => {
        if (event === 'gap') this.#write((log) => log.gap(args[0] as Gap));
        if (event === 'error') this.#write((log) => log.error(args[0] as ChatError));
        this.emit(event, ...(args as never));
      },
      called: (rpc, call, monotonic) => this.#write((log) => log.called(rpc, call, monotonic)),
      change: () => this.#announceChange(),
      hides: ({ id = '' }, verifiedUserId = '') => this.#hidden.has(id) || this.#hidden.has(verifiedUserId),
      lost: (reason) => {
        if (this.#status === 'joined') this.#setStatus('reconnecting', reason);
      },
      recovered: () => this.#setStatus('joined', 'recovered'),
      failed: (error) => this.#giveUp(error),
    };
    const runtime = open(this.#options, face, stored);
    this.#runtime = runtime;
    this.listenersChanged();
    for (const name of this.#options.preload) runtime.features?.use(name).catch(() => {});
    return runtime;
  }

  /** The room cannot go on: everything is released, unsent messages fail, and the error is emitted. */
  #giveUp(error: ChatError): void {
    void this.#release(error);
    this.#setStatus('failed', 'error');
    this.#tell(error);
  }

  #tell(error: ChatError): void {
    this.#write((log) => log.error(error));
    this.emit('error', error);
  }

  /** Ends the join at once; resolves when no call is under way any more. */
  async #release(failure?: ChatError): Promise<void> {
    this.#life = undefined;
    this.#joining = undefined;
    await this.#runtime?.leave(failure);
  }

  #setStatus(status: RoomStatus, reason: StatusReason): void {
    const previous = this.#status;
    if (status === previous) return;
    this.#status = status;
    this.#write((log) => log.status(status, previous, reason));
    this.emit('status', status, previous, reason);
  }

  #write(line: (log: RoomLog) => void): void {
    const { room, logger } = this.#options;
    if (logger === undefined) return;
    this.#logging ??= loadPart('write the log', () => import('./room-log.js'), 'RoomLog').then(
      ({ RoomLog }) => new RoomLog(room, logger),
    );
    this.#logging.then(line, () => {
      this.#logging = undefined;
    });
  }

  #assertCurrent(life: AbortController): void {
    if (this.#life !== life) throw new ChatError('closed', 'unable to join the room; it was left');
  }

  #announceChange(): void {
    if (this.#changeAnnounced) return;
    this.#changeAnnounced = true;
    queueMicrotask(() => {
      this.#changeAnnounced = false;
      if (this.listenerCount('change') > 0) this.emit('change', this.messages);
    });
  }
}

function assertStrings(action: string, ...values: readonly unknown[]): void {
  if (values.some((value) => typeof value !== 'string')) throw invalidArgument(action, 'it takes strings');
}
