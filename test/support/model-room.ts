import { ChatRoom } from '../../src/web-room.js';
// Loaded ahead, so that no join waits for the disk while virtual time stands still.
import '../../src/room/web-runtime.js';
import { type ChatRoomOptions, ENVIRONMENT } from '../../src/room/options.js';
import type { Environment } from '../../src/session/environment.js';
import { PooledConnection } from '../../src/session/pooled-connection.js';
import { TokenPool } from '../../src/session/token-pool.js';
import type { TokenSource } from '../../src/session/token-source.js';
import type { ConnectivityHint } from '../../src/shared/connectivity.js';
import { renewingSdkTransport, sdkTransport } from '../../src/transport/sdk-transport.js';
import type { ChatSession } from '../../src/web-session.js';
import { Hints } from './hints.js';
import { ModelMomento } from './model-momento.js';
import { VirtualTime } from './virtual-time.js';

/** Rooms on a model service in virtual time, for what no real network can be made to do on the dot. */
export class ModelWorld {
  readonly time: VirtualTime;
  readonly momento: ModelMomento;
  readonly #connectivity = new Hints();

  constructor(seed = 1) {
    this.time = new VirtualTime(seed);
    this.momento = new ModelMomento(this.time, seed + 1);
  }

  /** The browser says something to every room. */
  hint(hint: ConnectivityHint): void {
    this.#connectivity.give(hint);
  }

  environment(changes: Partial<Environment> = {}): Environment {
    return {
      scheduler: this.time,
      connectivity: this.#connectivity,
      connect: async ({ token }) => renewingSdkTransport(() => this.momento.client(token), this.time),
      connectClients: async (clients) => sdkTransport(clients, this.time),
      ...changes,
    };
  }

  room(name: string, options: Partial<ChatRoomOptions> = {}, environment = this.environment()): ChatRoom {
    const access =
      options.token === undefined && options.session === undefined && options.clients === undefined
        ? { clients: this.momento.client() }
        : {};
    return new ChatRoom({
      room: 'r',
      user: { name },
      ...access,
      // Messages alone, unless a test is about more.
      events: false,
      ...options,
      [ENVIRONMENT]: environment,
    } as unknown as ChatRoomOptions);
  }

  session(source: TokenSource): ChatSession {
    const pool = new TokenPool({ source, environment: this.environment() });
    return {
      cache: 'chat',
      openConnection: () => new PooledConnection(pool),
      close: async () => pool.close(),
    } as unknown as ChatSession;
  }

  /** A token source that takes `ms` to answer; the tokens are t1, t2, … */
  source(ms: number) {
    const requests: string[][] = [];
    const source = async ({ rooms }: { rooms: readonly string[] }) => {
      requests.push([...rooms]);
      const token = `t${requests.length}`;
      await new Promise<void>((resolve) => this.time.after(ms, resolve));
      return { token, exp: 0, expiresIn: 3600 };
    };
    return { requests, source };
  }

  /** Joins, in virtual time. */
  async joined(...rooms: ChatRoom[]): Promise<void> {
    const joins = Promise.all(rooms.map((room) => room.join()));
    await this.time.advance(5000);
    await joins;
  }

  /** Lets time pass until the promise has settled, and half a second more in which others hear of it. */
  async settled<T>(promise: Promise<T>): Promise<PromiseSettledResult<T> | undefined> {
    const outcome = await this.time.settled(promise);
    await this.time.advance(500);
    return outcome;
  }

  async send(room: ChatRoom, text: string): Promise<void> {
    const sent = room.send(text);
    await this.time.advance(200);
    await sent;
  }

  async loadAll(room: ChatRoom): Promise<void> {
    while (room.hasOlder) {
      const loading = room.loadOlder();
      await this.time.advance(1000);
      await loading;
    }
  }
}
