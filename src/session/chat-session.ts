import { assertTokenSource } from './assert-token-source.js';
import { systemEnvironment } from './environment.js';
import { TokenProvider } from './token-provider.js';
import type { TokenSource } from './token-source.js';

/** Options of a {@link ChatSession}. */
export interface ChatSessionOptions {
  /** Where to get tokens: they are asked for all rooms of the session together. */
  token: TokenSource;
  /** Name of the cache that the rooms live in. Default `chat`. */
  cache?: string | undefined;
}

/**
 * One token and one pair of SDK clients for many rooms. A token of `createTokenVendor()` holds five rooms, unless
 * `authorize` grants a `{ prefix }`: a sixth room's `join()` fails with `token-unavailable`.
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
  readonly #connection: TokenProvider;

  /** @throws {@link ChatError} `invalid-argument` when there is no token source. */
  constructor(options: ChatSessionOptions) {
    this.cache = options?.cache ?? 'chat';
    assertTokenSource(options?.token);
    this.#connection = new TokenProvider({ source: options.token, environment: systemEnvironment });
  }

  /** @internal Vue leaves it as it is: no proxy reaches `#private` fields. */
  get __v_skip(): true {
    return true;
  }

  /** Ends the session for good: the rooms that still use it fail with `closed`. */
  async close(): Promise<void> {
    this.#connection.close();
  }

  /** @internal The part that rooms use. */
  get connection(): TokenProvider {
    return this.#connection;
  }
}
