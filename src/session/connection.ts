import type { Scheduler } from '../shared/clock.js';
import { ChatError } from '../shared/errors.js';
import type { MomentoClients } from '../transport/client-types.js';
import type { Transport } from '../transport/transport.js';
import type { Environment } from './environment.js';

/** The holder of the transport, as a room needs it. */
export interface Connection {
  /** The identity inside the token, once there is one. */
  readonly userId: string | undefined;
  /** Resolves when the transport may use `room`. Calls `onTrouble` with each error that another attempt follows. */
  attach(room: string, onTrouble?: OnTrouble): Promise<void>;
  detach(room: string): void;
  /** The transport for a subscription; waits for a token that is being renewed. */
  transport(): Promise<Transport>;
  /** The service answered a subscription. Others that wait before their next attempt need not. */
  reached(): void;
  /** The wall clock, set right by what the token says of the server's; see `ServerClock`. */
  now(): number;
  /** Makes a call, and once more with a new token when Momento rejects the token. Rejects with a {@link ChatError}. */
  call<Output>(make: (transport: Transport) => Promise<Output>): Promise<Output>;
  /** Momento rejected the token of this transport. Resolves once there is another, rejects when there will be none. */
  rejected(transport: Transport): Promise<void>;
  /** Calls `listener` whenever the transport was replaced; the returned function stops that. */
  watch(listener: ConnectionListener): () => void;
}

export type OnTrouble = (error: ChatError) => void;

export interface ConnectionListener {
  /** A new transport with a new token: subscriptions must move to it. */
  renewed(): void;
  /** A renewal failed, or the connection was closed. */
  failed(error: ChatError): void;
  /** The service answers again. */
  reached(): void;
}

/** Rooms on the same topic client: where one gets through, the others may as well. */
const onClient = /* @__PURE__ */ new WeakMap<object, Set<ConnectionListener>>();

/** Clients that the app brought along: their credentials are the app's business. */
export class FixedConnection implements Connection {
  readonly userId = undefined;
  readonly #clients: MomentoClients;
  readonly #environment: Environment;
  readonly #scheduler: Scheduler;
  readonly #listeners: Set<ConnectionListener>;
  #transport: Transport | undefined;

  constructor(clients: MomentoClients, environment: Environment) {
    this.#listeners = onClient.get(clients.topics) ?? new Set();
    onClient.set(clients.topics, this.#listeners);
    this.#clients = clients;
    this.#environment = environment;
    this.#scheduler = environment.scheduler;
  }

  async attach(): Promise<void> {
    this.#transport ??= await this.#environment.connectClients(this.#clients, this.#scheduler);
  }

  detach(): void {}

  async transport(): Promise<Transport> {
    if (this.#transport === undefined) throw new ChatError('closed', 'unable to go on; the room was left');
    return this.#transport;
  }

  async call<Output>(make: (transport: Transport) => Promise<Output>): Promise<Output> {
    return make(this.#transport ?? (await this.transport()));
  }

  async rejected(): Promise<void> {
    throw new ChatError(
      'unauthenticated',
      'unable to stay in the room; Momento rejected the credentials of `clients`',
    );
  }

  reached(): void {
    for (const listener of [...this.#listeners]) listener.reached();
  }

  now(): number {
    return this.#scheduler.now();
  }

  watch(listener: ConnectionListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
