import { PooledConnection } from '../../src/session/pooled-connection.js';
import { TokenPool } from '../../src/session/token-pool.js';
import type { TokenRequest } from '../../src/session/token-source.js';
import { ChatError } from '../../src/shared/errors.js';
import type { Transport } from '../../src/transport/transport.js';
import { inProcessWorld } from './in-process-rooms.js';
import type { VirtualTime } from './virtual-time.js';

const REJECTION = new ChatError('unauthenticated', 'unable to use the room; rejected');

/** A pool of tokens in virtual time, with a source of tokens that refuses, fails and dawdles as told. */
export class PoolBench {
  readonly time: VirtualTime;
  readonly pool: TokenPool;
  /** The requests that the source received. */
  readonly requests: { rooms: readonly string[]; reason: TokenRequest['reason'] }[] = [];
  /** Rooms that no token is given for. */
  readonly forbidden = new Set<string>();
  readonly revoked = new Set<string>();
  down = false;
  lifeSeconds = 3600;
  /** Listeners for hints of the browser that are in place. */
  watchers = 0;
  #count = 0;
  readonly #granted = new Map<string, ReadonlySet<string>>();
  readonly #tokenOf = new Map<Transport, string>();

  constructor(options: { seed?: number; roomsPerToken?: number } = {}) {
    const world = inProcessWorld({ seed: options.seed });
    this.time = world.time;
    this.pool = new TokenPool({
      source: (request) => this.#vend(request),
      roomsPerToken: options.roomsPerToken,
      environment: {
        scheduler: this.time,
        connectivity: {
          watch: () => {
            this.watchers += 1;
            return () => {
              this.watchers -= 1;
            };
          },
        },
        connect: async ({ token }) => {
          const transport = world.transport();
          this.#tokenOf.set(transport, token);
          return transport;
        },
        connectClients: async () => world.transport(),
      },
    });
  }

  connection(): PooledConnection {
    return new PooledConnection(this.pool);
  }

  /** A stay in the room, as a `RoomSync` has it. */
  stay(room: string): PoolStay {
    return new PoolStay(room, this.connection());
  }

  /** Stays in the rooms, joined in one turn and settled. */
  async joined(...rooms: string[]): Promise<PoolStay[]> {
    const stays = rooms.map((room) => this.stay(room));
    await this.time.advance(1000);
    return stays;
  }

  /** Makes a call with the room's token; resolves with the token, rejects unless it is good and covers the room. */
  async use({ room, connection }: PoolStay): Promise<string> {
    let used = '';
    await connection.call(async (transport) => {
      used = this.tokenOf(transport);
      if (this.revoked.has(used)) throw REJECTION;
      if (this.#granted.get(used)?.has(room) !== true)
        throw new ChatError('permission-denied', `unable to use the room; ${used} does not cover ${room}`);
    });
    return used;
  }

  tokenOf(transport: Transport): string {
    return this.#tokenOf.get(transport) ?? '';
  }

  async #vend({ rooms, reason }: TokenRequest) {
    this.requests.push({ rooms, reason });
    this.#count += 1;
    const token = `t${this.#count}`;
    await new Promise<void>((resolve) => this.time.after(this.time.random() * 200, resolve));
    if (this.down) throw new ChatError('token-unavailable', 'unable to get a token; it is down');
    if (rooms.some((room) => this.forbidden.has(room)))
      throw new ChatError('permission-denied', 'unable to get a token; not your room');
    this.#granted.set(token, new Set(rooms));
    return { token, exp: 0, expiresIn: this.lifeSeconds };
  }
}

/** One room's stay on a pool. */
export class PoolStay {
  readonly room: string;
  readonly connection: PooledConnection;
  outcome: 'pending' | 'attached' | 'failed' | 'left' = 'pending';
  error: ChatError | undefined;
  renewals = 0;
  readonly failures: string[] = [];
  #unwatch: (() => void) | undefined;

  constructor(room: string, connection: PooledConnection) {
    this.room = room;
    this.connection = connection;
    connection.attach(room).then(
      () => {
        if (this.outcome !== 'pending') return;
        this.outcome = 'attached';
        this.#unwatch = connection.watch({
          renewed: () => {
            this.renewals += 1;
          },
          failed: ({ code }) => this.failures.push(code),
          reached: () => this.failures.push('reached'),
        });
      },
      (error: ChatError) => {
        this.error = error;
        if (this.outcome === 'pending') this.#end('failed');
      },
    );
  }

  leave(): void {
    if (this.outcome === 'pending' || this.outcome === 'attached') this.#end('left');
  }

  #end(outcome: 'failed' | 'left'): void {
    this.outcome = outcome;
    this.#unwatch?.();
    this.connection.detach(this.room);
  }
}
