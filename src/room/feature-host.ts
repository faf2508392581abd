import type { EventBus } from '../features/event-bus.js';
import type { FeatureCall, FeatureHost } from '../features/feature.js';
import type { ChatUser } from '../messages/message.js';
import { CALL_BACKOFF } from '../shared/backoff.js';
import { sleep, withTimeout } from '../shared/clock.js';
import { type ChatError, unable } from '../shared/errors.js';
import { listeners } from '../shared/listeners.js';
import { loadPart } from '../shared/load-part.js';
import { onAbort } from '../shared/on-abort.js';
import { type PageState, type PageVisibility, systemVisibility } from '../shared/page-visibility.js';
import { retry } from '../shared/retry.js';
import { featureKey } from '../shared/room-address.js';
import type { RoomSync } from '../sync/room-sync.js';
import { Troubles } from '../sync/troubles.js';
import type { CacheInput, Operation } from '../transport/transport.js';
import type { ResolvedOptions } from './defaults.js';
import { featureReadings } from './feature-readings.js';
import { fieldReader } from './field-reader.js';
import { RoomCore, type RoomCoreOptions } from './room-core.js';
import { timelineListeners, timelineView } from './timeline-view.js';

/** A page that goes away, or an app that leaves, waits no longer than this (milliseconds). */
const LEAVE_MS = 2000;
/** A part of the library that has not come by then over a live connection may be gone from its server (milliseconds). */
const LIVE_MS = 15_000;

/** One join: its connection, and the signal that ends with it. */
interface Join {
  readonly sync: RoomSync;
  readonly life: AbortController;
  readonly troubles: Troubles;
}

export interface FeatureHostOptions
  extends Omit<RoomCoreOptions, 'calls' | 'sink' | 'beforeShow'>,
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

export type RoomFeatureHost = ReturnType<typeof featureHost>;

/** Returns the host of a room's features; see {@link FeatureHost}. It lasts as long as the room, join after join. */
export function featureHost(options: FeatureHostOptions) {
  const { room, cache, clock, core, ids, isOwn, visibility = systemVisibility } = options;
  let join: Join | undefined;
  /** The last join that ended. */
  let ended: Join | undefined;
  /** Ends the waits for the connection. */
  let waking = new AbortController();
  let life = AbortSignal.abort();
  let wasJoined = false;
  /** The newest message at the first join. */
  let newestAtJoin: string | undefined;
  /** The messages of open threads. */
  const cores = new Set<RoomCore>();
  const ofMessages = timelineListeners();
  const begins = listeners<[AbortSignal]>();
  const leaves = listeners<[], Promise<void>>();
  const hiddenChanged = listeners();
  const pageStates = listeners<[PageState]>();
  const report = (error: ChatError) => join?.troubles.tell(error);
  const isOffline = () => join?.sync.lost ?? true;
  const readings = featureReadings({ clock, ids: () => core.timeline.ids(), report });

  const assertJoined = (action: string): Join => {
    if (join !== undefined) return join;
    throw unable('not-joined', action, 'await join() first');
  };
  const wake = () => {
    waking.abort();
    waking = new AbortController();
  };
  /** Repeats what the app waits for: for as long as a message is tried, and at once when the connection is back. */
  const patiently = <T>(
    { life }: Join,
    attempt: () => Promise<T>,
    leastWaitMs?: (error: ChatError) => number,
  ) =>
    retry(attempt, {
      scheduler: clock,
      signal: life.signal,
      backoff: CALL_BACKOFF,
      patienceMs: options.retry.timeoutMs,
      sleep: (ms) => sleep(clock, ms, waking.signal),
      ...(leastWaitMs && { leastWaitMs }),
    });

  const call = async <Input extends CacheInput, Output>(
    operation: Operation<Input, Output>,
    input: Omit<Input, 'cache'>,
    { action = operation.action, once, keepalive, late, signal, timeoutMs }: FeatureCall = {},
  ): Promise<Output> => {
    const current = (late && ended) || assertJoined(action);
    const { sync } = current;
    // The cache is what the caller left out.
    const whole = { ...input, cache } as unknown as Input;
    const attempt = () => sync.call(operation, whole, action, { keepalive, signal, timeoutMs });
    if (once || keepalive) return attempt();
    return patiently(current, async () => {
      if (sync.lost) throw unable('network', action, 'the connection is lost');
      return attempt();
    });
  };
  const readFields = fieldReader(call, report);

  const host = {
    room,
    ttlSeconds: options.history.ttlSeconds,
    maxMessageBytes: options.maxMessageBytes,
    mayDelete: options.mayDelete,
    clock,
    events: options.events,
    timeline: timelineView({
      core,
      read: readings.readAbout,
      signal: () => join?.life.signal,
      onRead: readings.onRead,
      listeners: ofMessages,
      newestAtJoin: () => newestAtJoin,
    }),
    get life(): AbortSignal {
      return life;
    },
    author: options.author,
    isOwn,
    hides: (user: ChatUser, verifiedUserId?: string) =>
      !isOwn(user, verifiedUserId) && options.hides(user, verifiedUserId),
    onHidden: hiddenChanged.add,
    /** Set by presence. */
    isAlone: (): boolean => false,
    nextId: () => ids.next(),
    observe: (id: string) => ids.observe(id),
    key: (name: string) => featureKey(room, name),
    call,
    readFields: (name: string, fields: readonly string[], signal?: AbortSignal) =>
      readFields(featureKey(room, name), fields, signal),
    onResync: readings.onResync,
    onJoined(begin: (signal: AbortSignal) => void) {
      let last: AbortSignal | undefined;
      const once = (signal: AbortSignal) => {
        if (signal !== last) begin(signal);
        last = signal;
      };
      begins.add(once);
      if (join !== undefined) once(join.life.signal);
    },
    onLeave: leaves.add,
    isVisible: () => visibility.isVisible(),
    onVisibility: pageStates.add,
    isOffline,
    report,

    // For the room and its threads.

    /** Repeats a reading as the app's changes are repeated. */
    patiently: <T>(attempt: () => Promise<T>) => patiently(assertJoined('go on'), attempt),

    /** The room's own messages. */
    core,
    cores,
    /** Told of what happens to the messages. */
    listeners: ofMessages,
    readings,
    files: options.files,
    history: options.history,
    assertJoined,
    /** The app hides others than before. */
    hiddenChanged: hiddenChanged.tell,
    /** The connection is there again. */
    wake,

    /**
     * Loads code that is first needed now, as patiently as changes are made. Rejects with a ChatError, `not-joined` also when the
     * room was left meanwhile: nothing that was asked for in one join is done in the next.
     */
    async load<Part extends object>(
      action: string,
      load: () => Promise<Part>,
      name: keyof Part & string,
    ): Promise<Part> {
      const current = assertJoined(action);
      let giveUpAt = clock.monotonic() + LIVE_MS;
      return patiently(
        current,
        () => loadPart(action, load, name),
        () => {
          if (current.sync.lost) giveUpAt = clock.monotonic() + LIVE_MS;
          return clock.monotonic() + CALL_BACKOFF.maxMs > giveUpAt ? Number.POSITIVE_INFINITY : 0;
        },
      ).catch((problem: unknown) => {
        throw current === join ? problem : unable('not-joined', action, 'the room was left meanwhile');
      });
    },

    /** Makes the messages of a thread. They wait, go on and are given up as the room's do, until `closeCore`. */
    openCore(
      own: Pick<RoomCoreOptions, 'calls' | 'beforeShow' | 'maxMessageBytes'> & {
        sink: Omit<RoomCoreOptions['sink'], 'unreachable'>;
      },
    ): RoomCore {
      const { unreachable } = options;
      const opened = new RoomCore({ ...options, ...own, sink: { ...own.sink, unreachable } });
      cores.add(opened);
      return opened;
    },
    closeCore(closed: RoomCore): void {
      cores.delete(closed);
      closed.close('the thread was closed');
    },

    /** A join begins: calls may be made, and nothing was read yet. */
    begin(sync: RoomSync): void {
      const controller = new AbortController();
      life = controller.signal;
      join = { sync, life: controller, troubles: new Troubles(options.onError) };
      readings.begin(life);
      onAbort(life, visibility.watch(pageStates.tell));
    },
    /** The room is joined. */
    joined(): void {
      if (join === undefined) return;
      if (!wasJoined) newestAtJoin = core.timeline.ids().at(-1);
      wasJoined = true;
      begins.tell(join.life.signal);
      readings.joined();
    },
    /** The app leaves: starts what features have to do before. Resolves when that is done, after two seconds at most. */
    async leaving(): Promise<void> {
      if (isOffline()) return;
      await withTimeout(Promise.allSettled(leaves.tell()), { ms: LEAVE_MS, scheduler: clock });
    },
    /** The join is over; `why` completes "unable to go on; …". */
    end(why: string): void {
      ended = join ?? ended;
      join = undefined;
      ended?.life.abort(unable('closed', 'go on', why));
      wake();
      readings.end();
    },
  };
  return host satisfies FeatureHost;
}
