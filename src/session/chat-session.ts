import { assertTokenSource } from './assert-token-source.js';
import type { Environment } from './environment.js';
import { TokenProvider } from './token-provider.js';
import type { TokenSource } from './token-source.js';

/** Options of a `ChatSession`. */
export interface ChatSessionOptions {
  /** Where to get tokens: they are asked for all rooms of the session together. */
  token: TokenSource;
  /** Name of the cache that the rooms live in. Default `chat`. */
  cache?: string | undefined;
}

/** The session itself, whatever way it takes to Momento. */
export class BaseSession {
  /** Name of the cache that the rooms live in. */
  readonly cache: string;
  readonly #connection: TokenProvider;

  /** Each entry of the package gives its own `environment`, which says how to reach Momento. */
  constructor(options: ChatSessionOptions, environment: Environment) {
    this.cache = options?.cache ?? 'chat';
    assertTokenSource(options?.token);
    this.#connection = new TokenProvider({ source: options.token, environment });
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
