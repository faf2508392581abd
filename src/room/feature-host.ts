import { asFarAsReadable } from '../features/as-far-as-readable.js';
import type { EventBus } from '../features/event-bus.js';
import type { FeatureCall, FeatureHost, MayDelete, TimelineView } from '../features/feature.js';
import type { FileOptions } from '../features/file-store.js';
import type { ChatUser } from '../messages/message.js';
import { type Scheduler, withTimeout } from '../shared/clock.js';
import type { ChatError } from '../shared/errors.js';
import { onAbort } from '../shared/on-abort.js';
import { type PageState, type PageVisibility, systemVisibility } from '../shared/page-visibility.js';
import { featureKey } from '../shared/room-address.js';
import type { RoomSync } from '../sync/room-sync.js';
import { Troubles } from '../sync/troubles.js';
import { dictionaryGetFields } from '../transport/operations/dictionaries.js';
import type { CacheInput, Operation } from '../transport/transport.js';
import { FeatureCalls } from './feature-calls.js';
import { FeatureReadings } from './feature-readings.js';
import { batchedFields } from './field-reader.js';
import type { ResolvedOptions } from './options.js';
import { RoomCore, type RoomCoreOptions } from './room-core.js';
import { TimelineListeners, timelineView } from './timeline-view.js';

/** A page that goes away, or an app that leaves, waits no longer than this (milliseconds). */
const LEAVE_MS = 2000;

/** The options that the messages of a room and of its threads have in common. */
export type SharedCoreOptions = Omit<RoomCoreOptions, 'calls' | 'sink' | 'beforeShow'>;

export interface RoomFeatureHostOptions
  extends SharedCoreOptions,
    Pick<ResolvedOptions, 'cache' | 'mayDelete' | 'files'> {
  visibility?: PageVisibility | undefined;
  events: EventBus;
  core: RoomCore;
  /** Whether the app hides this user. */
  hides(user: ChatUser, verifiedUserId: string | undefined): boolean;
  /** A call could not reach the service. */
  unreachable(): void;
  onError(error: ChatError): void;
}

/** The host of a room's features; see {@link FeatureHost}. */
export class RoomFeatureHost implements FeatureHost {
  readonly room: string;
  readonly ttlSeconds: number;
  readonly maxMessageBytes: number;
  readonly mayDelete: MayDelete | undefined;
  readonly clock: Scheduler;
  readonly events: EventBus;
  readonly timeline: TimelineView;
  life = AbortSignal.abort();
  /** Told of what happens to the messages. */
  readonly listeners = new TimelineListeners();
  /** See {@link isAlone}; set by presence. */
  alone: () => boolean = () => false;
  /** The messages of open threads. */
  readonly cores = new Set<RoomCore>();
  readonly calls: FeatureCalls;
  readonly readings: FeatureReadings;
  readonly #options: RoomFeatureHostOptions;
  readonly #visibility: PageVisibility;
  readonly #hiddenListeners = new Set<() => void>();
  readonly #begins: ((signal: AbortSignal) => void)[] = [];
  readonly #leaves = new Set<() => Promise<void>>();
  readonly #visibilityListeners = new Set<(state: PageState) => void>();
  readonly #fields = batchedFields(async (dictionary, fields, signal) => {
    const how = { action: 'read the state of messages', once: true, signal };
    const reading = this.call(dictionaryGetFields, { dictionary, fields }, how);
    return (await asFarAsReadable(this, reading)) ?? new Map();
  });
  /** Of the current join. */
  #troubles: Troubles | undefined;
  /** Whether the room was ever joined, and the newest message then. */
  #wasJoined = false;
  #newestAtJoin: string | undefined;

  constructor(options: RoomFeatureHostOptions) {
    const { core, clock } = options;
    this.#options = options;
    this.#visibility = options.visibility ?? systemVisibility;
    this.room = options.room;
    this.ttlSeconds = options.history.ttlSeconds;
    this.maxMessageBytes = options.maxMessageBytes;
    this.mayDelete = options.mayDelete;
    this.clock = clock;
    this.events = options.events;
    this.calls = new FeatureCalls(options);
    this.readings = new FeatureReadings({
      clock,
      ids: () => core.timeline.ids(),
      report: (error) => this.report(error),
    });
    this.timeline = timelineView({
      core,
      reads: this.readings.ofMessages,
      signal: () => this.calls.signal,
      onRead: (read) => this.readings.onRead(read),
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
    return this.#options.history;
  }

  /** Makes the messages of a thread. They wait, go on and are given up as the room's do, until {@link closeCore}. */
  openCore(
    options: Pick<RoomCoreOptions, 'calls' | 'beforeShow' | 'maxMessageBytes'> & {
      sink: Omit<RoomCoreOptions['sink'], 'unreachable'>;
    },
  ): RoomCore {
    const { unreachable } = this.#options;
    const core = new RoomCore({ ...this.#options, ...options, sink: { ...options.sink, unreachable } });
    if (this.#options.core.isPaused) core.pause();
    this.cores.add(core);
    return core;
  }

  closeCore(core: RoomCore): void {
    this.cores.delete(core);
    void core.close('the thread was closed');
  }

  author(): ChatUser {
    return this.#options.author();
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
    return this.#options.ids.next();
  }

  observe(id: string): void {
    this.#options.ids.observe(id);
  }

  key(name: string): string {
    return featureKey(this.room, name);
  }

  isVisible(): boolean {
    return this.#visibility.isVisible();
  }

  isOffline(): boolean {
    return this.calls.isOffline;
  }

  call<Input extends CacheInput, Output>(
    operation: Operation<Input, Output>,
    input: Omit<Input, 'cache'>,
    options?: FeatureCall,
  ): Promise<Output> {
    return this.calls.call(operation, input, options);
  }

  readFields(
    name: string,
    fields: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    return this.#fields(this.key(name), fields, signal);
  }

  onResync(read: (signal: AbortSignal) => Promise<void>): void {
    this.readings.onResync(read);
  }

  onJoined(begin: (signal: AbortSignal) => void): void {
    this.#begins.push(begin);
    const { signal } = this.calls;
    if (signal !== undefined) begin(signal);
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
    this.#troubles?.tell(error);
  }

  /** A join begins: calls may be made, and nothing was read yet. */
  begin(sync: RoomSync): void {
    const signal = this.calls.begin(sync);
    this.life = signal;
    this.#troubles = new Troubles(this.#options.onError);
    this.readings.begin(signal);
    const stop = this.#visibility.watch((state) => {
      for (const listener of [...this.#visibilityListeners]) listener(state);
    });
    onAbort(signal, stop);
  }

  /** The room is joined. */
  joined(): void {
    const { signal } = this.calls;
    if (signal === undefined) return;
    if (!this.#wasJoined) this.#newestAtJoin = this.timeline.ids().at(-1);
    this.#wasJoined = true;
    for (const begin of this.#begins) begin(signal);
    this.readings.joined();
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
    this.calls.end(why);
    this.#troubles = undefined;
    this.readings.end();
  }
}
