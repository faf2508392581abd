import { RoomEventBus } from '../features/event-bus.js';
import type { ChatUser, Message } from '../messages/message.js';
import { MessageIds } from '../messages/message-id.js';
import { type Connection, FixedConnection } from '../session/connection.js';
import type { Environment } from '../session/environment.js';
import type { JoinedRoom } from '../session/room-directory.js';
import type { SessionRooms } from '../session/session-rooms.js';
import { TokenProvider } from '../session/token-provider.js';
import type { Scheduler } from '../shared/clock.js';
import { ChatError } from '../shared/errors.js';
import { neverComes } from '../shared/never-comes.js';
import { systemVisibility } from '../shared/page-visibility.js';
import { eventsTopic, messagesTopic } from '../shared/room-address.js';
import { Stats } from '../shared/stats.js';
import { RoomSync } from '../sync/room-sync.js';
import type { LossReason } from '../sync/subscription.js';
import { Troubles } from '../sync/troubles.js';
import { publish } from '../transport/operations/topics.js';
import type { CacheInput, Operation } from '../transport/transport.js';
import type { ChatRoomEvents } from './events.js';
import { RoomFeatureHost, type SharedCoreOptions } from './feature-host.js';
import { type Emit, STARTED_BY } from './feature-map.js';
import { deleteMessage, sendMessage } from './message-actions.js';
import type { ResolvedOptions } from './options.js';
import { roomCalls } from './room-calls.js';
import { RoomCore } from './room-core.js';
import { RoomFeatures } from './room-features.js';
import type { RoomStorage } from './room-storage.js';

/** The side of the room that stands on the page before anything is loaded. */
export interface RoomFace {
  emit: Emit;
  /** `messages` has a new value. */
  change(): void;
  /** Whether the app hides this user. */
  hides(user: ChatUser, verifiedUserId: string | undefined): boolean;
  /** The stream of a joined room was lost. */
  lost(reason: LossReason): void;
  recovered(): void;
  /** The room cannot go on. */
  failed(error: ChatError): void;
  /** A call is being made; `monotonic` reads a clock (milliseconds). */
  called(rpc: string, call: Promise<unknown>, monotonic: () => number): void;
}

/** Makes what a room loads when it is first joined. */
export type OpenRuntime = (options: ResolvedOptions, face: RoomFace, stored?: RoomStorage) => RoomRuntime;

/** All that a room loads when it is first joined: its messages, its features and, from join to leave, its connection. */
export class RoomRuntime {
  readonly core: RoomCore;
  readonly features: RoomFeatures | undefined;
  readonly stats: Stats;
  readonly #options: ResolvedOptions;
  readonly #environment: Environment;
  readonly #face: RoomFace;
  readonly #bus: RoomEventBus;
  /** Where a session's directory hears of the room, and what it sees of it. */
  readonly #session: SessionRooms | undefined;
  readonly #asJoined: JoinedRoom;
  /** The part that survives the page, where the app gave a storage. */
  readonly #stored: RoomStorage | undefined;
  /** Its wall clock can be compared with that of others. */
  readonly clock: Scheduler;
  #sync: RoomSync | undefined;
  #stopWatching = (): void => {};
  #pageGoes = false;
  /** Tells of events that are listened for in vain. */
  readonly #vain: Troubles;

  constructor(
    options: ResolvedOptions,
    environment: Environment,
    face: RoomFace,
    stored: RoomStorage | undefined,
  ) {
    this.#options = options;
    this.#stored = stored;
    this.#environment = environment;
    this.#face = face;
    this.#vain = new Troubles((error) => face.emit('error', error));
    const { room, cache, history, access } = options;
    if ('session' in access && access.session.cache === cache) this.#session = access.session.joinedRooms;
    this.stats = new Stats('session' in access ? access.session.counts : undefined);
    this.#asJoined = {
      room,
      userId: () => this.author().id,
      messages: () => this.core.timeline.snapshot,
      unread: () => this.features?.running('read')?.unread,
      startReading: () => void this.features?.use('read').catch(() => {}),
    };
    const clock = this.#clock(environment.scheduler);
    this.clock = clock;
    const ids = new MessageIds(clock);
    const author = () => this.author();
    const messages: SharedCoreOptions = {
      ...options,
      clock,
      ids,
      author,
      isMine: (userId, verifiedUserId) => this.#isMine(userId, verifiedUserId),
      tokenUserId: () => this.#sync?.userId,
      count: this.stats.count,
    };
    const unreachable = () => this.#sync?.checkSoon();
    this.core = new RoomCore({
      ...messages,
      calls: roomCalls(options, (operation, input, action) => this.#call(operation, input, action)),
      beforeShow: options.events ? async (ids) => this.features?.host.beforeShow(ids) : undefined,
      sink: {
        message: (message) => {
          this.features?.host.listeners.message(message);
          face.emit('message', message);
          this.#tellSession(message);
        },
        update: (message) => {
          face.emit('update', message);
          this.#tellSession(message);
        },
        history: (page) => face.emit('history', page),
        change: () => {
          face.change();
          this.features?.host.listeners.changed();
          this.#tellSession();
        },
        gap: ({ filled, complete }) => face.emit('gap', { filled: filled.length, complete }),
        error: (error) => face.emit('error', error),
        needsResync: () => this.#sync?.resync(),
        unreachable,
      },
    });
    this.core.timeline.filter(({ own, user, verifiedUserId }) => own || !face.hides(user, verifiedUserId));
    this.core.sender.outbox.kept = stored?.kept;
    const isOwn = (user: ChatUser, verifiedUserId: string | undefined) =>
      this.#isMine(user.id, verifiedUserId);
    this.#bus = new RoomEventBus({
      publish: (value, { action, once, keepalive }) =>
        this.#host(action).call(
          publish,
          { topic: eventsTopic(room), value },
          {
            action,
            ...(once ? { once } : {}),
            ...(keepalive ? { keepalive } : {}),
          },
        ),
      ids,
      author,
      isOwn,
      clock,
      onMalformed: (payload) => this.core.malformed.live(payload, 'it is not an event'),
    });
    if (!options.events) return;
    const host = new RoomFeatureHost({
      cache,
      ttlSeconds: history.ttlSeconds,
      mayDelete: options.mayDelete,
      patienceMs: options.retry.timeoutMs,
      messages,
      files: options.files,
      unreachable,
      visibility: environment.visibility,
      events: this.#bus,
      core: this.core,
      isOwn,
      hides: face.hides,
      onError: (error) => face.emit('error', error),
    });
    this.features = new RoomFeatures(host, (event, ...args) => {
      face.emit(event, ...args);
      if (event === 'read') this.#tellSession();
    });
  }

  /** Whether there is no live stream at the moment. */
  get lost(): boolean {
    return this.#sync?.lost ?? true;
  }

  /** Resolves when the room is joined, and `lost` may be true by then. Rejects with a {@link ChatError}. */
  async join(): Promise<void> {
    const sync = this.#newSync();
    this.#sync = sync;
    const { visibility = systemVisibility } = this.#environment;
    this.#stopWatching = visibility.watch((state) => {
      this.#pageGoes = state === 'pagehide' || (this.#pageGoes && state === 'hidden');
      if (this.#pageGoes) for (const core of this.#cores()) core.resume();
    });
    this.features?.host.begin(sync);
    this.#stored?.join(this);
    await sync.begin();
    if (this.#sync !== sync) return;
    this.features?.host.joined();
    this.#stored?.go();
    this.#session?.joined.add(this.#asJoined);
    this.#tellSession();
  }

  send(text: unknown, options: unknown): Promise<Message> {
    return sendMessage(this.core, text, options);
  }

  /** `joined` throws unless the room is joined and has features. */
  delete(id: string, joined: () => RoomFeatures): Promise<void> {
    return deleteMessage({ core: this.core, features: this.features, joined }, id);
  }

  /** Somebody listens for `event`: what it is for is started. Of one that never comes an error says so, once. */
  listened(event: keyof ChatRoomEvents): void {
    if (!Object.hasOwn(STARTED_BY, event)) this.#vain.tell(neverComes(event));
    else if (this.features !== undefined) this.features.listened(event);
    else if (STARTED_BY[event] !== undefined)
      this.#vain.tell(neverComes(event, 'the room was made with `events: false`', 'feature-disabled'));
  }

  /**
   * Ends the current join at once, on behalf of the app or because of a failure. Resolves when no call is under way any
   * more.
   */
  async leave(failure?: ChatError): Promise<void> {
    const sync = this.#sync;
    const host = this.features?.host;
    const leaving = failure === undefined ? host?.leaving() : undefined;
    const why = whyOver(failure);
    host?.end(why);
    this.#stopWatching();
    this.#stopWatching = () => {};
    this.#sync = undefined;
    if (this.#session?.joined.delete(this.#asJoined)) this.#session.noticed(this.#asJoined);
    const closing = this.#cores().map((core) => core.close(why));
    // Not after the last words: another join may have begun by then.
    const ending = this.#stored?.end();
    await leaving;
    sync?.end();
    await Promise.all([...closing, sync?.drained(), ending]);
  }

  /** The messages of the room, and those of its open threads. */
  #cores(): RoomCore[] {
    return [this.core, ...(this.features?.host.cores ?? [])];
  }

  /** The app wants to see others than before. */
  refilter(): void {
    for (const { timeline } of this.#cores()) timeline.refilter();
    this.features?.host.hiddenChanged();
  }

  #tellSession(message?: Message): void {
    if (this.#session?.joined.has(this.#asJoined)) this.#session.noticed(this.#asJoined, message);
  }

  #newSync(): RoomSync {
    const { room, cache, history, events } = this.#options;
    const current = (act: () => void) => {
      if (this.#sync === sync) act();
    };
    const sync = new RoomSync({
      room,
      topic: { cache, topic: messagesTopic(room) },
      environment: this.#environment,
      connection: this.#connection(),
      read: (how) => this.core.read(how),
      maxStored: history.maxStored,
      events: {
        item: (item) => current(() => this.core.receive(item)),
        caughtUp: (caughtUp) => current(() => this.core.caughtUp(caughtUp)),
        live: () =>
          current(() => {
            for (const core of this.#cores()) core.resume();
          }),
        lost: (reason) =>
          current(() => {
            // A browser ends the streams of a page that goes away. That is no reason to wait with the page's last words.
            if (!this.#pageGoes) for (const core of this.#cores()) core.pause();
            this.stats.lost(reason);
            this.#face.lost(reason);
          }),
        recovered: () =>
          current(() => {
            this.features?.host.wake();
            this.#stored?.go();
            this.#face.recovered();
          }),
        trouble: (error) => current(() => this.#face.emit('error', error)),
        failed: (error) => current(() => this.#face.failed(error)),
        called: (rpc, call) => {
          this.stats.count('operations');
          this.#face.called(rpc, call, () => this.#environment.scheduler.monotonic());
        },
      },
    });
    if (events)
      sync.watch(eventsTopic(room), {
        item: (item) => current(() => this.#bus.receive(item)),
        missed: () => current(() => this.features?.host.resync()),
      });
    return sync;
  }

  #connection(): Connection {
    const { access } = this.#options;
    const environment = this.#environment;
    if ('clients' in access) return new FixedConnection(access.clients, environment);
    if ('session' in access) return access.session.openConnection();
    return new TokenProvider({
      source: access.token,
      environment,
      onRequest: () => this.stats.count('tokens'),
    });
  }

  #call<Input extends CacheInput, Output>(
    operation: Operation<Input, Output>,
    input: Input,
    action: string,
  ): Promise<Output> {
    const sync = this.#sync;
    if (sync !== undefined) return sync.call(operation, input, action);
    return Promise.reject(new ChatError('closed', `unable to ${action}; the room was left`));
  }

  #host(action: string): RoomFeatureHost {
    if (this.features !== undefined) return this.features.host;
    throw new ChatError('feature-disabled', `unable to ${action}; the room was made with \`events: false\``);
  }

  /** A clock whose wall time others can be compared with: it takes the server's word once there is one. */
  #clock(scheduler: Scheduler): Scheduler {
    return {
      now: () => this.#sync?.now() ?? scheduler.now(),
      monotonic: () => scheduler.monotonic(),
      random: () => scheduler.random(),
      after: (ms, task, options) => scheduler.after(ms, task, options),
    };
  }

  /** The room's user; the id of the token where the app gave none. */
  author(): ChatUser {
    const { user } = this.#options;
    const id = user.id ?? this.#sync?.userId;
    return id === undefined ? { name: user.name } : { id, name: user.name };
  }

  /** A sender may claim any user id; when Momento vouches for another, the claim is void. */
  #isMine(userId: string | undefined, verifiedUserId: string | undefined): boolean {
    const own = this.#options.user.id ?? this.#sync?.userId;
    if (own === undefined || userId !== own) return false;
    return verifiedUserId === undefined || verifiedUserId === own;
  }
}

/** Says in the errors of what was under way why the join is over. */
function whyOver(failure: ChatError | undefined): string {
  if (failure === undefined) return 'the room was left';
  return failure.code === 'closed' ? 'the session was closed' : `the room failed: ${failure.code}`;
}
