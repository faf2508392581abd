import { expect } from 'vitest';
import { ChatRoom } from '../../src/lite-room.js';
// Loaded ahead, so that no join waits for the disk while virtual time stands still.
import '../../src/room/lite-runtime.js';
import { openDirectory } from '../../src/directory/open-directory.js';
import { LocalCore, type LocalEngineOptions } from '../../src/local/local-engine.js';
import { itemKey } from '../../src/local/rpc/rpc.js';
import { type ChatRoomOptions, ENVIRONMENT } from '../../src/room/options.js';
import { BaseSession, type ChatSessionOptions } from '../../src/session/chat-session.js';
import type { Environment } from '../../src/session/environment.js';
import type { TokenSource } from '../../src/session/token-source.js';
import { ChatError } from '../../src/shared/errors.js';
import { RoomTokens } from '../../src/testing/room-tokens.js';
import type { Transport } from '../../src/transport/transport.js';
import { Hints } from './hints.js';
import { Link, type LinkWeather } from './in-process-link.js';
import { InProcessTransport } from './in-process-transport.js';
import { PageModel } from './page-model.js';
import { type UnsteadyClock, VirtualTime } from './virtual-time.js';
import { FAIR } from './weather.js';

const CACHE = 'chat';

export interface WorldOptions extends Omit<LocalEngineOptions, 'caches' | 'clock'> {
  /** Of everything that happens by chance. Default 1. */
  seed?: number | undefined;
}

export interface ClientOptions {
  /** How its network begins; default {@link FAIR}. */
  weather?: LinkWeather | undefined;
  /** How far its wall clock is ahead, in ms; default 0. */
  skewMs?: number | undefined;
  /** Whether its streams begin after the item that it knows; those of an SDK do not. Default true. */
  resumes?: boolean | undefined;
  /** What its tokens say of who it is, for `publisherId`. Default: the id of a room's user. */
  userId?: string | undefined;
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
  room({ weather, skewMs, resumes, userId, ...options }: WorldRoomOptions): ChatRoom {
    return this.client({ weather, skewMs, resumes, userId: userId ?? options.user.id }).room(options);
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
    const list = this.engine.engine.caches.get(CACHE).get(itemKey(Buffer.from(name)), 'list');
    return (list?.slice(0, list.length) ?? []).map((value) => Buffer.from(value).toString());
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

  /** Joins them all. */
  async join(...rooms: ChatRoom[]): Promise<void> {
    await this.result(Promise.all(rooms.map((room) => room.join())));
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
    expect(this.engine.engine.topics.subscriptionCount, 'G5: subscriptions after leave()').toBe(0);
    this.engine.close();
    expect(this.time.pending, 'G5: timers after leave()').toBe(0);
  }
}

/** One device: its network, its clocks, its browser's events. */
export class InProcessClient {
  readonly link: Link;
  readonly clock: UnsteadyClock;
  readonly hints = new Hints();
  /** Its page. */
  readonly page = new PageModel();
  /** Where its rooms get their tokens, if they are given no other source. */
  readonly tokens: RoomTokens;
  readonly environment: Environment;
  readonly #world: InProcessWorld;

  constructor(world: InProcessWorld, seed: number, { weather, skewMs, resumes, userId }: ClientOptions) {
    const core = world.engine;
    this.#world = world;
    this.clock = world.time.unsteady(skewMs);
    this.link = new Link(this.clock, seed, weather);
    this.tokens = new RoomTokens(core, { cache: CACHE });
    this.tokens.userId = userId;
    this.environment = {
      scheduler: this.clock,
      connectivity: this.hints,
      visibility: this.page,
      connect: async ({ token }) => new InProcessTransport({ core, link: this.link, token, resumes }),
      connectClients: async () => {
        throw new ChatError('invalid-argument', 'unable to use `clients`; these rooms have no SDK');
      },
    };
  }

  /** A session, for rooms of this device that share tokens. */
  session(source: TokenSource = this.tokens.source, options: Partial<ChatSessionOptions> = {}): BaseSession {
    return new BaseSession({ token: source, ...options }, this.environment, async () => ({ openDirectory }));
  }

  room(options: Partial<ChatRoomOptions> & Pick<ChatRoomOptions, 'room' | 'user'>): ChatRoom {
    const access = options.session === undefined ? { token: this.tokens.source } : {};
    return this.#world.roomOn(this, { ...access, ...options });
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
