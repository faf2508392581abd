import { ChatError } from '../errors.js';
import type { MomentoClients, ResponseLike } from './clients.js';
import { toChatError, unlessError } from './momento-errors.js';

/** What a room needs of whoever holds the SDK clients. */
export interface Connection {
  /** The identity inside the token, once there is one. */
  readonly userId: string | undefined;
  /** Resolves when the clients may use `room`. */
  attach(room: string): Promise<void>;
  detach(room: string): void;
  /** The clients to use now; waits for a token that is being renewed. */
  clients(): Promise<MomentoClients>;
  /** Makes a call, and once more with a new token when Momento rejects the token. Rejects with a {@link ChatError}. */
  call(what: string, make: (clients: MomentoClients) => Promise<ResponseLike>): Promise<ResponseLike>;
  /** Momento rejected the token of these clients. Resolves once there are others, rejects when there will be none. */
  rejected(clients: MomentoClients): Promise<void>;
  /** Calls `listener` whenever the clients were replaced; the returned function stops that. */
  watch(listener: ConnectionListener): () => void;
}

export interface ConnectionListener {
  /** New clients with a new token: subscriptions must move to them. */
  renewed(): void;
  /** A renewal failed, or the connection was closed. */
  failed(error: ChatError): void;
}

/** Clients that the app brought along: their credentials are the app's business. */
export class FixedConnection implements Connection {
  readonly userId = undefined;
  readonly #clients: MomentoClients;

  constructor(clients: MomentoClients) {
    this.#clients = clients;
  }

  async attach(): Promise<void> {}

  detach(): void {}

  async clients(): Promise<MomentoClients> {
    return this.#clients;
  }

  async call(what: string, make: (clients: MomentoClients) => Promise<ResponseLike>): Promise<ResponseLike> {
    try {
      return unlessError(what, await make(this.#clients));
    } catch (problem) {
      throw toChatError(what, problem);
    }
  }

  async rejected(): Promise<void> {
    throw new ChatError(
      'unauthenticated',
      'unable to stay in the room; Momento rejected the credentials of `clients`',
    );
  }

  watch(): () => void {
    return () => {};
  }
}
