import { type ChatError, unable } from '../shared/errors.js';
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
export function fixedConnection(clients: MomentoClients, environment: Environment): Connection {
  const { scheduler } = environment;
  const listeners = onClient.get(clients.topics) ?? new Set();
  onClient.set(clients.topics, listeners);
  let transport: Transport | undefined;
  const current = async () => {
    if (transport === undefined) throw unable('closed', 'go on', 'the room was left');
    return transport;
  };
  return {
    userId: undefined,
    async attach() {
      transport ??= await environment.connectClients(clients, scheduler);
    },
    detach() {},
    transport: current,
    call: async (make) => make(transport ?? (await current())),
    async rejected() {
      throw unable('unauthenticated', 'stay in the room', 'Momento rejected the credentials of `clients`');
    },
    reached() {
      for (const listener of [...listeners]) listener.reached();
    },
    now: () => scheduler.now(),
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
