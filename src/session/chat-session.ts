import { ChatError } from '../shared/errors.js';
import { assertTokenSource } from './assert-token-source.js';
import type { Connection } from './connection.js';
import type { Environment } from './environment.js';
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

/** The session itself, whatever way it takes to Momento. */
export class BaseSession {
  /** Name of the cache that the rooms live in. */
  readonly cache: string;
  readonly #pool: TokenPool;

  /** Each entry of the package gives its own `environment`, which says how to reach Momento. */
  constructor(options: ChatSessionOptions, environment: Environment) {
    this.cache = options?.cache ?? 'chat';
    assertTokenSource(options?.token);
    const { token, roomsPerToken } = options;
    if (roomsPerToken !== undefined && !(Number.isSafeInteger(roomsPerToken) && roomsPerToken > 0)) {
      throw new ChatError(
        'invalid-argument',
        'unable to create the session; `roomsPerToken` must be a positive integer',
      );
    }
    this.#pool = new TokenPool({ source: token, environment, roomsPerToken });
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
