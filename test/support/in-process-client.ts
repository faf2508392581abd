import { openDirectory } from '../../src/directory/open-directory.js';
import type { ChatRoom } from '../../src/lite-room.js';
import type { ChatRoomOptions } from '../../src/room/options.js';
import { BaseSession, type ChatSessionOptions } from '../../src/session/chat-session.js';
import type { Environment } from '../../src/session/environment.js';
import type { TokenSource } from '../../src/session/token-source.js';
import { RoomTokens } from '../../src/testing/room-tokens.js';
import { renewingSdkTransport, sdkTransport } from '../../src/transport/sdk-transport.js';
import type { Transport } from '../../src/transport/transport.js';
import { Hints } from './hints.js';
import { InProcessClients, type SdkClientsOptions } from './in-process-clients.js';
import { Link, type LinkWeather } from './in-process-link.js';
import type { InProcessWorld } from './in-process-rooms.js';
import type { Restart } from './in-process-subscription.js';
import { InProcessTransport } from './in-process-transport.js';
import { PageModel } from './page-model.js';
import type { UnsteadyClock } from './virtual-time.js';

/** The cache that all rooms live in. */
export const CACHE = 'chat';

export interface ClientOptions {
  /** How its network begins; default fair weather. */
  weather?: LinkWeather | undefined;
  /** How far its wall clock is ahead, in ms; default 0. */
  skewMs?: number | undefined;
  /** Whether its streams begin after the item that it knows; those of an SDK do not. Default true. */
  resumes?: boolean | undefined;
  /** The user id in its tokens, for `publisherId`. Default: the id of a room's user. */
  userId?: string | undefined;
  /**
   * The way its rooms take. `fetch`: with tokens, as those of `momento-chat/lite`. `sdk`: with tokens and SDK clients that
   * the library makes, as those of `momento-chat`. `clients`: with SDK clients of the app, so that no token tells the time.
   * Default `fetch`.
   */
  via?: 'fetch' | 'sdk' | 'clients' | undefined;
  /** Put around each transport of its rooms. */
  wrap?: ((transport: Transport) => Transport) | undefined;
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
  readonly #via: ClientOptions['via'];
  readonly #sdks: InProcessClients[] = [];

  constructor(world: InProcessWorld, seed: number, options: ClientOptions) {
    const { weather, skewMs, resumes, userId, via = 'fetch', wrap = (transport) => transport } = options;
    const core = world.engine;
    this.#world = world;
    this.#via = via;
    this.clock = world.time.unsteady(skewMs);
    this.link = new Link(this.clock, seed, weather);
    this.tokens = new RoomTokens(core, { cache: CACHE });
    this.tokens.userId = userId;
    this.environment = {
      scheduler: this.clock,
      connectivity: this.hints,
      visibility: this.page,
      connect: async ({ token }) =>
        wrap(
          via === 'sdk'
            ? renewingSdkTransport(() => this.sdk({ token }), this.clock)
            : new InProcessTransport({ core, link: this.link, token, resumes }),
        ),
      connectClients: async (clients) => wrap(sdkTransport(clients, this.clock)),
    };
  }

  /** A session, for rooms of this device that share tokens. */
  session(source: TokenSource = this.tokens.source, options: Partial<ChatSessionOptions> = {}): BaseSession {
    return new BaseSession({ token: source, ...options }, this.environment, async () => ({ openDirectory }));
  }

  room(options: Partial<ChatRoomOptions> & Pick<ChatRoomOptions, 'room' | 'user'>): ChatRoom {
    return this.#world.roomOn(this, { ...this.#access(options), ...options });
  }

  #access({ token, session, clients }: Partial<ChatRoomOptions>): Partial<ChatRoomOptions> {
    if (token !== undefined || session !== undefined || clients !== undefined) return {};
    return this.#via === 'clients' ? { clients: this.sdk() } : { token: this.tokens.source };
  }

  /** SDK clients on this device. `token`: default the super user's key. */
  sdk({
    token,
    ...options
  }: { token?: string } & Pick<SdkClientsOptions, 'timeoutMs' | 'takesBack'> = {}): InProcessClients {
    const transport = new InProcessTransport({
      core: this.#world.engine,
      link: this.link,
      token,
      resumes: false,
    });
    const clients = new InProcessClients({ transport, scheduler: this.clock, ...options });
    this.#sdks.push(clients);
    return clients;
  }

  /** Its SDK clients begin all their streams anew by themselves. */
  restart(how: Restart): void {
    for (const clients of this.#sdks) clients.restart(how);
  }

  /** A source of its tokens that takes `ms` to answer, and what it was asked for. */
  slowTokens(ms: number): { source: RoomTokens['source']; requests: string[][] } {
    const requests: string[][] = [];
    const source: RoomTokens['source'] = async (request) => {
      requests.push([...request.rooms]);
      await new Promise<void>((resolve) => void this.#world.time.after(ms, resolve));
      return this.tokens.source(request);
    };
    return { source, requests };
  }
}
