import type { Clock } from '../shared/clock.js';
import { ChatError } from '../shared/errors.js';
import type { MomentoClients, ResponseLike } from '../transport/client-types.js';
import { toChatError, unlessError } from '../transport/sdk-errors.js';

/** What a room needs of whoever holds the SDK clients. */
export interface Connection {
  /** The identity inside the token, once there is one. */
  readonly userId: string | undefined;
  /** Resolves when the clients may use `room`. */
  attach(room: string): Promise<void>;
  detach(room: string): void;
  /** The clients for one more subscription; waits for a token that is being renewed. */
  clients(): Promise<MomentoClients>;
  /** These clients take no further subscription. Rejects with a {@link ChatError} when there will be no others. */
  usedUp(clients: MomentoClients): Promise<void>;
  /** The service answered a subscription: whoever waits to try again need not. */
  reached(): void;
  /** The wall clock, set right by what the token says of the server's; see `ServerClock`. */
  now(): number;
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
  /** The service answers again. */
  reached(): void;
}

/** Clients that the app brought along: their credentials are the app's business. */
export class FixedConnection implements Connection {
  readonly userId = undefined;
  readonly #clients: MomentoClients;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(clients: MomentoClients, clock: Pick<Clock, 'now'>) {
    this.#clients = clients;
    this.#clock = clock;
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

  /** They are the app's, so nobody else can replace them; others that end may make room in those of the Node SDK. */
  async usedUp(): Promise<void> {
    throw new ChatError(
      'rate-limited',
      'unable to subscribe to the room; the topic client in `clients` has no subscription left, and that of the web SDK takes none back: give new clients, or `token` instead',
    );
  }

  reached(): void {}

  now(): number {
    return this.#clock.now();
  }

  watch(): () => void {
    return () => {};
  }
}
