import type { EventBus } from '../features/event-bus.js';
import type { FeatureCall, FeatureHost, MayDelete, TimelineView } from '../features/feature.js';
import type { FileOptions } from '../features/file-store.js';
import type { ChatUser } from '../messages/message.js';
import { type Scheduler, sleep, withTimeout } from '../shared/clock.js';
import { ChatError } from '../shared/errors.js';
import { loadPart } from '../shared/load-part.js';
import { onAbort } from '../shared/on-abort.js';
import { type PageState, type PageVisibility, systemVisibility } from '../shared/page-visibility.js';
import { retry } from '../shared/retry.js';
import { featureKey } from '../shared/room-address.js';
import type { RoomSync } from '../sync/room-sync.js';
import { Troubles } from '../sync/troubles.js';
import { dictionaryGetFields } from '../transport/operations/dictionaries.js';
import type { CacheInput, Operation } from '../transport/transport.js';
import { isWrongKind } from '../transport/wrong-kind.js';
import { FeatureReadings } from './feature-readings.js';
import { batchedFields } from './field-reader.js';
import { loadPatiently } from './load-patiently.js';
import { RoomCore, type RoomCoreOptions } from './room-core.js';
import { TimelineListeners, timelineView } from './timeline-view.js';

const BACKOFF = { baseMs: 250, maxMs: 8000 };
/** A page that goes away, or an app that leaves, waits no longer than this (milliseconds). */
const LEAVE_MS = 2000;

/** One join: its connection, and the signal that ends with it. */
interface Join {
  sync: RoomSync;
  life: AbortController;
  /** What was reported. */
  troubles: Troubles;
}

export interface RoomFeatureHostOptions {
  cache: string;
  ttlSeconds: number;
  mayDelete: MayDelete | undefined;
  /** How long a change is tried for (milliseconds). */
  patienceMs: number;
  visibility?: PageVisibility | undefined;
  events: EventBus;
  core: RoomCore;
  /** The options that the room's messages are wired with, and those of its threads as well. */
  messages: SharedCoreOptions;
  files: FileOptions;
  isOwn(user: ChatUser, verifiedUserId: string | undefined): boolean;
  /** Whether the app hides this user. */
  hides(user: ChatUser, verifiedUserId: string | undefined): boolean;
  /** A call could not reach the service. */
  unreachable(): void;
  onError(error: ChatError): void;
}

/** The options that the messages of a room and of its threads have in common. */
export type SharedCoreOptions = Omit<RoomCoreOptions, 'calls' | 'sink' | 'beforeShow'>;

/** The host of a room's features; see {@link FeatureHost}. */
export class RoomFeatureHost implements FeatureHost {
  readonly room: string;
  readonly ttlSeconds: number;
  readonly maxMessageBytes: number;
  readonly mayDelete: MayDelete | undefined;
  readonly clock: Scheduler;
  readonly events: EventBus;
  readonly timeline: TimelineView;
  /** Told of what happens to the messages. */
  readonly listeners = new TimelineListeners();
  /** See {@link isAlone}; set by presence. */
  alone: () => boolean = () => false;
  /** The messages of open threads. */
  readonly cores = new Set<RoomCore>();
  readonly #options: RoomFeatureHostOptions;
  readonly #visibility: PageVisibility;
  readonly #readings: FeatureReadings;
  readonly #hiddenListeners = new Set<() => void>();
  readonly #begins: ((signal: AbortSignal) => void)[] = [];
  readonly #leaves = new Set<() => Promise<void>>();
  readonly #visibilityListeners = new Set<(state: PageState) => void>();
  readonly #fields = batchedFields(async (dictionary, fields, signal) => {
    try {
      const how = { action: 'read the state of messages', once: true, signal };
      return await this.call(dictionaryGetFields, { dictionary, fields }, how);
    } catch (problem) {
      const denied = problem instanceof ChatError && problem.code === 'permission-denied';
      if (!denied && !isWrongKind(problem)) throw problem;
      this.report(problem as ChatError);
      return new Map();
    }
  });
  #join: Join | undefined;
  /** Whether the room was ever joined, and the newest message then. */
  #wasJoined = false;
  #newestAtJoin: string | undefined;
  /** Ends the waits of calls that wait for the connection. */
  #wake = new AbortController();

  constructor(options: RoomFeatureHostOptions) {
    const { core, messages } = options;
    this.#options = options;
    this.#visibility = options.visibility ?? systemVisibility;
    this.room = messages.room;
    this.ttlSeconds = options.ttlSeconds;
    this.maxMessageBytes = messages.maxMessageBytes;
    this.mayDelete = options.mayDelete;
    this.clock = messages.clock;
    this.events = options.events;
    this.#readings = new FeatureReadings({
      clock: messages.clock,
      ids: () => core.timeline.ids(),
      report: (error) => this.report(error),
    });
    this.timeline = timelineView({
      core,
      reads: this.#readings.ofMessages,
      signal: () => this.#join?.life.signal,
      onRead: (read) => this.#readings.onRead(read),
      listeners: this.listeners,
      newestAtJoin: () => this.#newestAtJoin,
    });
  }

  /** The room's own messages. */
  get core(): RoomCore {
    return this.#options.core;
  }

  get files(): FileOptions {
    return this.#options.files;
  }

  get history(): SharedCoreOptions['history'] {
    return this.#options.messages.history;
  }

  /** Makes the messages of a thread. They wait, go on and are given up as the room's do, until {@link closeCore}. */
  openCore(
    options: Pick<RoomCoreOptions, 'calls' | 'beforeShow' | 'maxMessageBytes'> & {
      sink: Omit<RoomCoreOptions['sink'], 'unreachable'>;
    },
  ): RoomCore {
    const sink = { ...options.sink, unreachable: () => this.#options.unreachable() };
    const core = new RoomCore({ ...this.#options.messages, ...options, sink });
    if (this.isOffline()) core.pause();
    this.cores.add(core);
    return core;
  }

  closeCore(core: RoomCore): void {
    this.cores.delete(core);
    void core.close('the thread was closed');
  }

  author(): ChatUser {
    return this.#options.messages.author();
  }

  isOwn(user: ChatUser, verifiedUserId: string | undefined): boolean {
    return this.#options.isOwn(user, verifiedUserId);
  }

  hides(user: ChatUser, verifiedUserId?: string): boolean {
    return !this.isOwn(user, verifiedUserId) && this.#options.hides(user, verifiedUserId);
  }

  onHidden(listener: () => void): () => void {
    this.#hiddenListeners.add(listener);
    return () => this.#hiddenListeners.delete(listener);
  }

  /** The app hides others than before. */
  hiddenChanged(): void {
    for (const listener of [...this.#hiddenListeners]) listener();
  }

  isAlone(): boolean {
    return this.alone();
  }

  nextId(): string {
    return this.#options.messages.ids.next();
  }

  observe(id: string): void {
    this.#options.messages.ids.observe(id);
  }

  key(name: string): string {
    return featureKey(this.room, name);
  }

  isVisible(): boolean {
    return this.#visibility.isVisible();
  }

  isOffline(): boolean {
    return this.#join?.sync.lost ?? true;
  }

  async call<Input extends CacheInput, Output>(
    operation: Operation<Input, Output>,
    input: Omit<Input, 'cache'>,
    { action = operation.action, once, keepalive, signal, timeoutMs }: FeatureCall = {},
  ): Promise<Output> {
    const { sync, life } = this.assertJoined(action);
    // The cache is what the caller left out.
    const whole = { ...input, cache: this.#options.cache } as unknown as Input;
    const attempt = () => sync.call(operation, whole, action, { keepalive, signal, timeoutMs });
    if (once || keepalive) return attempt();
    return retry(
      () => {
        if (sync.lost)
          throw new ChatError('network', `unable to ${action}; the connection is lost`, { retryable: true });
        return attempt();
      },
      {
        scheduler: this.clock,
        signal: life.signal,
        backoff: BACKOFF,
        patienceMs: this.#options.patienceMs,
        sleep: (ms) => sleep(this.clock, ms, this.#wake.signal),
      },
    );
  }

  /** Loads code that is first needed now, see {@link loadPart}; in a joined room as patiently as changes are made. */
  async load<Part extends object>(
    action: string,
    load: () => Promise<Part>,
    name: keyof Part & string,
  ): Promise<Part> {
    const attempt = () => loadPart(action, load, name);
    if (this.#join === undefined) return attempt();
    const { sync, life } = this.#join;
    return loadPatiently(attempt, {
      action,
      scheduler: this.clock,
      backoff: BACKOFF,
      signal: life.signal,
      patienceMs: this.#options.patienceMs,
      isLost: () => sync.lost,
      sleep: (ms) => sleep(this.clock, ms, this.#wake.signal),
    });
  }

  /** Throws a ChatError `not-joined` unless there is a join; `action` completes "unable to …". */
  assertJoined(action: string): Join {
    if (this.#join !== undefined) return this.#join;
    throw new ChatError('not-joined', `unable to ${action}; call join() first`);
  }

  readFields(
    name: string,
    fields: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    return this.#fields(this.key(name), fields, signal);
  }

  onResync(read: (signal: AbortSignal) => Promise<void>): void {
    this.#readings.onResync(read);
  }

  onJoined(begin: (signal: AbortSignal) => void): void {
    this.#begins.push(begin);
    if (this.#join !== undefined) begin(this.#join.life.signal);
  }

  onLeave(act: () => Promise<void>): () => void {
    this.#leaves.add(act);
    return () => this.#leaves.delete(act);
  }

  onVisibility(listener: (state: PageState) => void): () => void {
    this.#visibilityListeners.add(listener);
    return () => this.#visibilityListeners.delete(listener);
  }

  report(error: ChatError): void {
    this.#join?.troubles.tell(error);
  }

  /** A join begins: calls may be made, and nothing was read yet. */
  begin(sync: RoomSync): void {
    const life = new AbortController();
    this.#join = { sync, life, troubles: new Troubles(this.#options.onError) };
    this.#readings.begin(life.signal);
    const stop = this.#visibility.watch((state) => {
      for (const listener of [...this.#visibilityListeners]) listener(state);
    });
    onAbort(life.signal, stop);
  }

  /** The room is joined. */
  joined(): void {
    const join = this.#join;
    if (join === undefined) return;
    if (!this.#wasJoined) this.#newestAtJoin = this.timeline.ids().at(-1);
    this.#wasJoined = true;
    for (const begin of this.#begins) begin(join.life.signal);
    this.#readings.joined();
  }

  /** The connection is there again. */
  wake(): void {
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  /** Called with each reading of messages, before they are shown. */
  beforeShow(ids: readonly string[]): Promise<void> {
    return this.#readings.beforeShow(ids);
  }

  /** Events may have been missed: all state is read again. */
  resync(): void {
    this.#readings.resync();
  }

  /** The app leaves: starts what features have to do before. Resolves when that is done, after two seconds at most. */
  async leaving(): Promise<void> {
    if (this.isOffline() || this.#leaves.size === 0) return;
    await withTimeout(Promise.allSettled([...this.#leaves].map((act) => act())), {
      ms: LEAVE_MS,
      scheduler: this.clock,
    });
  }

  /** The join is over; `why` completes "unable to go on; …". */
  end(why: string): void {
    this.#join?.life.abort(new ChatError('closed', `unable to go on; ${why}`));
    this.#join = undefined;
    this.#readings.end();
    this.wake();
  }
}
