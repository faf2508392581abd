import { ChatError } from '../shared/errors.js';
import { assertTokenSource } from './assert-token-source.js';
import type { Connection } from './connection.js';
import { systemEnvironment } from './environment.js';
import { PooledConnection } from './pooled-connection.js';
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
}

/**
 * Any number of rooms on as few tokens as they need, the SDK loaded once. A token holds five rooms, see
 * {@link ChatSessionOptions.roomsPerToken}: fifty rooms share ten of them, each with a pair of SDK clients. A room that
 * joins takes the next free place, the last one to leave a token takes it along.
 *
 * Rooms that join in the same turn share requests. Where the token source refuses some of them together
 * (`permission-denied`), each asks once more for itself, so that only those fail which are refused alone.
 *
 * @example
 * ```ts
 * const session = new ChatSession({ token: '/token' });
 * const lobby = new ChatRoom({ room: 'lobby', user, session });
 * const help = new ChatRoom({ room: 'help', user, session });
 * await Promise.all([lobby.join(), help.join()]);
 * // … later
 * await Promise.all([lobby.leave(), help.leave()]);
 * await session.close();
 * ```
 */
export class ChatSession {
  /** Name of the cache that the rooms live in. */
  readonly cache: string;
  readonly #pool: TokenPool;

  /** @throws {@link ChatError} `invalid-argument`: no token source, or `roomsPerToken` is not a positive integer. */
  constructor(options: ChatSessionOptions) {
    this.cache = options?.cache ?? 'chat';
    assertTokenSource(options?.token);
    const { token, roomsPerToken } = options;
    if (roomsPerToken !== undefined && !(Number.isSafeInteger(roomsPerToken) && roomsPerToken > 0)) {
      throw new ChatError(
        'invalid-argument',
        'unable to create the session; `roomsPerToken` must be a positive integer',
      );
    }
    this.#pool = new TokenPool({ source: token, environment: systemEnvironment, roomsPerToken });
  }

  /** @internal Vue leaves it as it is: no proxy reaches `#private` fields. */
  get __v_skip(): true {
    return true;
  }

  /** Ends the session for good: the rooms that still use it fail with `closed`. */
  async close(): Promise<void> {
    this.#pool.close();
  }

  /** @internal The part that a room uses, for one stay. */
  openConnection(): Connection {
    return new PooledConnection(this.#pool);
  }
}
