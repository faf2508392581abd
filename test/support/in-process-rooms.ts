import { expect } from 'vitest';
import { ChatRoom } from '../../src/lite-room.js';
import { Deque } from '../../src/local/engine/deque.js';
import { LocalCore, type LocalEngineOptions } from '../../src/local/local-engine.js';
import { itemKey } from '../../src/local/rpc/rpc.js';
import { type ChatRoomOptions, ENVIRONMENT } from '../../src/room/options.js';
import type { ConnectivityHint } from '../../src/shared/connectivity.js';
import type { Transport } from '../../src/transport/transport.js';
import { CACHE, type ClientOptions, InProcessClient } from './in-process-client.js';
import { Link } from './in-process-link.js';
import { InProcessTransport } from './in-process-transport.js';
import './loaded-ahead.js';
import { VirtualTime } from './virtual-time.js';
import { FAIR } from './weather.js';

export type { ClientOptions, InProcessClient };

const A_DAY = { ttlMs: 86_400_000, refresh: true };

export interface WorldOptions extends Omit<LocalEngineOptions, 'caches' | 'clock'> {
  /** Of everything that happens by chance. Default 1. */
  seed?: number | undefined;
}

export type WorldRoomOptions = ClientOptions &
  Partial<ChatRoomOptions> &
  Pick<ChatRoomOptions, 'room' | 'user'>;

/**
 * Real rooms on the local engine, in virtual time and without a socket.
 *
 * @example
 * ```ts
 * const world = inProcessWorld({ seed });
 * const ada = world.room({ room: 'lobby', user: { id: 'ada', name: 'Ada' }, skewMs: 90_000 });
 * await world.result(ada.join());
 * world.clientOf(ada).link.weather = { ...FAIR, loseResponse: 0.3, deliveryMs: 2000 };
 * await world.run(5000);
 * await world.end();
 * ```
 */
export function inProcessWorld(options: WorldOptions = {}): InProcessWorld {
  return new InProcessWorld(options);
}

export class InProcessWorld {
  readonly time: VirtualTime;
  /** The engine, with `engine.engine` to look at and `engine.faults` to break. */
  readonly engine: LocalCore;
  readonly clients: InProcessClient[] = [];
  readonly #seed: number;
  readonly #rooms = new Map<ChatRoom, InProcessClient>();

  constructor({ seed = 1, ...engine }: WorldOptions) {
    this.#seed = seed;
    this.time = new VirtualTime(seed);
    const clock = {
      now: () => this.time.now(),
      monotonic: () => this.time.monotonic(),
      setTimeout: (callback: () => void, ms: number) => this.time.after(ms, callback),
    };
    this.engine = new LocalCore({ ...engine, caches: [CACHE], clock });
    this.engine.reachedBy(new Links(this.clients));
  }

  /** A device: rooms of it share its network and its clock. */
  client(options: ClientOptions = {}): InProcessClient {
    const client = new InProcessClient(this, this.#seed + 1 + this.clients.length, options);
    this.clients.push(client);
    return client;
  }

  /** A room on a device of its own. */
  room({ weather, skewMs, resumes, userId, via, wrap, ...options }: WorldRoomOptions): ChatRoom {
    const device = { weather, skewMs, resumes, userId: userId ?? options.user.id, via, wrap };
    return this.client(device).room(options);
  }

  /** The room `lobby` of a user of that name, with messages alone, on a device of its own; unless the options say otherwise. */
  member(name: string, options: Partial<WorldRoomOptions> = {}): ChatRoom {
    return this.room({ room: 'lobby', user: { name }, events: false, ...options });
  }

  /** A room on that device. */
  roomOn(client: InProcessClient, options: ChatRoomOptions): ChatRoom {
    const room = new ChatRoom({ ...options, [ENVIRONMENT]: client.environment } as ChatRoomOptions);
    this.#rooms.set(room, client);
    return room;
  }

  /** The device that a room is on. */
  clientOf(room: ChatRoom): InProcessClient {
    const client = this.#rooms.get(room);
    if (client === undefined) throw new Error('unable to find the client; the room is of another world');
    return client;
  }

  /** Calls that arrived, of all clients, by the RPC's name; repeated attempts and refused ones count. */
  get calls(): Record<string, number> {
    const sum: Record<string, number> = {};
    for (const { link } of this.clients)
      for (const [rpc, count] of Object.entries(link.calls)) sum[rpc] = (sum[rpc] ?? 0) + count;
    return sum;
  }

  /** A way to the engine on which nothing goes wrong or takes time: to look, to prepare, to be a hostile member. */
  transport(token?: string): Transport {
    const link = new Link(this.time, 0, { ...FAIR, latencyMs: 0 });
    return new InProcessTransport({ core: this.engine, link, token });
  }

  /** The entries of a list, newest first. */
  list(name: string): string[] {
    const list = this.#cache.get(itemKey(Buffer.from(name)), 'list');
    return (list?.slice(0, list.length) ?? []).map((value) => Buffer.from(value).toString());
  }

  /** Puts a list in the place of whatever is stored there, its entries newest first. Equal ones share their bytes. */
  setList(name: string, entries: readonly string[]): void {
    const known = new Map([...new Set(entries)].map((text) => [text, Buffer.from(text)]));
    const list = Deque.from<Uint8Array>(entries.map((text) => known.get(text) ?? Buffer.alloc(0)));
    this.#cache.put(itemKey(Buffer.from(name)), 'list', list, A_DAY);
  }

  /** Puts an entry of another kind in the place of a list. */
  replaceList(name: string): void {
    this.#cache.set(itemKey(Buffer.from(name)), 'scalar', Buffer.from('no list'), A_DAY);
  }

  /** Somebody whom nobody vouches for publishes to a topic. */
  publish(topic: string, text: string): void {
    this.engine.engine.topics.publish(CACHE, topic, { text }, '');
  }

  /** Streams that are open at the service. */
  get subscriptions(): number {
    return this.engine.engine.topics.subscriptionCount;
  }

  /** Lets `ms` pass. */
  run(ms: number): Promise<void> {
    return this.time.advance(ms);
  }

  /** Lets time pass until the promise has settled, for an hour at most; then it is what the promise is. */
  async result<T>(promise: Promise<T>): Promise<T> {
    const outcome = await this.time.settled(promise);
    if (outcome === undefined) throw new Error('unable to wait any longer; an hour has passed');
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  }

  /** Lets time pass until the promise has settled, and half a second more in which others hear of it. */
  async settled<T>(promise: Promise<T>): Promise<PromiseSettledResult<T> | undefined> {
    const outcome = await this.time.settled(promise);
    await this.run(500);
    return outcome;
  }

  /** Joins them all. */
  async join(...rooms: ChatRoom[]): Promise<void> {
    await this.result(Promise.all(rooms.map((room) => room.join())));
  }

  /** Joins them all, and lets the second reading of each pass. */
  async joined(...rooms: ChatRoom[]): Promise<void> {
    await this.join(...rooms);
    await this.run(5000);
  }

  /** Sends a message, and lets it come to the others. */
  async say(room: ChatRoom, text: string): Promise<void> {
    await this.result(room.send(text));
    await this.run(200);
  }

  /** Loads all that is older. */
  async loadAll(room: ChatRoom): Promise<void> {
    while (room.hasOlder) await this.result(room.loadOlder());
  }

  /** The browsers of all devices say so. */
  hint(hint: ConnectivityHint): void {
    for (const { hints } of this.clients) hints.give(hint);
  }

  /** The weather clears up, and stays fair. */
  clearUp(): void {
    for (const { link } of this.clients) {
      link.weather = FAIR;
      link.fates = undefined;
    }
  }

  /** Everybody leaves, and nothing is left behind (G5): streams of a test's own are to be stopped before. */
  async end(): Promise<void> {
    for (const room of this.#rooms.keys()) void room.leave();
    await this.run(60_000);
    expect(
      this.clients.map(({ link }) => link.streams),
      'G5: streams after leave()',
    ).toEqual(this.clients.map(() => 0));
    expect(this.subscriptions, 'G5: subscriptions after leave()').toBe(0);
    this.engine.close();
    expect(this.time.pending, 'G5: timers after leave()').toBe(0);
  }

  get #cache() {
    return this.engine.engine.caches.get(CACHE);
  }
}

/** All clients' connections, for the faults of the engine that break some. */
class Links {
  readonly #clients: readonly InProcessClient[];

  constructor(clients: readonly InProcessClient[]) {
    this.#clients = clients;
  }

  dropAll(): number {
    return this.#clients.reduce((sum, { link }) => sum + link.cut('told'), 0);
  }

  get refusing(): boolean {
    return this.#clients.some(({ link }) => link.refusing);
  }

  set refusing(refusing: boolean) {
    for (const { link } of this.#clients) link.refusing = refusing;
  }
}
