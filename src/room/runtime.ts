import { RoomEventBus } from '../features/event-bus.js';
import type { ChatUser } from '../messages/message.js';
import { MessageIds } from '../messages/message-id.js';
import { type Connection, FixedConnection } from '../session/connection.js';
import type { Environment } from '../session/environment.js';
import { TokenProvider } from '../session/token-provider.js';
import type { Scheduler } from '../shared/clock.js';
import { ChatError } from '../shared/errors.js';
import { systemVisibility } from '../shared/page-visibility.js';
import { eventsTopic, messagesTopic } from '../shared/room-address.js';
import { RoomSync } from '../sync/room-sync.js';
import type { LossReason } from '../sync/subscription.js';
import { publish } from '../transport/operations/topics.js';
import type { CacheInput, Operation } from '../transport/transport.js';
import { RoomFeatureHost } from './feature-host.js';
import type { Emit } from './feature-map.js';
import type { ResolvedOptions } from './options.js';
import { roomCalls } from './room-calls.js';
import { RoomCore } from './room-core.js';
import { RoomFeatures } from './room-features.js';

/** The side of the room that stands on the page before anything is loaded. */
export interface RoomFace {
  emit: Emit;
  /** `messages` has a new value. */
  change(): void;
  /** The stream of a joined room was lost. */
  lost(reason: LossReason): void;
  recovered(): void;
  /** The room cannot go on. */
  failed(error: ChatError): void;
}

/** Makes what a room loads when it is first joined. */
export type OpenRuntime = (options: ResolvedOptions, face: RoomFace) => RoomRuntime;

/** All that a room loads when it is first joined: its messages, its features and, from join to leave, its connection. */
export class RoomRuntime {
  readonly core: RoomCore;
  readonly features: RoomFeatures | undefined;
  readonly #options: ResolvedOptions;
  readonly #environment: Environment;
  readonly #face: RoomFace;
  readonly #bus: RoomEventBus;
  #sync: RoomSync | undefined;
  #stopWatching = (): void => {};

  constructor(options: ResolvedOptions, environment: Environment, face: RoomFace) {
    this.#options = options;
    this.#environment = environment;
    this.#face = face;
    const { room, cache, history, maxMessageBytes } = options;
    const clock = this.#clock(environment.scheduler);
    const ids = new MessageIds(clock);
    const author = () => this.#author();
    this.core = new RoomCore({
      ...options,
      clock,
      ids,
      calls: roomCalls(options, (operation, input, action) => this.#call(operation, input, action)),
      author,
      isMine: (userId, verifiedUserId) => this.#isMine(userId, verifiedUserId),
      tokenUserId: () => this.#sync?.userId,
      beforeShow: options.events ? async (ids) => this.features?.host.beforeShow(ids) : undefined,
      sink: {
        message: (message) => {
          this.features?.host.message(message);
          face.emit('message', message);
        },
        update: (message) => face.emit('update', message),
        history: (page) => face.emit('history', page),
        change: () => {
          face.change();
          this.features?.host.changed();
        },
        gap: ({ filled, complete }) => face.emit('gap', { filled: filled.length, complete }),
        error: (error) => face.emit('error', error),
        needsResync: () => this.#sync?.resync(),
        unreachable: () => this.#sync?.checkSoon(),
      },
    });
    const isOwn = (user: ChatUser, verifiedUserId: string | undefined) =>
      this.#isMine(user.id, verifiedUserId);
    this.#bus = new RoomEventBus({
      publish: (value, { once, keepalive }) =>
        this.#host().call(
          publish,
          { topic: eventsTopic(room), value },
          {
            action: 'send the event',
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
      room,
      cache,
      ttlSeconds: history.ttlSeconds,
      maxMessageBytes,
      mayDelete: options.mayDelete,
      patienceMs: options.retry.timeoutMs,
      clock,
      visibility: environment.visibility,
      events: this.#bus,
      core: this.core,
      author,
      isOwn,
      nextId: () => ids.next(),
      onError: (error) => face.emit('error', error),
    });
    this.features = new RoomFeatures(host, face.emit);
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
    // A browser ends the streams of a page that goes away, and only then tells the page. It is no reason to wait.
    this.#stopWatching = visibility.watch((state) => {
      if (state === 'pagehide') this.core.resume();
    });
    this.features?.host.begin(sync);
    await sync.begin();
    if (this.#sync === sync) this.features?.host.joined();
  }

  /** Ends the current join at once. Resolves when no call is under way any more. */
  async leave({ politely }: { politely: boolean }): Promise<void> {
    const sync = this.#sync;
    const host = this.features?.host;
    const leaving = politely ? host?.leaving() : undefined;
    host?.end();
    this.#stopWatching();
    this.#sync = undefined;
    const closing = this.core.close();
    await leaving;
    sync?.end();
    await Promise.all([closing, sync?.drained()]);
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
      connection: connectionFor(this.#options.access, this.#environment),
      read: (how) => this.core.read(how),
      maxStored: history.maxStored,
      events: {
        item: (item) => current(() => this.core.receive(item)),
        caughtUp: (caughtUp) => current(() => this.core.caughtUp(caughtUp)),
        live: () => current(() => this.core.resume()),
        lost: (reason) =>
          current(() => {
            this.core.pause();
            this.#face.lost(reason);
          }),
        recovered: () =>
          current(() => {
            this.features?.host.wake();
            this.#face.recovered();
          }),
        trouble: (error) => current(() => this.#face.emit('error', error)),
        failed: (error) => current(() => this.#face.failed(error)),
      },
    });
    if (events)
      sync.watch(eventsTopic(room), {
        item: (item) => current(() => this.#bus.receive(item)),
        missed: () => current(() => this.features?.host.resync()),
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
    return Promise.reject(new ChatError('closed', `unable to ${action}; the room was left`));
  }

  #host(): RoomFeatureHost {
    if (this.features !== undefined) return this.features.host;
    throw new ChatError(
      'feature-disabled',
      'unable to send the event; the room was made with `events: false`',
    );
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

  #author(): ChatUser {
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

function connectionFor(access: ResolvedOptions['access'], environment: Environment): Connection {
  if ('clients' in access) return new FixedConnection(access.clients, environment);
  if ('session' in access) return access.session.openConnection();
  return new TokenProvider({ source: access.token, environment });
}
