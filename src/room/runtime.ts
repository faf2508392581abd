import { SendGate } from '../delivery/send-gate.js';
import { textToSend } from '../messages/compose.js';
import type { ChatUser, JsonObject, Message, SendExtras } from '../messages/message.js';
import { MessageIds } from '../messages/message-id.js';
import type { Environment } from '../session/environment.js';
import { openConnection } from '../session/open-connection.js';
import type { JoinedRoom } from '../session/room-directory.js';
import type { SessionRooms } from '../session/session-rooms.js';
import { type Scheduler, withWallClock } from '../shared/clock.js';
import { type ChatError, invalidArgument, unable } from '../shared/errors.js';
import { isObject } from '../shared/is-object.js';
import { onAbort } from '../shared/on-abort.js';
import { oncePerTurn } from '../shared/once-per-turn.js';
import { systemVisibility } from '../shared/page-visibility.js';
import { eventsTopic, messagesTopic } from '../shared/room-address.js';
import { Stats } from '../shared/stats.js';
import { RoomSync } from '../sync/room-sync.js';
import { Troubles } from '../sync/troubles.js';
import type { CacheInput, Operation } from '../transport/transport.js';
import { type ResolvedOptions, withDefaults } from './defaults.js';
import { startedBy } from './feature-map.js';
import { hiddenUsers } from './hidden-users.js';
import type { CheckedOptions } from './options.js';
import { ownUser } from './own-user.js';
import { roomCalls } from './room-calls.js';
import { RoomCore } from './room-core.js';
import type { RoomFace } from './room-face.js';
import { RoomFeatures } from './room-features.js';
import type { RoomStorage } from './room-storage.js';
import { whyOver } from './why-over.js';

/** Makes what a room loads when it is first joined. */
export type OpenRuntime = (options: CheckedOptions, face: RoomFace, stored?: RoomStorage) => RoomRuntime;

/** All that a room loads when it is first joined: its messages, its features and, from join to leave, its connection. */
export class RoomRuntime {
  readonly core: RoomCore;
  readonly features: RoomFeatures | undefined;
  readonly stats: Stats;
  readonly #options: ResolvedOptions;
  readonly #environment: Environment;
  readonly #face: RoomFace;
  /** Where a session's directory hears of the room, and what it sees of it. */
  readonly #session: SessionRooms | undefined;
  readonly #asJoined: JoinedRoom;
  /** The part that survives the page, where the app gave a storage. */
  readonly #stored: RoomStorage | undefined;
  /** Its wall clock can be compared with that of others: it takes the server's word once there is one. */
  readonly clock: Scheduler;
  /** Returns the room's user, with the id of the token where the app gave none. */
  readonly author: () => ChatUser;
  #sync: RoomSync | undefined;
  /** Holds back what is sent while the connection is lost. */
  readonly #gate: SendGate;
  #leaving: Promise<void> | undefined;
  /** Tells of events that are listened for in vain. */
  readonly #vain: Troubles;

  constructor(checked: CheckedOptions, environment: Environment, face: RoomFace, stored?: RoomStorage) {
    const options = withDefaults(checked);
    this.#options = options;
    this.#stored = stored;
    this.#environment = environment;
    this.#face = face;
    this.#vain = new Troubles((error) => face.emit('error', error));
    const { room, cache } = options;
    const { session } = options.access;
    if (session?.cache === cache) this.#session = session.joinedRooms;
    this.stats = new Stats(session?.counts);
    this.#asJoined = {
      room,
      userId: () => this.author().id,
      messages: () => this.core.timeline.snapshot,
      unread: () => this.features?.running('read')?.unread,
      startReading: () => this.features?.start('read'),
    };
    const { scheduler } = environment;
    const clock = withWallClock(scheduler, () => this.#sync?.now() ?? scheduler.now());
    const ids = new MessageIds(clock);
    const tokenUserId = () => this.#sync?.userId;
    const gate = new SendGate(clock);
    this.#gate = gate;
    const { author, isOwn } = ownUser(options.user, tokenUserId);
    this.clock = clock;
    this.author = author;
    const { hides, filter } = hiddenUsers(face.hidden);
    const { count } = this.stats;
    const shared = { ...options, filter, clock, ids, gate, author, isOwn, tokenUserId, count };
    const unreachable = () => this.#sync?.doubt('unanswered');
    const announce = oncePerTurn(() => {
      // Making the array is not for nobody.
      if (face.events().includes('change')) face.emit('change', this.core.timeline.snapshot);
    });
    this.core = new RoomCore({
      ...shared,
      calls: roomCalls(options, (operation, input, action) => this.#call(operation, input, action)),
      beforeShow: options.events ? async (ids) => this.features?.host.readings.beforeShow(ids) : undefined,
      sink: {
        message: (message) => {
          this.features?.host.listeners.message.tell(message);
          face.emit('message', message);
          this.#tellSession(message);
        },
        update: (message) => {
          face.emit('update', message);
          this.#tellSession(message);
        },
        history: (page) => face.emit('history', page),
        change: () => {
          announce();
          this.features?.host.listeners.change.tell();
          this.#tellSession();
        },
        gap: ({ filled, complete }) => face.emit('gap', { filled: filled.length, complete }),
        error: (error) => face.emit('error', error),
        needsResync: () => this.#sync?.doubt('unclear'),
        unreachable,
      },
    });
    this.core.sender.outbox.kept = stored?.kept;
    if (!options.events) return;
    const parts = { core: this.core, visibility: environment.visibility, unreachable, hides };
    this.features = new RoomFeatures({ ...shared, ...parts }, (event, ...args) => {
      face.emit(event, ...args);
      if (event === 'read') this.#tellSession();
    });
  }

  /** Whether there is no live stream at the moment. */
  get lost(): boolean {
    return this.#sync?.lost ?? true;
  }

  /**
   * Resolves when the room is joined, and `lost` may be true by then. Rejects with a {@link ChatError}, or with the reason of
   * `signal`, which ends the join.
   */
  async join(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#restoreHidden();
    signal.throwIfAborted();
    const sync = this.#newSync();
    this.#sync = sync;
    const { visibility = systemVisibility } = this.#environment;
    onAbort(signal, this.#gate.watch(visibility));
    this.features?.host.begin(sync);
    this.#stored?.join(this);
    const joining = sync.begin();
    for (const name of this.#options.preload) this.features?.start(name);
    this.listened();
    await joining;
    signal.throwIfAborted();
    this.features?.host.joined();
    this.#stored?.go();
    this.#session?.entered(this.#asJoined);
    // Without an id of the app's, only the token says who the user is.
    if (this.#options.user.id === undefined) await this.#restoreHidden();
    signal.throwIfAborted();
  }

  async send(text: unknown, options: unknown = {}): Promise<Message> {
    if (!isObject(options)) throw invalidArgument('send the message', 'its options are not an object');
    const extras = options as SendExtras & { meta?: JsonObject | undefined };
    return this.core.send(textToSend(text, extras.files), extras);
  }

  /** Deletes a message of the room, or of a thread of it. `assertJoined` throws unless the room is joined. */
  async delete(id: string, action: string, assertJoined: () => void): Promise<void> {
    const message = this.core.timeline.get(id);
    if (message?.status === 'failed') {
      this.core.discard(id);
      // It may have been published or stored all the same.
      return this.features?.bury(id);
    }
    assertJoined();
    await this.featuresTo(action).delete(id, message);
  }

  /** Throws a ChatError `feature-disabled` where the room has none; `action` completes "unable to …". */
  featuresTo(action: string): RoomFeatures {
    if (this.features !== undefined) return this.features;
    throw unable('feature-disabled', action, `the room was made with \`events: false\``);
  }

  /** Starts the features whose events somebody listens for. An error says once of an event that never comes. */
  listened(): void {
    for (const event of this.#face.events()) {
      try {
        const name = startedBy(event);
        if (name !== undefined) this.featuresTo(`listen for \`${event}\``).start(name);
      } catch (problem) {
        this.#vain.tell(problem as ChatError);
      }
    }
  }

  /** Ends the current join at once, for the app or because of a failure. Resolves when no call is under way any more. */
  leave(failure?: ChatError): Promise<void> {
    // A second call, or one after a failure, waits for the first as well.
    this.#leaving = Promise.all([this.#leaving, this.#leave(failure)]).then(() => {});
    return this.#leaving;
  }

  async #leave(failure: ChatError | undefined): Promise<void> {
    const sync = this.#sync;
    const host = this.features?.host;
    const leaving = failure === undefined ? host?.leaving() : undefined;
    const why = whyOver(failure);
    this.features?.end(why);
    this.#sync = undefined;
    this.#session?.left(this.#asJoined, leaving);
    for (const core of this.#cores()) core.close(why);
    this.#gate.resume();
    // Not after the last words: another join may have begun by then.
    const ending = this.#stored?.end();
    await leaving;
    sync?.end();
    await Promise.all([sync?.drained(), ending]);
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

  async #restoreHidden(): Promise<void> {
    await this.#stored?.hidden((ids) => {
      for (const id of ids) this.#face.hidden.add(id);
      this.refilter();
    });
  }

  #tellSession(message?: Message): void {
    this.#session?.changed(this.#asJoined, message);
  }

  #newSync(): RoomSync {
    const { room, cache, history, access } = this.#options;
    const current = (act: () => void) => {
      if (this.#sync === sync) act();
    };
    const sync = new RoomSync({
      room,
      topic: { cache, topic: messagesTopic(room) },
      environment: this.#environment,
      connection: openConnection(access, this.#environment, () => this.stats.count('tokens')),
      read: (how) => this.core.read(how),
      maxStored: history.maxStored,
      events: {
        item: (item) => current(() => this.core.receive(item)),
        behind: () => current(() => this.core.fallBehind()),
        live: () => current(() => this.#gate.resume()),
        lost: (reason) =>
          current(() => {
            this.#gate.pause();
            this.stats.lost(reason);
            this.#face.turned('reconnecting', reason);
          }),
        recovered: () =>
          current(() => {
            this.features?.host.wake();
            this.#stored?.go();
            this.#face.turned('joined', 'recovered');
          }),
        trouble: (error) => current(() => this.#face.emit('error', error)),
        failed: (error) => current(() => this.#face.failed(error)),
        called: (rpc, call) => {
          this.stats.count('operations');
          const { scheduler } = this.#environment;
          this.#face.write((log) => log.called(rpc, call, () => scheduler.monotonic()));
        },
      },
    });
    const { features } = this;
    if (features !== undefined)
      sync.watch(eventsTopic(room), {
        item: (item) => current(() => features.bus.receive(item)),
        missed: () => current(() => features.host.readings.resync()),
      });
    return sync;
  }

  #call<Input extends CacheInput, Output>(
    operation: Operation<Input, Output>,
    input: Input,
    action: string,
  ): Promise<Output> {
    const sync = this.#sync;
    if (sync !== undefined) return sync.call(operation, input, action);
    return Promise.reject(unable('closed', action, 'the room was left'));
  }
}
