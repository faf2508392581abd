import type { EventBus } from '../features/event-bus.js';
import type { FeatureCall, FeatureHost, TimelineView } from '../features/feature.js';
import type { ChatUser } from '../messages/message.js';
import type { Scheduler } from '../shared/clock.js';
import { ChatError } from '../shared/errors.js';
import { onAbort } from '../shared/on-abort.js';
import type { PageState } from '../shared/page-visibility.js';
import type { CacheInput, Operation } from '../transport/transport.js';
import type { RoomFeatureHost } from './feature-host.js';
import type { RoomCore } from './room-core.js';
import { type ReadMessages, TimelineListeners, timelineView } from './timeline-view.js';

/**
 * The host of a thread's features. It gives them the room's keys and events, in which ids of messages tell replies
 * apart, and the thread's own messages. It ends with {@link close}.
 */
export class ThreadHost implements FeatureHost {
  /** The list of the thread stands where that of a room does. */
  readonly room: string;
  readonly ttlSeconds: number;
  readonly maxMessageBytes: number;
  readonly mayDelete: FeatureHost['mayDelete'];
  readonly clock: Scheduler;
  readonly events: EventBus;
  readonly timeline: TimelineView;
  /** Told of what happens to the replies. */
  readonly listeners = new TimelineListeners();
  readonly #host: RoomFeatureHost;
  readonly #reads: ReadMessages[] = [];
  readonly #resyncs: ((signal: AbortSignal) => Promise<void>)[] = [];
  readonly #begins: ((signal: AbortSignal) => void)[] = [];
  readonly #ends: (() => void)[] = [];
  #signal: AbortSignal | undefined;
  #endJoin = () => {};

  constructor(host: RoomFeatureHost, core: RoomCore, list: string, maxMessageBytes: number) {
    this.#host = host;
    this.room = list;
    this.ttlSeconds = host.ttlSeconds;
    this.maxMessageBytes = maxMessageBytes;
    this.mayDelete = host.mayDelete;
    this.clock = host.clock;
    this.events = {
      send: (type, data, options) => host.events.send(type, data, options),
      on: (type, listener) => {
        const end = host.events.on(type, listener);
        this.#ends.push(end);
        return end;
      },
    };
    this.timeline = timelineView({
      core,
      reads: this.#reads,
      signal: () => this.#signal,
      onRead: (read) => {
        this.#reads.push(read);
      },
      listeners: this.listeners,
      newestAtJoin: () => undefined,
    });
  }

  author(): ChatUser {
    return this.#host.author();
  }

  isOwn(user: ChatUser, verifiedUserId: string | undefined): boolean {
    return this.#host.isOwn(user, verifiedUserId);
  }

  hides(user: ChatUser, verifiedUserId?: string): boolean {
    return this.#host.hides(user, verifiedUserId);
  }

  onHidden(listener: () => void): void {
    this.#ends.push(this.#host.onHidden(listener));
  }

  isAlone(): boolean {
    return this.#host.isAlone();
  }

  nextId(): string {
    return this.#host.nextId();
  }

  observe(id: string): void {
    this.#host.observe(id);
  }

  key(name: string): string {
    return this.#host.key(name);
  }

  call<Input extends CacheInput, Output>(
    operation: Operation<Input, Output>,
    input: Omit<Input, 'cache'>,
    options?: FeatureCall,
  ): Promise<Output> {
    return this.#host.call(operation, input, options);
  }

  readFields(
    name: string,
    fields: readonly string[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    return this.#host.readFields(name, fields, signal);
  }

  onResync(read: (signal: AbortSignal) => Promise<void>): void {
    this.#resyncs.push(read);
  }

  /** Events may have been missed. A failure is one of the reading of the replies as well, which is tried again. */
  resync(): void {
    const signal = this.#signal;
    if (signal !== undefined) for (const read of this.#resyncs) read(signal).catch(() => {});
  }

  onLeave(act: () => Promise<void>): void {
    this.#ends.push(this.#host.onLeave(act));
  }

  onJoined(begin: (signal: AbortSignal) => void): void {
    this.#begins.push(begin);
    if (this.#signal !== undefined) begin(this.#signal);
  }

  isVisible(): boolean {
    return this.#host.isVisible();
  }

  onVisibility(listener: (state: PageState) => void): void {
    this.#ends.push(this.#host.onVisibility(listener));
  }

  isOffline(): boolean {
    return this.#host.isOffline();
  }

  report(error: ChatError): void {
    this.#host.report(error);
  }

  /** A join began. */
  begin(signal: AbortSignal): void {
    // The thread may be closed long before the join ends, which then keeps nothing of it.
    const life = new AbortController();
    const outlive = onAbort(signal, () => life.abort(signal.reason));
    this.#endJoin();
    this.#endJoin = () => {
      outlive();
      life.abort(new ChatError('closed', 'unable to go on; the thread was closed'));
    };
    this.#signal = life.signal;
    for (const begin of this.#begins) begin(life.signal);
  }

  close(): void {
    this.#endJoin();
    for (const end of this.#ends.splice(0)) end();
  }
}
