import type { ChatError } from '../shared/errors.js';
import { ChatThreads } from './chat-thread.js';
import type { ChatRoomEvents } from './events.js';
import type { RoomFeatureHost } from './feature-host.js';
import {
  type AlwaysOn,
  type Emit,
  type FeatureMap,
  LOADERS,
  type LoadCode,
  STARTED_BY,
  startAlwaysOn,
} from './feature-map.js';
import type { FeatureName } from './feature-name.js';

/** The features of a room: each is loaded when it is first used, and lives as long as the room object. */
export class RoomFeatures {
  readonly host: RoomFeatureHost;
  readonly threads: ChatThreads;
  readonly #emit: Emit;
  readonly #always: AlwaysOn;
  readonly #loading = new Map<FeatureName, Promise<unknown>>();
  readonly #running = new Map<FeatureName, unknown>();

  constructor(host: RoomFeatureHost, emit: Emit) {
    this.host = host;
    this.#emit = emit;
    this.#always = startAlwaysOn(host);
    this.threads = new ChatThreads({
      load: async (action) => {
        host.calls.assertJoined(action);
        return this.use('threads');
      },
      root: (id) => host.timeline.get(id),
      rootOf: (id) => host.timeline.original(id)?.threadId ?? this.running('threads')?.rootOf(id),
    });
  }

  /** The feature, if it was started. */
  running<Name extends FeatureName>(name: Name): FeatureMap[Name] | undefined {
    return this.#running.get(name) as FeatureMap[Name] | undefined;
  }

  /** Starts the feature, if it was not. Rejects with a ChatError `network` when its code cannot be loaded, `closed` when the room was left. */
  use<Name extends FeatureName>(name: Name): Promise<FeatureMap[Name]> {
    const loading = this.#loading.get(name) ?? this.#load(name);
    this.#loading.set(name, loading);
    return loading as Promise<FeatureMap[Name]>;
  }

  /** Somebody listens for `event`: starts the feature that emits it. */
  listened(event: keyof ChatRoomEvents): void {
    const name = STARTED_BY[event];
    if (name !== undefined) this.use(name).catch((problem: ChatError) => this.host.report(problem));
  }

  async #load<Name extends FeatureName>(name: Name): Promise<FeatureMap[Name]> {
    try {
      const load: LoadCode = (code, exported) => this.host.calls.load(`use ${name}`, code, exported);
      const feature = await LOADERS[name](load, this.host, this.#emit, this.#always);
      this.#running.set(name, feature);
      return feature;
    } catch (problem) {
      this.#loading.delete(name);
      throw problem;
    }
  }
}
