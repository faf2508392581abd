import { ChatError, unable } from '../shared/errors.js';
import type { Transport } from '../transport/transport.js';
import type { Connection, ConnectionListener, OnTrouble } from './connection.js';
import type { SharedToken, TokenPool } from './token-pool.js';
import type { TokenProvider } from './token-provider.js';

/** The connection of one join of a room. It uses the token of the session that holds the room. */
export class PooledConnection implements Connection {
  readonly #pool: TokenPool;
  #token: SharedToken | undefined;

  constructor(pool: TokenPool) {
    this.#pool = pool;
  }

  get userId(): string | undefined {
    return this.#token?.provider.userId;
  }

  /** Rooms that join together share a request; one that is refused with others asks once more, for itself. */
  async attach(room: string, onTrouble?: OnTrouble): Promise<void> {
    const token = this.#pool.place(room);
    this.#token = token;
    try {
      await token.provider.attach(room, onTrouble);
    } catch (problem) {
      const refused = problem instanceof ChatError && problem.code === 'permission-denied';
      if (!refused || !token.shared || this.#token !== token) throw problem;
      await this.#attachApart(room, token, onTrouble);
    }
  }

  async #attachApart(room: string, refused: SharedToken, onTrouble?: OnTrouble): Promise<void> {
    const token = this.#pool.placeApart(room, refused);
    this.#token = token;
    this.#pool.release(refused, room);
    await token.provider.attach(room, onTrouble);
    token.sealed = false;
    refused.sealed = true;
  }

  detach(room: string): void {
    const token = this.#token;
    this.#token = undefined;
    if (token !== undefined) this.#pool.release(token, room);
  }

  async transport(): Promise<Transport> {
    return this.#provider().transport();
  }

  async call<Output>(make: (transport: Transport) => Promise<Output>): Promise<Output> {
    return this.#provider().call(make);
  }

  async rejected(transport: Transport): Promise<void> {
    return this.#provider().rejected(transport);
  }

  watch(listener: ConnectionListener): () => void {
    return this.#provider().watch(listener);
  }

  /** The service is one for all tokens. */
  reached(): void {
    this.#pool.reached();
  }

  now(): number {
    return (this.#token?.provider ?? this.#pool).now();
  }

  #provider(): TokenProvider {
    if (this.#token === undefined) throw unable('closed', 'go on', 'the room was left');
    return this.#token.provider;
  }
}
