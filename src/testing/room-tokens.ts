import type { LocalEngine, LocalPermission } from '../local/index.js';
import { eventsTopic, historyKey, keyPrefix, messagesTopic } from '../shared/room-address.js';

/** A token as a vendor hands it out, for `ChatRoom` and `ChatSession`. */
export interface TestToken {
  token: string;
  /** Seconds since the Unix epoch. */
  exp: number;
  /** Seconds left; the local Momento's clock may be ahead of the browser's. */
  expiresIn: number;
  userId?: string;
  /** Where the local Momento listens. */
  endpoint?: string;
}

/**
 * Stands in for a token vendor: every room that is asked for is granted.
 *
 * @example
 * ```ts
 * const tokens = new RoomTokens(momento.engine, { cache: 'chat', endpoint: momento.url });
 * const room = new ChatRoom({ room: 'lobby', user: { name: 'Ada' }, token: tokens.source });
 * ```
 */
export class RoomTokens {
  /** For the next tokens: seconds until they end; default 3600. */
  lifeSeconds = 3600;
  /** For the next tokens: whether they may only read. Default false. */
  readOnly = false;
  /** For the next tokens: the identity inside them, which Momento vouches for. */
  userId: string | undefined;
  /** While it is set, asking for a token fails with it: a `ChatError` as it says, any other error as a passing one. */
  refusal: Error | undefined;
  readonly #engine: LocalEngine;
  readonly #cache: string;
  readonly #endpoint: string | undefined;
  #minted: TestToken[] = [];

  /**
   * @param engine - Mints them.
   * @param options - `cache`: the one that rooms live in; `endpoint`: where the local Momento listens, if it does.
   */
  constructor(engine: LocalEngine, options: { cache: string; endpoint?: string | undefined }) {
    this.#engine = engine;
    this.#cache = options.cache;
    this.#endpoint = options.endpoint;
  }

  /** Every token that was handed out, oldest first. */
  get minted(): readonly TestToken[] {
    return this.#minted;
  }

  /** A token for these rooms. It is what `ChatRoom` takes as `token`, without being bound to anything. */
  readonly source = async (request: { rooms: readonly string[] }): Promise<TestToken> => {
    if (this.refusal) throw this.refusal;
    const { userId, lifeSeconds } = this;
    const { token, exp } = this.#engine.mintToken({
      permissions: request.rooms.flatMap((room) => this.#permissions(room)),
      lifeSeconds,
      ...(userId === undefined ? {} : { tokenId: userId }),
    });
    const vended = {
      token,
      exp,
      expiresIn: lifeSeconds,
      ...(userId === undefined ? {} : { userId }),
      ...(this.#endpoint === undefined ? {} : { endpoint: this.#endpoint }),
    };
    this.#minted = [...this.#minted, vended];
    return vended;
  };

  /** Returns the grants of the server's default scope: two topics, one list, and everything under the room's prefix. */
  #permissions(room: string): LocalPermission[] {
    const common = { role: this.readOnly ? 'readonly' : 'readwrite', cache: this.#cache } as const;
    return [
      { on: 'topics', names: messagesTopic(room), ...common },
      { on: 'topics', names: eventsTopic(room), ...common },
      { on: 'items', names: historyKey(room), ...common },
      { on: 'items', names: { prefix: keyPrefix(room) }, ...common },
    ];
  }
}
