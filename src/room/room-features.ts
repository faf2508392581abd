import { RoomEventBus } from '../features/event-bus.js';
import type { Message } from '../messages/message.js';
import type { ChatError } from '../shared/errors.js';
import { eventsTopic } from '../shared/room-address.js';
import { publish } from '../transport/operations/topics.js';
import { ChatThreads } from './chat-thread.js';
import { type FeatureHostOptions, featureHost, type RoomFeatureHost } from './feature-host.js';
import { type Emit, type FeatureMap, LOADERS, type LoadCode, startAlwaysOn } from './feature-map.js';
import type { FeatureName } from './feature-name.js';

/** The features of a room: each is loaded when it is first used, and lives as long as the room object. */
export class RoomFeatures {
  readonly bus: RoomEventBus;
  readonly host: RoomFeatureHost;
  readonly threads: ChatThreads;
  readonly #emit: Emit;
  readonly #threadMarks;
  readonly #running = new Map<FeatureName, unknown>();
  /** Those that the current join has loaded, or is loading. */
  #loading = new Map<FeatureName, Promise<unknown>>();
  /** Ids of messages to delete that no join has deleted yet. */
  readonly #toBury = new Set<string>();

  constructor(options: Omit<FeatureHostOptions, 'events' | 'onError'>, emit: Emit) {
    const topic = eventsTopic(options.room);
    const events = new RoomEventBus({
      ...options,
      publish: (value, how) => host.call(publish, { topic, value }, how),
      onMalformed: (payload) => options.core.malformed.live(payload, 'it is not an event'),
    });
    const host = featureHost({ ...options, events, onError: (error) => emit('error', error) });
    this.bus = events;
    this.host = host;
    this.#emit = emit;
    host.onJoined(() => this.#buryAll());
    this.#threadMarks = startAlwaysOn(host, () => this.use('revisions'));
    this.threads = new ChatThreads({
      load: async (action) => {
        host.assertJoined(action);
        return this.use('threads');
      },
      root: (id) => host.timeline.messages().find((message) => message.id === id),
      rootOf: (id) => host.timeline.original(id)?.threadId ?? this.running('threads')?.rootOf(id),
    });
  }

  /** The feature, if it was started. */
  running<Name extends FeatureName>(name: Name): FeatureMap[Name] | undefined {
    return this.#running.get(name) as FeatureMap[Name] | undefined;
  }

  /**
   * Starts the feature, if it was not. Rejects with a ChatError: `network` when its code cannot be loaded, `not-joined` also when
   * the room was left meanwhile.
   */
  use<Name extends FeatureName>(name: Name): Promise<FeatureMap[Name]> {
    const loading = this.#loading.get(name) ?? this.#load(name, this.#loading);
    this.#loading.set(name, loading);
    return loading as Promise<FeatureMap[Name]>;
  }

  /** Starts the feature, if the room is joined and it was not. A failure is told of. */
  start(name: FeatureName): void {
    const { life } = this.host;
    if (life.aborted) return;
    this.use(name).catch((problem: ChatError) => {
      if (!life.aborted) this.host.report(problem);
    });
  }

  /** Deletes a message of the room, or of a thread of it; `message`: as far as it is in memory. */
  async delete(id: string, message: Message | undefined): Promise<void> {
    const threadId = message?.threadId;
    const isUnsent = message?.status === 'sending';
    const root = this.running('threads')?.rootOf(id) ?? (isUnsent ? undefined : threadId);
    if (root) return this.threads.get(root).delete(id);
    await (await this.use('revisions')).delete(id);
    // Its thread, which is closed, may have sent it, or send it yet.
    if (threadId) await this.bury(id);
  }

  /** Deletes what may be stored or published, in the background: now, or in the next join in which that can be done. */
  async bury(id: string): Promise<void> {
    this.#toBury.add(id);
    // The storage has the wish to delete it when this resolves.
    await this.use('revisions').catch(() => {});
    this.#buryAll();
  }

  #buryAll(): void {
    for (const id of this.#toBury) {
      this.#toBury.delete(id);
      this.use('revisions')
        .then((revisions) => revisions.bury(id))
        // The next join is the next occasion.
        .catch(() => this.#toBury.add(id));
    }
  }

  /** The join is over; `why` completes "unable to go on; …". */
  end(why: string): void {
    this.host.end(why);
    this.#loading = new Map();
  }

  async #load<Name extends FeatureName>(
    name: Name,
    loading: Map<FeatureName, unknown>,
  ): Promise<FeatureMap[Name]> {
    try {
      const load: LoadCode = async (code, exported) =>
        (await this.host.load(`use ${name}`, code, exported))[exported];
      const feature =
        this.running(name) ?? (await LOADERS[name](load, this.host, this.#emit, this.#threadMarks));
      this.#running.set(name, feature);
      return feature;
    } catch (problem) {
      loading.delete(name);
      throw problem;
    }
  }
}
