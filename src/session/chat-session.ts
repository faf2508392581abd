import { Emitter } from '../shared/emitter.js';
import { invalidArgument } from '../shared/errors.js';
import { type ChatLogger, writeLog } from '../shared/logger.js';
import { roomNameProblem } from '../shared/room-name.js';
import { type ChatStats, Stats } from '../shared/stats.js';
import type { ChatStorage } from '../storage/chat-storage.js';
import { assertCommonOptions, assertTokenSource } from './common-options.js';
import type { Connection } from './connection.js';
import type { Environment } from './environment.js';
import { PooledConnection } from './pooled-connection.js';
import type { ChatSessionEvents, CompanionOptions, DirectoryBody, RoomDirectory } from './room-directory.js';
import { SessionRooms } from './session-rooms.js';
import { TokenPool } from './token-pool.js';
import type { TokenSource } from './token-source.js';

/** Options of a {@link ChatSession}. */
export interface ChatSessionOptions {
  /** Where to get tokens. Each is asked for a few rooms together, and renewed on its own. */
  token: TokenSource;
  /** Name of the cache that the rooms live in. Default `chat`. */
  cache?: string | undefined;
  /**
   * How many rooms a token is asked for at most. Default 5, as many as a token of `createTokenVendor()` holds. More where
   * `authorize` grants a `{ prefix }` or a token function makes tokens that hold more (the vendor is asked for 100 at
   * most); fewer where a `scope` of your own spends more than four of Momento's 20 permissions on a room.
   */
  roomsPerToken?: number | undefined;
  /**
   * The name under which the directory of rooms is kept, like a room that nobody chats in; tokens are asked for it. Given, what
   * is sent in the session's rooms is noted in the directory whether it is open or not. Default `rooms`.
   */
  directory?: string | undefined;
  /**
   * Reads and writes the rooms of the companion app of Momento's article as well. The token must allow its set and its topic:
   * by a `scope` of your own. Default: it does not.
   */
  companion?: CompanionOptions | undefined;
  /**
   * Where the session's rooms write what they do, such as `console`; see `ChatRoomOptions.logger`. The session itself tells,
   * as `debug`, of each token that is asked for. Default: silence.
   */
  logger?: ChatLogger | undefined;
  /** The `storage` of rooms that are given none of their own. */
  storage?: ChatStorage | undefined;
}

const ACTION = 'create the session';

/** The part of the session that the directory's code is given. */
export interface DirectoryContext {
  readonly cache: string;
  /** The name of the directory. */
  readonly directory: string;
  readonly companion: CompanionOptions | undefined;
  /** Whether what is sent is noted while it is not open. */
  readonly writes: boolean;
  readonly environment: Environment;
  readonly rooms: SessionRooms;
  /** For what is subscribed to, and for the directory's own calls. */
  openConnection(): Connection;
  /** For rooms that are only read. */
  openReader(): Connection;
  /** The names of the events that somebody listens for. */
  listened(): readonly (string | symbol)[];
  emit<Name extends keyof ChatSessionEvents>(event: Name, ...args: Parameters<ChatSessionEvents[Name]>): void;
}

/** Makes what a session loads when its directory is first used. */
export type OpenDirectory = (context: DirectoryContext) => DirectoryBody;

/** The session itself, whatever way it takes to Momento. */
export class BaseSession extends Emitter<ChatSessionEvents> {
  /** Name of the cache that the rooms live in. */
  readonly cache: string;
  /** The rooms that there are, joined or not. */
  readonly rooms: RoomDirectory;
  /** @internal What its rooms write to. */
  readonly logger: ChatLogger | undefined;
  /** @internal Where its rooms count, too. */
  readonly counts = new Stats();
  /** @internal The storage of its rooms. */
  readonly storage: ChatStorage | undefined;
  readonly #rooms: SessionRooms;
  readonly #pool: TokenPool;
  /** Tokens without a stream: whoever lists a room has it read, and each that is added renews the token it comes to. */
  readonly #readers: TokenPool;

  /**
   * Each entry of the package gives its own `environment`, which says how to reach Momento, and `load`, which loads the
   * directory's code. Its `action` completes "unable to …".
   */
  constructor(
    options: ChatSessionOptions,
    environment: Environment,
    load: (action: string) => Promise<{ openDirectory: OpenDirectory }>,
  ) {
    super();
    assertTokenSource(options?.token, ACTION);
    assertCommonOptions(options, ACTION);
    this.cache = options.cache ?? 'chat';
    this.storage = options.storage;
    const { token, roomsPerToken, companion, directory = 'rooms', logger } = options;
    if (roomsPerToken !== undefined && !(Number.isSafeInteger(roomsPerToken) && roomsPerToken > 0)) {
      throw invalidArgument(ACTION, '`roomsPerToken` must be a positive integer');
    }
    const problem = roomNameProblem(directory);
    if (problem !== undefined) throw invalidArgument(ACTION, `\`directory\`: ${problem}`);
    if (companion !== undefined && ![companion?.set, companion?.topic].every(isName))
      throw invalidArgument(ACTION, '`companion` must name a set and a topic');
    this.logger = logger;
    const tokens = {
      source: token,
      environment,
      roomsPerToken,
      onRequest: () => {
        this.counts.count('tokens');
        writeLog(logger, 'debug', 'asks for a token', { cache: this.cache });
      },
    };
    this.#pool = new TokenPool(tokens);
    this.#readers = new TokenPool(tokens);
    const writes = options.directory !== undefined;
    this.#rooms = new SessionRooms(
      async (action) =>
        (await load(action)).openDirectory({
          cache: this.cache,
          directory,
          companion,
          writes,
          environment,
          rooms: this.#rooms,
          openConnection: () => this.openConnection(),
          openReader: () => new PooledConnection(this.#readers),
          listened: () => this.eventNames(),
          emit: (event, ...args) => {
            this.emit(event, ...(args as never));
          },
        }),
      { writes },
    );
    this.rooms = this.#rooms;
  }

  /** Counts of what its rooms have done since it was made, those that were left included; see docs/observability.md. */
  get stats(): ChatStats {
    return this.counts.snapshot;
  }

  /** Ends the session for good: the rooms that still use it fail with `closed`. */
  async close(): Promise<void> {
    this.#rooms.end();
    this.#pool.close();
    this.#readers.close();
  }

  /** @internal The part that a room uses, for one join. */
  openConnection(): Connection {
    return new PooledConnection(this.#pool);
  }

  /** @internal Where joined rooms tell of themselves. */
  get joinedRooms(): SessionRooms {
    return this.#rooms;
  }
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}
